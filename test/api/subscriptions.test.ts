import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Refusal } from '../../src/query/refusal.ts';
import type { TestServer } from '../http/open-test-server.ts';
import { until } from '../system/until.ts';
import { Channel } from './channel.ts';
import { joined, openClient } from './graphql-over-socket.ts';
import { asked, setScript } from './scripted-questions.ts';

const { openTestServer } = await import('../http/open-test-server.ts');

const DAY = 19_888; // 2024-06-14
const OPEN = { day: DAY, settled: false, asOfS: 1_718_362_800, stale: false };
const SHOP = { code: 'S1', name: 'One' };
const DEVICE = 37_221_198_280_842;
const TODAY = { mall: 'm', from: '2024-06-14', to: '2024-06-14' };
const MEGABYTE = {
  ...{ atS: 0, full: true },
  cells: [{ floor: 'x'.repeat(1 << 20), x: 0, y: 0, size: 1, devices: 1 }],
};
const WATCH = 'subscription { customerPositions(mall: "m") { left } }';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

describe('a subscription about today asks its question for the day that it is there', () => {
  test.each([
    ['mallFootfall(mall: "m") { date footfall }', TODAY, [{ ...OPEN, footfall: 3 }], { footfall: 3 }],
    [
      'newCustomers(mall: "m") { date newCustomers }',
      TODAY,
      [{ ...OPEN, newCustomers: 3 }],
      { newCustomers: 3 },
    ],
    [
      'peakHour(mall: "m") { date hourStart }',
      TODAY,
      [{ ...OPEN, hourStartS: null, footfall: 0 }],
      { hourStart: null },
    ],
    [
      'shopFootfall(mall: "m") { date entered }',
      TODAY,
      [{ ...OPEN, shop: SHOP, entered: 4 }],
      [{ entered: 4 }],
    ],
    [
      'hourlyFootfall(mall: "m") { date footfall }',
      TODAY,
      [{ ...OPEN, hourStartS: 0, footfall: 5 }],
      [{ footfall: 5 }],
    ],
    [
      'topShops(mall: "m") { date rank }',
      { mall: 'm', date: '2024-06-14', limit: 5 },
      [{ ...OPEN, rank: 1, shop: SHOP, footfall: 9 }],
      [{ rank: 1 }],
    ],
    [
      'favoriteShop(mall: "m", customer: "11V8Y4TE4A") { date visits }',
      { mall: 'm', who: { customer: '11V8Y4TE4A' }, date: '2024-06-14' },
      { ...OPEN, device: DEVICE, shop: SHOP, visits: 2, dwellS: 3 },
      { visits: 2 },
    ],
  ])('%s', async (selection, args, answer, data) => {
    const name = selection.slice(0, selection.indexOf('('));
    const today = new Channel<string>();
    today.push('2024-06-14');
    setScript({ dayUpdates: () => today, [name]: () => answer });
    const withDate = Array.isArray(data) ? data.map((row) => ({ date: '2024-06-14', ...row })) : data;
    const expected = Array.isArray(withDate) ? withDate : { date: '2024-06-14', ...withDate };
    expect(await first(selection)).toEqual({ [name]: expected });
    expect(asked).toEqual([
      { question: 'dayUpdates', args: 'm' },
      { question: name, args },
    ]);
  });

  test('presentNow(mall: "m") { footfall asOf }', async () => {
    const today = new Channel<string>();
    today.push('2024-06-14');
    setScript({
      dayUpdates: () => today,
      presentNow: () => ({ footfall: 4, asOfS: 1_718_362_800, stale: false }),
    });
    const data = await first('presentNow(mall: "m") { footfall asOf }');
    expect(data).toEqual({ presentNow: { footfall: 4, asOf: '2024-06-14T11:00:00.000Z' } });
  });

  test('and says null where there is no favourite', async () => {
    const today = new Channel<string>();
    today.push('2024-06-14');
    setScript({ dayUpdates: () => today, favoriteShop: () => null });
    expect(await first('favoriteShop(mall: "m", customer: "x") { visits }')).toEqual({ favoriteShop: null });
  });
});

test('positions are handed on as they change', async () => {
  const updates = new Channel<object>();
  const position = {
    ...{ atS: 1_718_362_800, x: 1, y: 2, floor: null, shop: SHOP, accessPoint: 1, rssiDbm: -60 },
    ...{ device: DEVICE, randomized: false, provisional: true },
  };
  updates.push({ atS: 1_718_362_800, full: true, positions: [position], left: [] });
  updates.push({ atS: 1_718_362_801, full: false, positions: [], left: [DEVICE] });
  setScript({ positionUpdates: () => updates });
  const query = `subscription {
    customerPositions(mall: "m", shop: "S1") { at full positions { customer x accessPoint provisional } left } }`;
  const [full, change] = await take(query, 2);
  const row = { customer: '11V8Y4TE4A', x: 1, accessPoint: '00:00:00:00:00:01', provisional: true };
  expect(full).toEqual({
    customerPositions: { at: '2024-06-14T11:00:00.000Z', full: true, positions: [row], left: [] },
  });
  expect(change).toMatchObject({ customerPositions: { full: false, positions: [], left: ['11V8Y4TE4A'] } });
  expect(asked).toEqual([{ question: 'positionUpdates', args: { mall: 'm', shop: 'S1' } }]);
});

test('density is handed on as it changes', async () => {
  const updates = new Channel<object>();
  updates.push({ atS: 0, full: false, cells: [{ floor: 'L1', x: 0, y: 500, size: 500, devices: 0 }] });
  setScript({ densityUpdates: () => updates });
  const data = await first('density(mall: "m") { at full cells { floor x y size devices } }');
  const cells = [{ floor: 'L1', x: 0, y: 500, size: 500, devices: 0 }];
  expect(data).toEqual({ density: { at: '1970-01-01T00:00:00.000Z', full: false, cells } });
});

describe('a subscription that fails', () => {
  test.each([
    ['when it begins', () => Promise.reject(new Refusal('UNKNOWN_MALL', 'no such mall'))],
    ['while it runs', () => failingLater()],
  ])('%s ends with its code, and the socket lives on', async (_when, updates) => {
    setScript({ positionUpdates: updates, malls: () => [] });
    const client = openClient(server.url);
    expect(await errorsOf(client.iterate({ query: WATCH }))).toMatchObject([
      { message: 'no such mall', extensions: { code: 'UNKNOWN_MALL' } },
    ]);
    const answer = await client.iterate({ query: '{ malls { code } }' }).next();
    expect(answer.value).toEqual({ data: { malls: [] } });
    await client.dispose();
  });

  async function* failingLater() {
    yield { atS: 0, full: true, positions: [], left: [] };
    throw new Refusal('UNKNOWN_MALL', 'no such mall');
  }
});

describe('what it watches is let go', () => {
  test.each([
    ['the client completes it', (socket: WebSocket) => socket.send('{"id":"1","type":"complete"}')],
    ['the client closes its socket', (socket: WebSocket) => socket.close()],
    ['the connection breaks', (socket: WebSocket) => socket.terminate()],
  ])('when %s', async (_how, end) => {
    const updates = new Channel<object>();
    setScript({ positionUpdates: () => updates });
    const socket = await openSocket(server.url);
    subscribe(socket, '1');
    updates.push({ atS: 0, full: true, positions: [], left: [] });
    await once(socket, 'message');
    end(socket);
    await updates.ended;
    socket.terminate();
  });

  test('when the server closes, with 1001 for the client', async () => {
    const updates = new Channel<object>();
    setScript({ positionUpdates: () => updates });
    const socket = await openSocket(server.url);
    subscribe(socket, '1');
    updates.push({ atS: 0, full: true, positions: [], left: [] });
    await once(socket, 'message');
    const [[code]] = await Promise.all([once(socket, 'close'), updates.ended, server.close()]);
    expect(code).toBe(1001);
  });
});

test('a stalled client holds back its own updates in bounded memory, and nobody else’s', async () => {
  const query = 'subscription { density(mall: "m") { cells { floor } } }';
  const updates = new Channel<object>();
  const again = new Channel<object>();
  const sources = [updates, again];
  setScript({ densityUpdates: () => sources.shift() });
  const stalled = await openSocket(server.url);
  let received = 0;
  stalled.on('message', () => {
    received += 1;
  });
  stalled.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  socketOf(stalled).pause();
  const reader = openClient(server.url);
  const reading = reader.iterate({ query });
  // Far more than the kernel holds for a client that does not read.
  const rounds = 64;
  const before = process.memoryUsage().arrayBuffers;
  // Both have joined before there is anything to tell.
  let next = reading.next();
  await joined(server.url, 2);
  for (let i = 0; i < rounds; i++) {
    updates.push(MEGABYTE);
    await next;
    next = reading.next();
  }
  expect(updates.taken).toBe(rounds);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((rounds / 2) * (1 << 20));
  again.push(MEGABYTE);
  socketOf(stalled).resume();
  // What it missed is told by one answer that tells all.
  await again.ended;
  await until('the last answer', () => received > 0 && stalled.bufferedAmount === 0);
  expect(received).toBeLessThan(rounds / 2);
  stalled.terminate();
  await reader.dispose();
});

test('however many clients stall, what waits for them is held once', async () => {
  const query = 'subscription { density(mall: "m") { cells { floor } } }';
  const updates = new Channel<object>();
  setScript({ densityUpdates: () => updates });
  const sockets = await Promise.all(Array.from({ length: 30 }, () => openSocket(server.url)));
  for (const socket of sockets) {
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await joined(server.url, sockets.indexOf(socket) + 1);
  }
  const [first, ...others] = sockets;
  const lively = others.pop()!;
  for (const socket of [first!, ...others]) socketOf(socket).pause();
  const before = process.memoryUsage().arrayBuffers;
  const length = 8 << 20;
  const heard = [lively, first!].map((socket) => once(socket, 'message'));
  updates.push({ ...MEGABYTE, cells: [{ ...MEGABYTE.cells[0], floor: 'x'.repeat(length) }] });
  // The last one to join is served last.
  await heard[0];
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6 * length);
  socketOf(first!).resume();
  const [message] = (await heard[1])!;
  const { payload } = JSON.parse(String(message));
  expect(payload.data.density.cells[0].floor).toHaveLength(length);
  for (const socket of sockets) socket.terminate();
});

test('one socket runs a bounded number of operations at once', async () => {
  setScript({ positionUpdates: () => new Channel<object>() });
  const socket = await openSocket(server.url);
  for (let id = 0; id <= 50; id++) subscribe(socket, String(id));
  const [message] = await once(socket, 'message');
  expect(JSON.parse(String(message))).toMatchObject({
    id: '50',
    type: 'error',
    payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }],
  });
  socket.terminate();
});

test('a message that is too long closes its own socket alone', async () => {
  const socket = await openSocket(server.url);
  socket.send(`{"id":"1","type":"subscribe","payload":{"query":"${' '.repeat(1 << 20)}"}}`);
  const [code] = await once(socket, 'close');
  expect(code).toBe(1009);
  setScript({ malls: () => [] });
  const client = openClient(server.url);
  expect((await client.iterate({ query: '{ malls { code } }' }).next()).value).toEqual({
    data: { malls: [] },
  });
  await client.dispose();
});

describe('a page of another site', () => {
  test('may not watch a server that needs no token', async () => {
    expect(await upgradeStatus(server.url, 'http://elsewhere.example')).toBe(403);
  });

  test('and the page of the server itself may', async () => {
    expect(await upgradeStatus(server.url, server.url)).toBe(101);
  });
});

describe('where a token is needed', () => {
  let guarded: TestServer;
  beforeEach(async () => {
    guarded = await openTestServer({ token: 's3cret-of-sixteen' });
  });
  afterEach(() => guarded.close());

  test.each([
    ['authorization', 'Bearer s3cret-of-sixteen'],
    ['Authorization', 'Bearer s3cret-of-sixteen'],
  ])('connection_init with %s opens the socket', async (name, value) => {
    setScript({ malls: () => [] });
    const client = openClient(guarded.url, { [name]: value });
    expect((await client.iterate({ query: '{ malls { code } }' }).next()).value).toEqual({
      data: { malls: [] },
    });
    await client.dispose();
  });

  test.each([
    [
      'a wrong token',
      { authorization: 'Bearer s3cret-of-another' },
      /^the token that was brought is not known here/,
    ],
    ['none', {}, /^bring the header "authorization: Bearer <token>"/],
  ])('connection_init with %s closes it with 4403', async (_what, params, why) => {
    const client = openClient(guarded.url, params);
    const closed = await collect(client.iterate({ query: '{ malls { code } }' })).catch(
      (event: unknown) => event,
    );
    expect(closed).toMatchObject({ code: 4403, reason: expect.stringMatching(why) });
  });
});

async function first(selection: string): Promise<unknown> {
  return (await take(`subscription { ${selection} }`, 1))[0];
}

async function take(query: string, count: number): Promise<unknown[]> {
  const client = openClient(server.url);
  const answers: unknown[] = [];
  for await (const answer of client.iterate({ query })) {
    expect(answer.errors).toBeUndefined();
    answers.push(answer.data);
    if (answers.length === count) break;
  }
  await client.dispose();
  return answers;
}

async function collect(answers: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const answer of answers) collected.push(answer);
  return collected;
}

/** The errors that an operation ended with, as its answer or instead of one. */
async function errorsOf(answers: AsyncIterable<{ errors?: unknown }>): Promise<unknown> {
  try {
    for await (const { errors } of answers) if (errors) return errors;
    return undefined;
  } catch (errors) {
    return errors;
  }
}

async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  return socket;
}

function subscribe(socket: WebSocket, id: string): void {
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: WATCH } }));
}

async function upgradeStatus(url: string, origin: string): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin });
  return new Promise((resolve) => {
    socket.once('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

/** The connection under a client's socket: pausing it is what a client does that no longer reads. */
function socketOf(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}
