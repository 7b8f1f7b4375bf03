import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { customer } from '../../src/query/customer.ts';
import { customerShops } from '../../src/query/customer-shops.ts';
import { customerTrack } from '../../src/query/customer-track.ts';
import { favoriteShops } from '../../src/query/favorite-shops.ts';
import { hourlyFootfall } from '../../src/query/hourly-footfall.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const WHO = { mac: 'a4:c3:61:00:00:01' };
/** Forgetting is looked at once an hour. */
const HOUR_S = 3_600;

let running: RunningMalls;
afterEach(() => running.close());

/** The mall at noon, a device heard a moment ago. */
async function open(keep: { keepRawDays?: number; keepCustomerDays?: number }): Promise<void> {
  running = await RunningMalls.open(keep);
  await running.send(probe(1, NOON_S - 60), probe(2, NOON_S));
}

/** Lets days go by, each with a record of its own, settled and expired. */
async function passDays(days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    await running.passS(DAY_S);
    await running.send(probe(7, running.nowS));
  }
}

describe('raw records', () => {
  test('are kept for good until it is said how long', async () => {
    await open({});
    await running.passS(DAY_S);
    await running.passS(1_000 * DAY_S);
    expect(await running.rawRecords(TODAY)).toBe(2);
    expect(await running.send(probe(1, NOON_S))).toMatchObject({ kept: 1 });
  });

  test('of three days are kept, that of today among them; older ones go once their day is frozen', async () => {
    await open({ keepRawDays: 3 });
    await passDays(2);
    expect(await running.rawRecords(TODAY)).toBe(2);
    await passDays(1);
    expect(await running.rawRecords(TODAY)).toBe(0);
    expect(await running.rawRecords(dateOf(NOON_S + DAY_S))).toBe(1);
  });

  test('of a day are never gone before its records are refused', async () => {
    await open({ keepRawDays: 3 });
    const seen: [kept: boolean, raw: boolean][] = [];
    for (let hour = 0; hour < 4 * 24; hour += 4) {
      const receipt = await running.send(probe(3, NOON_S));
      seen.push([receipt.kind === 'received' && receipt.kept === 1, (await running.rawRecords(TODAY)) > 0]);
      await running.passS(4 * HOUR_S);
    }
    expect(seen).not.toContainEqual([true, false]);
    expect(seen.at(0)).toEqual([true, true]);
    expect(seen.at(-1)).toEqual([false, false]);
  });

  test('of a day that could not settle stay, and so do those of all later days, until it has', async () => {
    await open({ keepRawDays: 2 });
    running.steered.refuse('replaceDay', new StoreUnavailable('replace a day', new Error('disk full')));
    await passDays(4);
    expect(await running.rawRecords(TODAY)).toBe(2);
    expect(await running.rawRecords(dateOf(NOON_S + DAY_S))).toBe(1);
    running.steered.goOn('replaceDay');
    await running.passS(HOUR_S);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
    await running.passS(HOUR_S);
    expect(await running.rawRecords(TODAY)).toBe(0);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
  });

  test('are not forgotten while an import goes on, whose records were judged when it began', async () => {
    await open({ keepRawDays: 2 });
    await running.passS(DAY_S);
    await running.passS(DAY_S / 2 - 60);
    const files = (async function* () {
      yield { name: 'a', bytes: Readable.from([Buffer.from(`${probe(3, NOON_S + DAY_S)}\n`)]) };
      await running.passS(HOUR_S);
      await running.passS(HOUR_S);
      yield { name: 'b', bytes: Readable.from([Buffer.from(`${probe(3, NOON_S)}\n`)]) };
    })();
    await running.malls.importFiles(MALL, files, () => undefined);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 3, newCustomers: 3, settled: true });
  });

  test('are not forgotten in the hour in which a record received before midnight may still be kept', async () => {
    await open({ keepRawDays: 2 });
    await running.passS(DAY_S);
    await running.passS(DAY_S / 2 - 1);
    const committing = running.steered.hold('commit');
    const sent = running.send(probe(3, NOON_S));
    await committing;
    await running.passS(HOUR_S);
    running.steered.goOn('commit');
    expect(await sent).toMatchObject({ kept: 1 });
    await running.passS(600);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 3, newCustomers: 3, settled: true });
  });

  test('stay when forgetting them fails, and go the next time', async () => {
    await open({ keepRawDays: 2 });
    running.steered.refuse('expire', new StoreUnavailable('expire', new Error('disk full')));
    await passDays(3);
    expect(new Set(running.logged)).toEqual(
      new Set(['could not forget what is no longer kept; it is tried again']),
    );
    expect(await running.rawRecords(TODAY)).toBe(2);
    running.steered.goOn('expire');
    await running.passS(HOUR_S);
    expect(await running.rawRecords(TODAY)).toBe(0);
  });
});

describe('a frozen day', () => {
  test('takes no record, and keeps its answers however it is asked to settle', async () => {
    await open({ keepRawDays: 2 });
    await passDays(2);
    expect(await running.send(probe(9, NOON_S))).toMatchObject({ kept: 0, dropped: { too_old: 1 } });
    const import_ = await running.import({ file: Buffer.from(probe(9, NOON_S)) });
    expect(import_).toMatchObject({ kept: 0, dropped: { too_old: 1 }, days: [] });
    const settled = await running.malls.settle(MALL, { to: TODAY });
    expect(settled).toEqual([]);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
    const hours = await hourlyFootfall(running.ask, { mall: MALL, from: TODAY, to: TODAY });
    expect(hours.reduce((sum, { footfall }) => sum + footfall, 0)).toBe(2);
  });

  test('keeps its customers in the record: they are not new again', async () => {
    await open({ keepRawDays: 2, keepCustomerDays: 2 });
    await passDays(4);
    running = await running.reopen();
    await running.send(probe(1, running.nowS));
    expect(await running.footfall(dateOf(running.nowS))).toMatchObject({ footfall: 2, newCustomers: 0 });
    expect(await customer(running.ask, { mall: MALL, who: WHO })).toMatchObject({ firstSeenS: NOON_S - 60 });
  });
});

describe('a question about what is gone', () => {
  const track = (date: string) => customerTrack(running.ask, { mall: MALL, who: WHO, date });
  const shops = (date: string) => customerShops(running.ask, { mall: MALL, who: WHO, date });
  const favorites = (date: string) => favoriteShops(running.ask, { mall: MALL, date, first: 10 });

  test('says so, and from which day on there are answers', async () => {
    await open({ keepRawDays: 2, keepCustomerDays: 3 });
    await passDays(1);
    for (const question of [track, shops, favorites]) await expect(question(TODAY)).resolves.toBeDefined();
    await passDays(1);
    await expect(track(TODAY)).rejects.toMatchObject({
      code: 'EXPIRED',
      message: `raw records before ${dateOf(NOON_S + DAY_S)} are no longer kept; ask from that day on`,
    });
    for (const question of [shops, favorites]) await expect(question(TODAY)).resolves.toBeDefined();
    await passDays(1);
    for (const question of [shops, favorites]) {
      await expect(question(TODAY)).rejects.toMatchObject({
        code: 'EXPIRED',
        message: `rows of single customers before ${dateOf(NOON_S + DAY_S)} are no longer kept; ask from that day on`,
      });
      await expect(question(dateOf(NOON_S + DAY_S))).resolves.toBeDefined();
    }
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
  });

  test('says so after a restart that keeps everything from now on', async () => {
    await open({ keepRawDays: 2, keepCustomerDays: 2 });
    await passDays(3);
    running = await running.reopen({ keepRawDays: 500, keepCustomerDays: 500 });
    await expect(track(TODAY)).rejects.toMatchObject({ code: 'EXPIRED' });
    await expect(favorites(TODAY)).rejects.toMatchObject({ code: 'EXPIRED' });
    await expect(favorites(dateOf(running.nowS - DAY_S))).resolves.toBeDefined();
  });
});

test('dead letters are forgotten after their days', async () => {
  await open({});
  await running.send('{"user_device_mac":"somebody"}');
  await running.passS(7 * DAY_S - 1);
  expect(await running.malls.deadLetters(MALL, { limit: 10 })).toHaveLength(1);
  await running.passS(HOUR_S);
  expect(await running.malls.deadLetters(MALL, { limit: 10 })).toEqual([]);
});
