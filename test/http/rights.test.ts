import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { KeyBook, makeKey } from '../../src/access/key-book.ts';
import { Rights } from '../../src/access/rights.ts';
import { contextOfRequest, contextOfSubscription } from '../../src/api/api-context.ts';
import { Deadline } from '../../src/api/deadline.ts';
import type { Ask } from '../../src/query/answers.ts';
import type { ApiKey } from '../../src/store/store.ts';
import { Channel } from '../api/channel.ts';
import { asked, setScript } from '../api/scripted-questions.ts';
import type { TestServer } from './open-test-server.ts';

const { openTestServer } = await import('./open-test-server.ts');

const NOW_S = 1_718_362_800;
const TOKEN = 's3cret-of-sixteen';
const DAYS = 'from: "2024-06-14", to: "2024-06-14"';

let server: TestServer;
let nowS: number;
let keyOf: (scopes: readonly string[], malls?: readonly string[] | 'all', forS?: number) => string;
let revoke: (text: string) => void;
let posted: string[];
beforeEach(async () => {
  nowS = NOW_S;
  posted = [];
  let tell: (key: ApiKey) => void = () => undefined;
  const keys = await KeyBook.open({
    list: async () => [],
    put: async () => undefined,
    watch: async (onPut) => {
      tell = onPut;
      return () => undefined;
    },
  });
  const made = new Map<string, ApiKey>();
  keyOf = (scopes, malls = ['m'], forS) => {
    const wish = { name: 'test', scopes, malls, expiresAtS: forS === undefined ? null : nowS + forS };
    const { key, text } = makeKey(wish, { random: randomBytes, nowS });
    made.set(text, key);
    tell(key);
    return text;
  };
  revoke = (text) => tell({ ...made.get(text)!, revokedAtS: nowS });
  const doorkeeper = new Doorkeeper({ token: TOKEN, keys, clock: { nowS: () => nowS } });
  const intake = {
    receive: async (mall: string) => {
      posted.push(mall);
      return { kind: 'received', kept: 1, dropped: {} } as const;
    },
  };
  const ask = { codes: () => ['m', 'n'], served: () => undefined } as unknown as Ask;
  server = await openTestServer({ doorkeeper, intake, ask });
});
afterEach(() => server.close());

async function query(text: string, token?: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: text }),
  });
  const body = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  return {
    status: response.status,
    data: body.data,
    codes: body.errors?.map(({ extensions }) => extensions.code),
  };
}

/** Every question, and the scopes without which it is refused. */
const QUESTIONS: readonly (readonly [question: string, needs: readonly string[]])[] = [
  ['malls { code }', ['analytics']],
  ['mall(code: "m") { code }', ['analytics']],
  [`mallFootfall(mall: "m", ${DAYS}) { footfall }`, ['analytics']],
  [`hourlyFootfall(mall: "m", ${DAYS}) { footfall }`, ['analytics']],
  [`shopFootfall(mall: "m", ${DAYS}) { footfall }`, ['analytics']],
  [`newCustomers(mall: "m", ${DAYS}) { newCustomers }`, ['analytics']],
  [`peakHour(mall: "m", ${DAYS}) { footfall }`, ['analytics']],
  [`ingest(mall: "m", ${DAYS}) { kept }`, ['analytics']],
  ['topShops(mall: "m", date: "2024-06-14") { rank }', ['analytics']],
  ['presentNow(mall: "m") { footfall }', ['analytics']],
  ['density(mall: "m") { devices }', ['analytics']],
  [
    'densityHistory(mall: "m", from: "2024-06-14T10:00:00Z", to: "2024-06-14T11:00:00Z") { pageInfo { hasNextPage } }',
    ['analytics'],
  ],
  ['customerPositions(mall: "m") { x }', ['positions']],
  ['customerTrack(mall: "m", customer: "11V8Y4TE4A", date: "2024-06-14") { x }', ['positions', 'customers']],
  ['favoriteShop(mall: "m", customer: "11V8Y4TE4A", date: "2024-06-14") { visits }', ['customers']],
  ['favoriteShops(mall: "m", date: "2024-06-14") { pageInfo { hasNextPage } }', ['customers']],
  ['repeatShops(mall: "m", date: "2024-06-14") { pageInfo { hasNextPage } }', ['customers']],
  ['customerShops(mall: "m", customer: "11V8Y4TE4A", date: "2024-06-14") { visits }', ['customers']],
  ['customer(mall: "m", customer: "11V8Y4TE4A") { firstSeen }', ['customers']],
  ['customer(mall: "m", mac: "a4:c3:61:0b:22:01") { firstSeen }', ['customers', 'identify']],
  [
    'favoriteShop(mall: "m", mac: "a4:c3:61:0b:22:01", date: "2024-06-14") { visits }',
    ['customers', 'identify'],
  ],
  [
    'customerShops(mall: "m", mac: "a4:c3:61:0b:22:01", date: "2024-06-14") { visits }',
    ['customers', 'identify'],
  ],
  [
    'customerTrack(mall: "m", mac: "a4:c3:61:0b:22:01", date: "2024-06-14") { x }',
    ['positions', 'customers', 'identify'],
  ],
];
const ALL_SCOPES = ['analytics', 'positions', 'customers', 'identify', 'ingest', 'admin'];

describe('a question is asked with the scopes that it needs, and with none of them missing', () => {
  const page = { nodes: [], endCursor: null, hasNextPage: false };
  const answerOf = (question: string) =>
    /pageInfo/.test(question) ? page : /^(customer|favoriteShop)\(/.test(question) ? null : [];

  test.each(QUESTIONS)('%s', async (question, needs) => {
    const name = /^\w+/.exec(question)![0];
    const known = { code: 'm', name: 'M', timeZone: 'UTC', today: 0, shops: [] };
    const answer =
      name === 'mall'
        ? known
        : name === 'presentNow'
          ? { footfall: 1, asOfS: 0, stale: false }
          : answerOf(question);
    setScript({ [name]: () => answer });
    expect(await query(`{ ${question} }`, keyOf(needs))).toMatchObject({ status: 200, codes: undefined });
    asked.length = 0;
    for (const missing of needs) {
      const scopes = ALL_SCOPES.filter((scope) => scope !== missing);
      expect(await query(`{ ${question} }`, keyOf(scopes))).toMatchObject({ codes: ['FORBIDDEN'] });
    }
    if (name !== 'malls') {
      expect(await query(`{ ${question} }`, keyOf(ALL_SCOPES, ['n']))).toMatchObject({
        codes: ['FORBIDDEN'],
      });
    }
    expect(asked).toEqual([]);
  });

  test('and its description says which', async () => {
    const type = '{ __type(name: "Query") { fields { name description } } }';
    const { data } = await query(type, TOKEN);
    const { fields } = (data as { __type: { fields: { name: string; description: string }[] } }).__type;
    expect(new Set(QUESTIONS.map(([question]) => /^\w+/.exec(question)![0]))).toEqual(
      new Set(fields.map(({ name }) => name)),
    );
    expect(fields.find(({ name }) => name === 'customerTrack')!.description).toMatch(
      /Needs `positions` and `customers`\.$/,
    );
  });
});

test('an alias, a fragment and a second question do not get around it', async () => {
  setScript({ mallFootfall: () => [] });
  const text = `query { mine: mallFootfall(mall: "m", ${DAYS}) { footfall } ...more }
    fragment more on Query { theirs: mallFootfall(mall: "n", ${DAYS}) { footfall } }`;
  const { codes } = await query(text, keyOf(['analytics']));
  expect(codes).toEqual(['FORBIDDEN']);
  expect(asked).toHaveLength(1);
});

test('what a question knows of malls are those of its asker', () => {
  const store = { until: () => store };
  const ask = { codes: () => ['m', 'n'], served: (code: string) => ({ code }), store } as unknown as Ask;
  const deadline = new Deadline(1_000);
  const rights = new Rights({ holder: 'x', malls: ['n', 'gone'], scopes: ['analytics'] });
  for (const context of [contextOfRequest(ask, rights, deadline), contextOfSubscription(ask, rights)]) {
    expect(context.ask.codes()).toEqual(['n']);
    expect([context.ask.served('m'), context.ask.served('n')]).toEqual([undefined, { code: 'n' }]);
  }
});

test.each([
  ['no token', () => undefined],
  ['another token', () => 'nonsense-of-sixteen'],
  ['an expired key', () => keyOf(['analytics'], ['m'], -1)],
  [
    'a revoked key',
    () => {
      const text = keyOf(['analytics']);
      revoke(text);
      return text;
    },
  ],
])('%s is 401 everywhere', async (_what, token) => {
  const bearer = token();
  expect(await query('{ malls { code } }', bearer)).toMatchObject({
    status: 401,
    codes: ['UNAUTHENTICATED'],
  });
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(bearer && { authorization: `Bearer ${bearer}` }),
  };
  const post = await fetch(`${server.url}/v1/probes/m`, { method: 'POST', headers, body: '{}' });
  const metrics = await fetch(`${server.url}/metrics`, { headers });
  expect([post.status, metrics.status]).toEqual([401, 401]);
  expect(posted).toEqual([]);
});

test.each([
  ['records of its mall', 'ingest', '/v1/probes/m', 200],
  ['records of another mall', 'ingest', '/v1/probes/n', 403],
  ['records without the scope', 'admin', '/v1/probes/m', 403],
])('%s', async (_what, scope, path, status) => {
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${keyOf([scope])}` };
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: '{"x":1}' });
  expect(response.status).toBe(status);
  expect(posted).toEqual(status === 200 ? ['m'] : []);
});

test.each([
  ['admin', 200],
  ['analytics', 403],
])('metrics with the scope %s: %i', async (scope, status) => {
  const headers = { authorization: `Bearer ${keyOf([scope])}` };
  expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(status);
});

describe('over a WebSocket', () => {
  async function connect(token?: string) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const payload = token === undefined ? {} : { authorization: `Bearer ${token}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    return socket;
  }
  const next = async (socket: WebSocket) => JSON.parse(String((await once(socket, 'message'))[0]));

  test.each([
    ['no token', () => undefined, 'bring the header'],
    ['an expired key', () => keyOf(['analytics'], ['m'], -1), 'has expired'],
  ])('%s is closed with 4403, and told why', async (_what, token, why) => {
    const socket = await connect(token());
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4403, expect.stringContaining(why)]);
  });

  test.each([
    ['a scope that is missing', 'subscription { customerPositions(mall: "m") { left } }'],
    ['a mall of others', 'subscription { mallFootfall(mall: "n") { footfall } }'],
    ['a query, too', '{ customerPositions(mall: "m") { x } }'],
  ])('%s is refused, and the socket lives on', async (_what, text) => {
    setScript({});
    const socket = await connect(keyOf(['analytics']));
    await next(socket);
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: text } }));
    const { type, payload } = await next(socket);
    const errors = type === 'error' ? payload : payload.errors;
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
    expect(asked).toEqual([]);
  });

  test.each([
    ['its key is revoked', (text: string) => revoke(text)],
    [
      'its key expires',
      () => {
        nowS += 3_600;
      },
    ],
  ])(
    'a subscription ends within two seconds when %s',
    async (_when, end) => {
      const updates = new Channel<object>();
      setScript({ positionUpdates: () => updates });
      const text = keyOf(['positions'], ['m'], 3_600);
      const socket = await connect(text);
      await next(socket);
      const subscribe = { query: 'subscription { customerPositions(mall: "m") { left } }' };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: subscribe }));
      updates.push({ atS: 0, full: true, positions: [], left: [] });
      expect(await next(socket)).toMatchObject({ type: 'next' });
      end(text);
      const [[code, reason]] = await Promise.all([once(socket, 'close'), updates.ended]);
      expect([code, String(reason)]).toEqual([4403, 'the token has expired or was revoked']);
    },
    2_500,
  );
});
