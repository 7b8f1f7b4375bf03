import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { askHttp } from './graphql-over-http.ts';
import { RawSocket } from './open-socket.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());
/** Whatever one socket did, the others are answered. */
afterEach(async () => {
  expect((await askHttp(server.url, '{ malls { code } }')).body).toEqual({ data: { malls: [] } });
});

const INIT = { type: 'connection_init' };
const MALLS = { query: '{ malls { code } }' };
const ENDLESS = { query: `subscription { presentNow(mall: "${MALL}") { footfall } }` };

describe('a socket that says what it must not is closed, with the code that says why', () => {
  test.each<[string, readonly unknown[], number]>([
    ['no JSON', ['hello'], 4400],
    ['half of a message', ['{"type":"connection_init"'], 4400],
    ['a list', ['[]'], 4400],
    ['nothing', ['null'], 4400],
    ['a message of no type', [{ payload: {} }], 4400],
    ['a message of an unknown type', [INIT, { type: 'start', id: '1', payload: MALLS }], 4400],
    ['a question without an id', [INIT, { type: 'subscribe', payload: MALLS }], 4400],
    ['a question without a query', [INIT, { type: 'subscribe', id: '1', payload: {} }], 4400],
    ['connection_init twice', [INIT, INIT], 4429],
    ['a question before connection_init', [{ type: 'subscribe', id: '1', payload: MALLS }], 4401],
    ['a question before connection_ack', [INIT, { type: 'subscribe', id: '1', payload: MALLS }], 4401],
    ['a question with an id of no signs', [INIT, { type: 'subscribe', id: '', payload: MALLS }], 4400],
  ])('%s: %#', async (_what, messages, code) => {
    const raw = await RawSocket.open(server.url);
    for (const message of messages) raw.send(message);
    expect((await raw.closed).code).toBe(code);
  });

  test('an id that is taken', async () => {
    const mall = await TestMall.open();
    const busy = await openTestServer({ ask: mall.ask });
    const raw = await RawSocket.openAndInit(busy.url);
    raw.send({ type: 'subscribe', id: '1', payload: ENDLESS });
    expect(await raw.next()).toMatchObject({ id: '1', type: 'next' });
    raw.send({ type: 'subscribe', id: '1', payload: MALLS });
    expect((await raw.closed).code).toBe(4409);
    await busy.close();
    await mall.close();
  });

  test('bytes that are no text', async () => {
    const raw = await RawSocket.open(server.url);
    raw.socket.send(Buffer.from([0xff, 0xfe, 0x00, 0x80]), { binary: false });
    expect((await raw.closed).code).toBe(1007);
  });

  test('no protocol at all', async () => {
    const raw = await RawSocket.open(server.url, []);
    expect((await raw.closed).code).toBe(4406);
  });

  test('nothing for three seconds', async () => {
    const raw = await RawSocket.open(server.url);
    expect((await raw.closed).code).toBe(4408);
    expect(raw.heard).toEqual([]);
  });
});

test('what a client says after it was told to go is not heard', async () => {
  let asked = 0;
  const counting = await openTestServer({
    ask: {
      codes: () => {
        asked++;
        return [];
      },
    },
  });
  const raw = await RawSocket.openAndInit(counting.url);
  raw.stayOn();
  raw.send('hello');
  for (let id = 1; id <= 3; id++) raw.send({ type: 'subscribe', id: String(id), payload: MALLS });
  // By the time that others have been answered, it would have been, too.
  for (let turn = 0; turn < 3; turn++) await askHttp(counting.url, MALLS.query);
  const ofOthers = asked;
  await askHttp(counting.url, MALLS.query);
  expect(ofOthers).toBe(3 * (asked - ofOthers));
  expect(raw.heard.slice(1)).toEqual([]);
  raw.socket.terminate();
  await counting.close();
});

test('a ping is answered, before connection_init too', async () => {
  const raw = await RawSocket.open(server.url);
  raw.send({ type: 'ping', payload: { at: 1 } });
  expect(await raw.next()).toEqual({ type: 'pong', payload: { at: 1 } });
  raw.socket.terminate();
});

test('what is completed and was never begun is nobody’s mistake', async () => {
  const raw = await RawSocket.openAndInit(server.url);
  raw.send({ type: 'complete', id: 'nothing' });
  raw.send({ type: 'subscribe', id: '1', payload: MALLS });
  expect(await raw.next()).toEqual({ id: '1', type: 'next', payload: { data: { malls: [] } } });
  expect(await raw.next()).toEqual({ id: '1', type: 'complete' });
  raw.socket.terminate();
});

test('a mistake in a question is its own alone: the socket goes on', async () => {
  const raw = await RawSocket.openAndInit(server.url);
  raw.send({ type: 'subscribe', id: '1', payload: { query: '{ nothing }' } });
  expect(await raw.next()).toMatchObject({
    id: '1',
    type: 'error',
    payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  raw.send({ type: 'subscribe', id: '1', payload: MALLS });
  expect(await raw.next()).toMatchObject({ id: '1', type: 'next' });
  raw.socket.terminate();
});
