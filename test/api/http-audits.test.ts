import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

/** What the draft of GraphQL over HTTP recommends, and is done otherwise here on purpose: the audit, and why. */
const DONE_OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['572B', 'a text that is not GraphQL has run nothing: 400 says so to whoever looks at the status alone'],
  ['FDE2', 'a query that does not fit the schema has run nothing: 400, whichever JSON type was asked for'],
  ['7B9B', 'variables that do not fit have run nothing: 400, whichever JSON type was asked for'],
]);

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

/**
 * A GET without a header that only a program sets is refused, since a page of another site can send it: the audits
 * know nothing of that, so each of theirs gets the header.
 */
function fetchAsProgram(url: string, init: RequestInit = {}): Promise<Response> {
  if (init.method === 'POST') return fetch(url, init);
  return fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } });
}

const AUDITS = serverAudits({ url: () => `${server.url}/graphql`, fetchFn: fetchAsProgram }).map((audit) => ({
  ...audit,
  isMust: audit.name.startsWith('MUST'),
}));

describe('GraphQL over HTTP, as its audits have it: the server', () => {
  test.each(AUDITS.filter(({ id }) => !DONE_OTHERWISE.has(id)))('$name ($id)', async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
  });

  test.each([...DONE_OTHERWISE])('does otherwise than audit %s says: %s', async (id) => {
    const audit = AUDITS.find((known) => known.id === id);
    expect(await audit?.fn()).toMatchObject({ status: expect.stringMatching(/^(warn|notice)$/) });
  });

  test('does nothing otherwise that it must', () => {
    const musts = AUDITS.filter(({ isMust }) => isMust).map(({ id }) => id);
    expect(musts.length).toBeGreaterThan(0);
    expect(musts.filter((id) => DONE_OTHERWISE.has(id))).toEqual([]);
  });
});

// The audits about validation and variables send a text that is no GraphQL, and a variable that nothing uses.
describe.each(['application/json', 'application/graphql-response+json'])(
  'a question that cannot run, asked for as %s, is answered with 400 and no data',
  (accept) => {
    test.each([
      ['a text that ends too early', '{', {}, 'GRAPHQL_PARSE_FAILED'],
      ['a field that is not there', '{ malls { codes } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'null for a variable that may not be null',
        'query Named($mall: String!) { mall(code: $mall) { name } }',
        { mall: null },
        'BAD_USER_INPUT',
      ],
    ])('%s', async (_what, query, variables, code) => {
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query, variables }),
      });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain(accept);
      const body = await answer.json();
      expect(body).toMatchObject({ errors: [{ extensions: { code } }] });
      expect(body).not.toHaveProperty('data');
    });
  },
);
