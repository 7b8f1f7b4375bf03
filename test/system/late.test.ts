import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Served } from '../../src/commands/serve.ts';
import { ask, createHome, customerOf, type Home, post, startSystem } from './system.ts';

/** 2024-05-10 12:00 in Tokyo, where the mall `edges` is. */
const NOON_S = Date.parse('2024-05-10T12:00:00+09:00') / 1000;
const DAY_S = 86_400;

let home: Home;
let served: Served;
let nowS: number;

beforeEach(() => {
  nowS = NOON_S;
  home = createHome(['edges']);
});

afterEach(async () => {
  await served.close();
  home.remove();
});

async function open(env: Record<string, string> = {}): Promise<void> {
  Object.assign(home.env, env);
  served = await startSystem(home, { clock: { nowS: () => nowS } });
}

/** Moves the clock, and waits until every day that is due then has settled. */
async function passS(seconds: number): Promise<void> {
  nowS += seconds;
  served.embedded.malls.tick();
  await served.embedded.malls.settled();
}

const record = (mac: string, atS: number) =>
  JSON.stringify({
    shop_code: 'S1',
    occur_time: String(atS),
    user_device_mac: mac,
    rssi: '-60',
    ap_mac: '3c:8c:f8:00:01:01',
  });

const send = async (...lines: string[]) => {
  const { status, answer } = await post(served.url, 'edges', lines.join('\n'));
  expect(status).toBe(200);
  return answer;
};

async function day(date: string) {
  const { mallFootfall } = await ask<{
    mallFootfall: { footfall: number; newCustomers: number; settled: boolean; asOf: string | null }[];
  }>(
    served.url,
    `query ($date: LocalDate!) {
      mallFootfall(mall: "edges", from: $date, to: $date) { footfall newCustomers settled asOf }
    }`,
    { date },
  );
  return mallFootfall[0]!;
}

const A = 'a4:c3:61:00:0a:01';
const B = 'a4:c3:61:00:0a:02';

describe('a day', () => {
  test('is open and counts at once, then settles two hours after its end', async () => {
    await open();
    await send(record(A, NOON_S - 60));
    expect(await day('2024-05-10')).toEqual({
      footfall: 1,
      newCustomers: 1,
      settled: false,
      asOf: new Date(NOON_S * 1000).toISOString(),
    });
    await passS(12 * 3_600 + 7_199);
    expect((await day('2024-05-10')).settled).toBe(false);
    await passS(1);
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, newCustomers: 1, settled: true });
  });

  test('settled, keeps its numbers when a late record comes, until it settles again after the quiet time', async () => {
    await open();
    await send(record(A, NOON_S));
    await passS(DAY_S);
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, settled: true });
    const settledAt = (await day('2024-05-10')).asOf;
    await send(record(B, NOON_S));
    expect(await day('2024-05-10')).toEqual({
      footfall: 1,
      newCustomers: 1,
      settled: false,
      asOf: settledAt,
    });
    await passS(29);
    expect((await day('2024-05-10')).footfall).toBe(1);
    await passS(1);
    expect(await day('2024-05-10')).toMatchObject({ footfall: 2, newCustomers: 2, settled: true });
  });

  test('unsettled before a restart is unsettled after it, and settles then', async () => {
    await open();
    await send(record(A, NOON_S));
    await passS(DAY_S);
    await send(record(B, NOON_S));
    await served.close();
    await open();
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, settled: false });
    await passS(30);
    expect(await day('2024-05-10')).toMatchObject({ footfall: 2, settled: true });
  });

  test('frozen, takes no record and keeps its numbers', async () => {
    await open({ FOOTFALL_KEEP_RAW_DAYS: '3' });
    await send(record(A, NOON_S));
    await passS(DAY_S);
    await passS(2 * DAY_S);
    expect(await send(record(B, NOON_S))).toEqual({ kept: 0, dropped: { too_old: 1 } });
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, settled: true });
    await passS(3_600);
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, settled: true });
    await expect(
      ask(served.url, `{ customerTrack(mall: "edges", mac: "${A}", date: "2024-05-10") { at } }`),
    ).rejects.toThrow('EXPIRED');
  });

  test('stays frozen after its raw records are gone, though they are kept longer from now on', async () => {
    await open({ FOOTFALL_KEEP_RAW_DAYS: '3' });
    await send(record(A, NOON_S));
    await passS(DAY_S);
    await passS(2 * DAY_S);
    await passS(3_600);
    await served.close();
    await open({ FOOTFALL_KEEP_RAW_DAYS: '30' });
    expect(await send(record(B, NOON_S))).toEqual({ kept: 0, dropped: { too_old: 1 } });
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, settled: true });
  });
});

describe('a first second that moves to an earlier day', () => {
  test('counts as new there once that day settles, and the same commit corrects the day it moved from', async () => {
    await open();
    await send(record(A, NOON_S - DAY_S), record(B, NOON_S));
    await passS(2 * DAY_S);
    expect((await day('2024-05-10')).newCustomers).toBe(1);
    await send(record(B, NOON_S - DAY_S));
    expect((await day('2024-05-09')).newCustomers).toBe(1);
    expect((await day('2024-05-10')).newCustomers).toBe(1);
    await passS(30);
    expect(await day('2024-05-09')).toMatchObject({ newCustomers: 2, settled: true });
    expect(await day('2024-05-10')).toMatchObject({ footfall: 1, newCustomers: 0, settled: true });
  });

  test('is the same after a restart between the late record and its settlement', async () => {
    await open();
    await send(record(A, NOON_S - DAY_S), record(B, NOON_S));
    await passS(2 * DAY_S);
    await send(record(B, NOON_S - DAY_S));
    await served.close();
    await open();
    await passS(30);
    expect((await day('2024-05-09')).newCustomers).toBe(2);
    expect((await day('2024-05-10')).newCustomers).toBe(0);
    const { customer } = await ask<{ customer: { firstSeen: string } }>(
      served.url,
      `{ customer(mall: "edges", customer: "${customerOf(B)}") { firstSeen } }`,
    );
    expect(customer.firstSeen).toBe(new Date((NOON_S - DAY_S) * 1000).toISOString());
  });
});

test('the day after midnight is counted beside the day before it', async () => {
  await open();
  await send(record(A, NOON_S));
  nowS = NOON_S + 12 * 3_600 + 60;
  await send(record(A, nowS - 90), record(B, nowS));
  expect((await day('2024-05-10')).footfall).toBe(1);
  expect(await day('2024-05-11')).toMatchObject({ footfall: 1, newCustomers: 1, settled: false });
});

test('of more than four unsettled days the newest four are counted live, and all of them when they settle', async () => {
  await open();
  for (let back = 6; back >= 0; back--) await send(record(A, NOON_S - back * DAY_S));
  expect((await day('2024-05-10')).footfall).toBe(1);
  await passS(DAY_S);
  for (let back = 0; back <= 6; back++) {
    const date = new Date((NOON_S - back * DAY_S) * 1000).toISOString().slice(0, 10);
    expect(await day(date)).toMatchObject({ footfall: 1, settled: true, newCustomers: back === 6 ? 1 : 0 });
  }
});
