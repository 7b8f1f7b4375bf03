import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Served } from '../../src/commands/serve.ts';
import { type Probe, wire } from './probe.ts';
import { ask, createHome, customerOf, type Home, post, startSystem } from './system.ts';
import { until } from './until.ts';
import { type Watched, watch } from './watch.ts';

/** 2024-05-10 12:00 in Tokyo, where the mall `edges` is. */
const NOON_S = Date.parse('2024-05-10T12:00:00+09:00') / 1000;
const A = 'a4:c3:61:00:0a:01';
const B = 'a4:c3:61:00:0a:02';
/** In the mall's own list of customers, so never new. */
const KNOWN = 'a4:c3:61:00:00:11';
/** Access points of the plan, at (400, -400) and (800, -100). */
const AT_S1 = { shop: 'S1', accessPoint: '3c:8c:f8:00:01:01' };
const AT_S2 = { shop: 'S2', accessPoint: '3c:8c:f8:00:01:02' };

let home: Home;
let served: Served;
let nowS: number;
let watched: Watched<unknown>[];

beforeEach(async () => {
  nowS = NOON_S;
  watched = [];
  home = createHome(['edges']);
  served = await startSystem(home, { clock: { nowS: () => nowS } });
});

afterEach(async () => {
  for (const one of watched) await one.close();
  await served.close();
  home.remove();
});

function subscribe<T>(selection: string): Watched<T> {
  const one = watch<T>(served.url, selection);
  watched.push(one);
  return one;
}

async function hear(...probes: Probe[]): Promise<void> {
  const { answer } = await post(
    served.url,
    'edges',
    probes.map((probe) => wire({ rssi: -60, ...probe })).join('\n'),
  );
  expect(answer).toEqual({ kept: probes.length, dropped: {} });
}

/** Moves the clock on; what has changed is told now. */
function pass(seconds: number): void {
  nowS += seconds;
  served.embedded.malls.tick();
}

const onDay = (date: string) => ({ date, settled: false });
const MAY_10 = onDay('2024-05-10');
const shopRow = (code: string, numbers: object) => ({ shop: { code }, ...numbers });

/** Each is watched from noon, when nobody has come; then A comes, and a minute later a known customer, both to S1. */
describe('what is watched of today comes at once, and again when it changes', () => {
  test.each<[string, unknown, unknown]>([
    [
      'mallFootfall(mall: "edges") { date footfall newCustomers returningCustomers settled }',
      { ...MAY_10, footfall: 0, newCustomers: 0, returningCustomers: 0 },
      { ...MAY_10, footfall: 2, newCustomers: 1, returningCustomers: 1 },
    ],
    [
      'newCustomers(mall: "edges") { date newCustomers settled }',
      { ...MAY_10, newCustomers: 0 },
      { ...MAY_10, newCustomers: 1 },
    ],
    [
      'peakHour(mall: "edges") { date hourStart footfall settled }',
      { ...MAY_10, hourStart: null, footfall: 0 },
      { ...MAY_10, hourStart: '2024-05-10T02:00:00.000Z', footfall: 2 },
    ],
    [
      'shopFootfall(mall: "edges") { shop { code } footfall }',
      ['S1', 'S2', 'S3'].map((code) => shopRow(code, { footfall: 0 })),
      ['S1', 'S2', 'S3'].map((code) => shopRow(code, { footfall: code === 'S1' ? 2 : 0 })),
    ],
    [
      'topShops(mall: "edges") { rank shop { code } footfall }',
      [],
      [shopRow('S1', { rank: 1, footfall: 2 })],
    ],
    ['presentNow(mall: "edges") { footfall }', { footfall: 0 }, { footfall: 2 }],
    [
      'hourlyFootfall(mall: "edges") { footfall }',
      Array.from({ length: 24 }, () => ({ footfall: 0 })),
      Array.from({ length: 24 }, (_, hour) => ({ footfall: hour === 11 ? 2 : 0 })),
    ],
  ])('%s', async (selection, before, after) => {
    const updates = subscribe(selection);
    expect(await updates.next()).toEqual(before);
    // Both within one second: nobody is told in between.
    await hear({ mac: A, atS: NOON_S - 60, ...AT_S1 });
    served.embedded.malls.tick();
    await hear({ mac: KNOWN, atS: NOON_S - 1, ...AT_S1 });
    pass(1);
    expect(await updates.next()).toEqual(after);
  });
});

describe('at local midnight the new day’s answer comes, without a record', () => {
  test.each<[string, unknown]>([
    ['mallFootfall(mall: "edges") { date footfall }', { date: '2024-05-11', footfall: 0 }],
    ['newCustomers(mall: "edges") { date newCustomers }', { date: '2024-05-11', newCustomers: 0 }],
    ['peakHour(mall: "edges") { date footfall }', { date: '2024-05-11', footfall: 0 }],
    ['shopFootfall(mall: "edges") { date footfall }', Array(3).fill({ date: '2024-05-11', footfall: 0 })],
    ['hourlyFootfall(mall: "edges") { date footfall }', Array(24).fill({ date: '2024-05-11', footfall: 0 })],
    ['topShops(mall: "edges") { date footfall }', []],
    [`favoriteShop(mall: "edges", customer: "${customerOf(A)}") { date }`, null],
  ])('%s', async (selection, newDay) => {
    nowS = Date.parse('2024-05-10T23:59:59+09:00') / 1000;
    await hear({ mac: A, atS: nowS - 120, ...AT_S1 }, { mac: B, atS: nowS, ...AT_S1 });
    const updates = subscribe(selection);
    expect(await updates.next()).not.toEqual(newDay);
    pass(1);
    expect(await updates.next()).toEqual(newDay);
  });
});

test('present now changes without a record too, ten minutes after somebody was last heard', async () => {
  await hear({ mac: A, atS: NOON_S }, { mac: B, atS: NOON_S - 300 });
  const updates = subscribe('presentNow(mall: "edges") { footfall }');
  expect(await updates.next()).toEqual({ footfall: 2 });
  pass(300);
  expect(await updates.next()).toEqual({ footfall: 1 });
  pass(300);
  expect(await updates.next()).toEqual({ footfall: 0 });
});

test('a favourite shop comes at once, and again when it is another or visited more', async () => {
  const updates = subscribe(
    `favoriteShop(mall: "edges", customer: "${customerOf(A)}") { shop { code } visits dwellSeconds }`,
  );
  expect(await updates.next()).toBeNull();
  // Visits are decided up to a minute before the newest record, here that of somebody else.
  await hear(
    { mac: A, atS: NOON_S - 90, ...AT_S1 },
    { mac: A, atS: NOON_S - 70, ...AT_S1 },
    { mac: B, atS: NOON_S },
  );
  pass(1);
  expect(await updates.next()).toEqual({ shop: { code: 'S1' }, visits: 1, dwellSeconds: 20 });
  nowS = NOON_S + 59;
  await hear(
    { mac: A, atS: NOON_S - 50, ...AT_S2 },
    { mac: A, atS: NOON_S - 10, ...AT_S2 },
    { mac: B, atS: nowS },
  );
  pass(1);
  expect(await updates.next()).toEqual({ shop: { code: 'S2' }, visits: 1, dwellSeconds: 40 });
});

interface PositionsUpdate {
  readonly full: boolean;
  readonly positions: readonly {
    readonly customer: string;
    readonly shop: { readonly code: string } | null;
  }[];
  readonly left: readonly string[];
}

/** What a client shows that follows the rule: put `positions`, remove `left`, and begin anew with what is full. */
function shown(updates: readonly PositionsUpdate[]): Record<string, string | null> {
  const places = new Map<string, string | null>();
  for (const { full, positions, left } of updates) {
    if (full) places.clear();
    for (const { customer, shop } of positions) places.set(customer, shop?.code ?? null);
    for (const customer of left) places.delete(customer);
  }
  return Object.fromEntries(places);
}

const untilShown = (updates: Watched<PositionsUpdate>, places: Record<string, string | null>) =>
  until(`positions to be ${JSON.stringify(places)}`, () => {
    const now = shown(updates.answers);
    return Object.keys(now).length === Object.keys(places).length &&
      Object.entries(places).every(([customer, shop]) => now[customer] === shop)
      ? true
      : undefined;
  });

describe('customer positions', () => {
  const FIELDS = '{ full positions { customer shop { code } } left }';

  test('are all told at once, then those that changed, and those out of view for ten minutes', async () => {
    await hear({ mac: A, atS: NOON_S, ...AT_S1 }, { mac: B, atS: NOON_S });
    const updates = subscribe<PositionsUpdate>(`customerPositions(mall: "edges") ${FIELDS}`);
    expect(await updates.next()).toMatchObject({ full: true, left: [] });
    await untilShown(updates, { [customerOf(A)]: 'S1', [customerOf(B)]: null });
    nowS += 30;
    await hear({ mac: A, atS: nowS, ...AT_S2 });
    pass(1);
    await untilShown(updates, { [customerOf(A)]: 'S2', [customerOf(B)]: null });
    pass(570);
    await untilShown(updates, { [customerOf(A)]: 'S2' });
    expect(updates.answers.filter(({ full }) => full)).toHaveLength(1);
    expect(updates.answers.flatMap(({ left }) => left)).toEqual([customerOf(B)]);
  });

  test('of one shop are those whose last position is there; who goes elsewhere has left', async () => {
    await hear({ mac: A, atS: NOON_S, ...AT_S1 }, { mac: B, atS: NOON_S, ...AT_S2 });
    const updates = subscribe<PositionsUpdate>(`customerPositions(mall: "edges", shop: "S1") ${FIELDS}`);
    await updates.next();
    await untilShown(updates, { [customerOf(A)]: 'S1' });
    nowS += 30;
    await hear({ mac: A, atS: nowS, ...AT_S2 }, { mac: B, atS: nowS, ...AT_S1 });
    pass(1);
    await untilShown(updates, { [customerOf(B)]: 'S1' });
    expect(updates.answers.flatMap(({ left }) => left)).toEqual([customerOf(A)]);
  });
});

test('density is told in full at once, then the squares that changed, emptied ones with 0', async () => {
  await hear({ mac: A, atS: NOON_S, ...AT_S1 }, { mac: B, atS: NOON_S, ...AT_S1 });
  const updates = subscribe('density(mall: "edges") { full cells { x y devices } }');
  expect(await updates.next()).toEqual({ full: true, cells: [{ x: 0, y: -500, devices: 2 }] });
  nowS += 30;
  await hear({ mac: B, atS: nowS, ...AT_S2 });
  pass(1);
  const moved = [
    { x: 0, y: -500, devices: 1 },
    { x: 500, y: -500, devices: 1 },
  ];
  expect(await updates.next()).toEqual({ full: false, cells: moved });
  pass(30);
  expect(await updates.next()).toEqual({ full: false, cells: [{ x: 0, y: -500, devices: 0 }] });
});

/** Far more than the kernel holds for a client that does not read: 1,000 devices, 2 KiB each, in every frame. */
describe('a client that stops reading', () => {
  const FRAMES = 16;
  const devices = Array.from({ length: 1_000 }, (_, i) => `a4:c3:62:00:${hex(i >> 8)}:${hex(i & 255)}`);
  const wordy = Array.from({ length: 10 }, (_, i) => `a${i}${'x'.repeat(200)}: at`).join(' ');

  async function frame(): Promise<void> {
    nowS += 1;
    await hear(...devices.map((mac) => ({ mac, atS: nowS, ...AT_S1 })));
    served.embedded.malls.tick();
  }

  test('neither delays another, nor is anything kept for it but the newest: awake, it is told all of it again', async () => {
    await frame();
    const socket = await openSocket();
    const received: PositionsUpdate[] = [];
    socket.on('message', (message) => {
      received.push((JSON.parse(String(message)) as Next).payload.data.customerPositions);
    });
    const query = `subscription { customerPositions(mall: "edges") { at full left positions { customer ${wordy} } } }`;
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    await until('its first answer', () => received.length > 0);
    connectionOf(socket).pause();

    const reader = subscribe<PositionsUpdate & { at: string }>(
      'customerPositions(mall: "edges") { at full positions { customer } left }',
    );
    expect(await reader.next()).toMatchObject({ full: true });
    for (let i = 0; i < FRAMES; i++) {
      await frame();
      const at = new Date(nowS * 1000).toISOString();
      await until('the other one to be told', () => reader.answers.some((answer) => answer.at === at));
    }
    expect(reader.answers.filter(({ full }) => full)).toHaveLength(1);

    connectionOf(socket).resume();
    const isWhole = ({ full }: PositionsUpdate, i: number) => i > 0 && full;
    const whole = await until('everything again', () => received.find(isWhole));
    expect(whole.positions).toHaveLength(devices.length);
    expect(whole.positions[0]).toMatchObject({
      [`a0${'x'.repeat(200)}`]: new Date(nowS * 1000).toISOString(),
    });
    expect(received.length).toBeLessThan(FRAMES);
    socket.terminate();
    expect(await ask(served.url, '{ malls { code } }')).toEqual({ malls: [{ code: 'edges' }] });
  });

  interface Next {
    readonly payload: { readonly data: { readonly customerPositions: PositionsUpdate } };
  }

  async function openSocket(): Promise<WebSocket> {
    const socket = new WebSocket(`${served.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    return socket;
  }

  /** The connection under a client's socket: pausing it is what a client does that no longer reads. */
  function connectionOf(socket: WebSocket): Socket {
    return (socket as unknown as { _socket: Socket })._socket;
  }

  function hex(byte: number): string {
    return byte.toString(16).padStart(2, '0');
  }
});
