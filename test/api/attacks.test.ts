import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { KeyBook, makeKey } from '../../src/access/key-book.ts';
import { HeldRows } from '../../src/query/held-rows.ts';
import type { ApiKey } from '../../src/store/store.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { askHttp } from './graphql-over-http.ts';
import { RawSocket } from './open-socket.ts';

const TOKEN = 'the-token-of-the-operator';
const HEADERS_MS = 400;

let mall: TestMall;
let server: TestServer;
const keys: ApiKey[] = [];
beforeAll(async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-11 10:00:00', 'A', 1, -50], [1, '2024-06-11 10:01:00', 'A', 1, -50]);
  await mall.settle('2024-06-11');
  const read = keyOf('reader', ['analytics', 'customers']);
  const less = keyOf('less', ['analytics']);
  texts = { read, less };
  const book = await KeyBook.open({
    list: async () => keys,
    put: async () => undefined,
    watch: async () => () => undefined,
  });
  const doorkeeper = new Doorkeeper({ token: TOKEN, clock: mall.ask.clock, keys: book });
  server = await openTestServer({
    doorkeeper,
    ask: { ...mall.ask, held: new HeldRows() },
    headersMsMax: HEADERS_MS,
  });
});
afterAll(async () => {
  await server.close();
  await mall.close();
});

let texts: { readonly read: string; readonly less: string };
function keyOf(name: string, scopes: readonly string[]): string {
  const made = makeKey(
    { name, malls: [MALL], scopes, expiresAtS: null },
    { random: (bytes) => Buffer.alloc(bytes, keys.length + 1), nowS: 0 },
  );
  keys.push(made.key);
  return made.text;
}

test('an answer that was kept for one key is not given to another that may see less, nor to nobody', async () => {
  const query = `{ favoriteShops(mall: "${MALL}", date: "2024-06-11") { nodes { customer visits } } }`;
  for (let i = 0; i < 3; i++) {
    const { body } = await askHttp(server.url, query, { token: texts.read });
    expect(body).toMatchObject({ data: { favoriteShops: { nodes: [{ visits: 1 }] } } });
  }
  const { body } = await askHttp(server.url, query, { token: texts.less });
  expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect((await askHttp(server.url, query)).status).toBe(401);
});

test('whoever may see less than another is told the same of what both may see', async () => {
  const query = `{ topShops(mall: "${MALL}", date: "2024-06-11") { footfall } }`;
  const [one, other] = await Promise.all(
    [texts.read, texts.less].map(async (token) => (await askHttp(server.url, query, { token })).body),
  );
  expect(one).toEqual({ data: { topShops: [{ footfall: 1 }] } });
  expect(other).toEqual(one);
});

test('5,000 subscriptions on one socket: fifty run, the others are refused, and the socket stays', async () => {
  const raw = await RawSocket.openAndInit(server.url, { authorization: `Bearer ${texts.read}` });
  const query = `subscription { presentNow(mall: "${MALL}") { footfall } }`;
  for (let id = 0; id < 5_000; id++) raw.send({ type: 'subscribe', id: String(id), payload: { query } });
  const answered = new Map<unknown, number>();
  while ((answered.get('error') ?? 0) < 4_950 || (answered.get('next') ?? 0) < 50) {
    const { type } = await raw.next();
    answered.set(type, (answered.get(type) ?? 0) + 1);
  }
  const refusals = raw.heard.filter(({ type }) => type === 'error');
  expect(refusals).toHaveLength(4_950);
  expect(refusals[0]).toMatchObject({ payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }] });
  raw.socket.terminate();
});

test('connection_init of 20 MB is read no further than a message may be long', async () => {
  const raw = await RawSocket.open(server.url);
  raw.send(`{"type":"connection_init","payload":{"authorization":"${'x'.repeat(20 << 20)}"}}`);
  expect((await raw.closed).code).toBe(1009);
});

test.each([
  ['an upgrade', `GET /graphql HTTP/1.1\r\nHost: ${MALL}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`],
  ['a question', `POST /graphql HTTP/1.1\r\nHost: ${MALL}\r\n`],
])('%s whose headers never end is cut off', async (_what, head) => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const ended = until(socket);
  socket.write(head);
  const drip = setInterval(() => socket.write('x: y\r\n'), HEADERS_MS / 10);
  expect(await ended).toMatch(/^HTTP\/1.1 408 /);
  clearInterval(drip);
});

/** All that is answered, until the other end closes. */
async function until(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}
