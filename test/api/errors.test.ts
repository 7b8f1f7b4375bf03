import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../src/api/error-codes.ts';
import { Refusal, type RefusalCode } from '../../src/query/refusal.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import type { TestServer } from '../http/open-test-server.ts';
import { askHttp, type GraphqlBody } from './graphql-over-http.ts';
import { askSocket } from './graphql-over-socket.ts';
import { setScript } from './scripted-questions.ts';

const REFUSALS: readonly RefusalCode[] = [
  'UNKNOWN_MALL',
  'BAD_DATE',
  'BAD_RANGE',
  'RANGE_TOO_WIDE',
  'ANSWER_TOO_LARGE',
  'BAD_ARGUMENT',
  'BAD_CUSTOMER',
  'BAD_CURSOR',
  'EXPIRED',
];
const QUESTION = '{ presentNow(mall: "m") { footfall } }';
const SECRET = 'SELECT secret FROM devices';

let server: TestServer;
beforeAll(async () => {
  const { openTestServer } = await import('../http/open-test-server.ts');
  server = await openTestServer();
});
afterAll(() => server.close());

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<GraphqlBody>;
const overHttp: Ask = async (query, variables = {}) => (await askHttp(server.url, query, { variables })).body;
const overSocket: Ask = (query, variables) => askSocket(server.url, query, variables);

describe.each([
  ['HTTP', overHttp],
  ['a WebSocket', overSocket],
])('over %s', (_name, ask) => {
  test.each(REFUSALS)(
    'a question refused with %s has that code, and the message of the refusal',
    async (code) => {
      setScript({
        presentNow: () => {
          throw new Refusal(code, 'what would be right');
        },
      });
      const { errors } = await ask(QUESTION);
      expect(errors).toMatchObject([
        { message: 'what would be right', path: ['presentNow'], extensions: { code } },
      ]);
    },
  );

  test('a store that does not answer is STORE_UNAVAILABLE, without the words of the database', async () => {
    setScript({
      presentNow: () => {
        throw new StoreUnavailable('read the day', new Error(SECRET));
      },
    });
    const { errors } = await ask(QUESTION);
    expect(errors?.[0]?.extensions).toEqual({ code: 'STORE_UNAVAILABLE' });
    expect(JSON.stringify(errors)).not.toContain('SELECT');
  });

  test('what nobody foresaw is logged under an id, which is all that the asker sees', async () => {
    setScript({
      presentNow: () => {
        throw new Error(SECRET);
      },
    });
    const { errors } = await ask(QUESTION);
    const id = errors?.[0]?.extensions.id;
    expect(errors?.[0]?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id: expect.any(String) });
    expect(errors?.[0]?.message).toContain(id);
    expect(JSON.stringify(errors)).not.toMatch(/SELECT|\.ts|at /);
    expect(server.logged.find((line) => line.id === id)).toMatchObject({
      level: 50,
      err: { message: SECRET },
    });
  });

  test('an answer that breaks the schema is our mistake, not the asker’s', async () => {
    setScript({ presentNow: () => ({ footfall: null, asOfS: 0, stale: false }) });
    const { errors } = await ask(QUESTION);
    expect(errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
  });

  test.each([
    ['text that is not GraphQL', '{ presentNow(', {}, 'GRAPHQL_PARSE_FAILED'],
    ['text nested beyond all measure', `${'{ a '.repeat(3000)}`, {}, 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', '{ visitors }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing argument', '{ presentNow { footfall } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of another type',
      'query ($m: String!) { presentNow(mall: $m) { footfall } }',
      { m: 7 },
      'BAD_USER_INPUT',
    ],
    [
      'a variable that is missing',
      'query ($m: String!) { presentNow(mall: $m) { footfall } }',
      {},
      'BAD_USER_INPUT',
    ],
    [
      'two operations and no name',
      'query A { malls { code } } query B { malls { code } }',
      {},
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a mutation', 'mutation { x }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a date that does not exist', '{ topShops(mall: "m", date: "2024-02-30") { rank } }', {}, 'BAD_DATE'],
    ['a number for a date', '{ topShops(mall: "m", date: 20240614) { rank } }', {}, 'BAD_DATE'],
    [
      'a date that does not exist, in a variable',
      'query ($d: LocalDate!) { topShops(mall: "m", date: $d) { rank } }',
      { d: '14.06.2024' },
      'BAD_DATE',
    ],
    ['a date for an instant', '{ density(mall: "m", at: "2024-06-14") { x } }', {}, 'BAD_DATE'],
    [
      'both a customer and a MAC',
      '{ customer(mall: "m", customer: "a", mac: "b") { customer } }',
      {},
      'BAD_ARGUMENT',
    ],
    ['neither a customer nor a MAC', '{ customer(mall: "m") { customer } }', {}, 'BAD_ARGUMENT'],
  ])('%s is refused', async (_what, query, variables, code) => {
    setScript({});
    const { errors } = await ask(query, variables);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code }]);
  });

  test('a mutation is told where records go', async () => {
    const { errors } = await ask('mutation { addRecord(mall: "m") }');
    expect(errors?.[0]?.message).toContain('records go to POST /v1/probes/<mall>');
  });

  test('fields nested as deep as a text may be are refused, wherever the stack ends', async () => {
    const { errors } = await ask(`${'{ a '.repeat(1660)}${'}'.repeat(1660)}`);
    expect(errors?.[0]?.extensions.code).toMatch(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
  });

  test('a date that does not exist is refused with what would be right', async () => {
    const { errors } = await ask('{ topShops(mall: "m", date: "2024-02-30") { rank } }');
    expect(errors?.[0]?.message).toBe(
      '"2024-02-30" is not a date that exists; write it as YYYY-MM-DD, like 2024-06-14',
    );
  });
});

describe('requests that are not GraphQL over HTTP', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  test.each([
    ['plain text, as another site could send it', { 'content-type': 'text/plain' }, '{}', 400, 'BAD_REQUEST'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text that is not JSON', JSON_TYPE, '{', 400, 'BAD_REQUEST'],
    ['no query', JSON_TYPE, '{}', 400, 'BAD_REQUEST'],
    ['an empty body', JSON_TYPE, '', 400, 'BAD_REQUEST'],
    ['a list of queries', JSON_TYPE, '[{"query":"{malls{code}}"}]', 400, 'BAD_REQUEST'],
    ['a body over 1 MiB', JSON_TYPE, ' '.repeat((1 << 20) + 1), 413, 'PAYLOAD_TOO_LARGE'],
    [
      'a persisted query',
      JSON_TYPE,
      `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'0'.repeat(64)}"}}}`,
      200,
      'PERSISTED_QUERY_NOT_FOUND',
    ],
  ])('%s is refused', async (_what, headers, body, status, code) => {
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  test.each([
    ['mutation', 'mutation { x }', 'GRAPHQL_VALIDATION_FAILED', 'POST /v1/probes/<mall>'],
    ['subscription', 'subscription { presentNow(mall: "m") { footfall } }', 'BAD_REQUEST', 'WebSocket'],
  ])(
    'a %s is refused with what would be right, and is no mistake of the server',
    async (_, query, code, said) => {
      const loggedBefore = server.logged.length;
      const { status, body } = await askHttp(server.url, query);
      expect([status, body.errors]).toMatchObject([400, [{ extensions: { code } }]]);
      expect(body.errors?.[0]?.message).toContain(said);
      expect(server.logged.length).toBe(loggedBefore);
    },
  );

  test('of several operations the one that is asked for is run, whatever the others are', async () => {
    setScript({ presentNow: () => ({ footfall: 7, asOfS: 0, stale: false }) });
    const query = `query Now ${QUESTION} subscription Live ${QUESTION} mutation Never { x }`;
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ query, operationName: 'Now' }),
    });
    expect(await answer.json()).toMatchObject({ data: { presentNow: { footfall: 7 } } });
  });

  test('a GET without a header that only programs send is refused, as another site could have sent it', async () => {
    const answer = await fetch(`${server.url}/graphql?query={malls{code}}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });
});

test('every refusal of a question is on the list of codes', () => {
  expect(Object.keys(ERROR_CODES)).toEqual(expect.arrayContaining([...REFUSALS]));
});
