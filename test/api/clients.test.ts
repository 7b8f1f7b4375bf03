import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import type { FormattedExecutionResult } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import type { Sink } from 'graphql-ws';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { testOnlyWhere } from '../only-where.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { openClient } from './graphql-over-socket.ts';

const TOKEN = 'the-token-of-the-operator';
const DATE = '2024-06-14';
const TOTALS = `query Totals($mall: String!, $date: LocalDate!) {
  mallFootfall(mall: $mall, from: $date, to: $date) { date footfall settled asOf }
}`;
const VARIABLES = { mall: MALL, date: DATE };
const ROW = { date: DATE, footfall: 1, settled: false, asOf: '2024-06-14T12:00:00.000Z' };

let mall: TestMall;
let server: TestServer;
beforeAll(async () => {
  mall = await TestMall.open({ now: `${DATE} 12:00:00` });
  server = await openTestServer({ ask: mall.ask, token: TOKEN });
  await mall.hear([1, `${DATE} 10:00:00`, 'A', 1, -50]);
});
afterAll(async () => {
  await server.close();
  await mall.close();
});

const authorization = `Bearer ${TOKEN}`;

test('graphql-request asks, and is told what is wrong', async () => {
  const client = new GraphQLClient(`${server.url}/graphql`, { headers: { authorization } });
  expect(await client.request(TOTALS, VARIABLES)).toEqual({ mallFootfall: [ROW] });
  await expect(client.request(TOTALS, { ...VARIABLES, mall: 'nowhere' })).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'UNKNOWN_MALL' } }] },
  });
});

test.each([false, true])(
  'urql asks, and watches over graphql-ws (GET preferred: %s)',
  async (preferGetMethod) => {
    const socket = openClient(server.url, { authorization });
    const client = new Client({
      url: `${server.url}/graphql`,
      preferGetMethod,
      fetchOptions: { headers: { authorization, 'apollo-require-preflight': 'true' } },
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: socket.subscribe(
                { query, variables: variables as Record<string, unknown> },
                sink as Sink<FormattedExecutionResult>,
              ),
            }),
          }),
        }),
      ],
    });
    const { data, error } = await client.query(TOTALS, VARIABLES).toPromise();
    expect([data, error]).toEqual([{ mallFootfall: [ROW] }, undefined]);
    const live = 'subscription ($mall: String!) { mallFootfall(mall: $mall) { date footfall settled asOf } }';
    const watched = client.subscription(live, { mall: MALL });
    const first = await new Promise<unknown>((resolve) => {
      const { unsubscribe } = watched.subscribe((result) => {
        resolve(result.data ?? result.error);
        setImmediate(() => unsubscribe());
      });
    });
    expect(first).toEqual({ mallFootfall: ROW });
    await socket.dispose();
  },
);

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);
testOnlyWhere(
  hasCurl,
  'curl as a client',
  'there is no curl on the PATH',
)('curl asks by POST, and again by GET whether what it has still holds', async () => {
  const body = JSON.stringify({ query: TOTALS, variables: VARIABLES });
  const common = ['-sS', '-H', `authorization: ${authorization}`];
  const post = await run('curl', [
    ...common,
    '-H',
    'content-type: application/json',
    '-d',
    body,
    `${server.url}/graphql`,
  ]);
  expect(JSON.parse(post.stdout)).toEqual({ data: { mallFootfall: [ROW] } });
  const query = `{ mallFootfall(mall: "${MALL}", from: "2024-06-10", to: "2024-06-10") { footfall } }`;
  const get = [
    ...common,
    '-G',
    '--data-urlencode',
    `query=${query}`,
    '-H',
    'apollo-require-preflight: true',
    `${server.url}/graphql`,
  ];
  const { stdout } = await run('curl', ['-i', ...get]);
  const [, etag] = /^etag: (\S+)/m.exec(stdout)!;
  const again = await run('curl', [
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '-H',
    `if-none-match: ${etag}`,
    ...get,
  ]);
  expect(again.stdout).toBe('304');
});
