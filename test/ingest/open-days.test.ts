import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import { customerPositions } from '../../src/query/customer-positions.ts';
import { favoriteShops } from '../../src/query/favorite-shops.ts';
import { presentNow } from '../../src/query/present-now.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
/** Midnight, at which today ends. */
const MIDNIGHT_S = NOON_S + DAY_S / 2;
const daysAgoS = (days: number) => NOON_S - days * DAY_S;

let running: RunningMalls;
beforeEach(async () => {
  running = await RunningMalls.open();
});
afterEach(() => running.close());

const openDay = (date: string) => running.mall.live.openDay(parseDay(date)!);
const live = (date: string) => openDay(date)?.totals().footfall;

describe('of more than four days that wait to settle', () => {
  test('the oldest gives way to a newer one, keeps its count so far, and counts all of it when it settles', async () => {
    for (const days of [4, 3, 2, 1]) await running.send(probe(1, daysAgoS(days)));
    expect(live(dateOf(daysAgoS(4)))).toBe(1);
    await running.send(probe(1, NOON_S));
    await running.send(probe(2, daysAgoS(4)));
    expect(live(TODAY)).toBe(1);
    expect(live(dateOf(daysAgoS(4)))).toBe(1);
    await running.malls.settle(MALL, {});
    expect(await running.footfall(dateOf(daysAgoS(4)))).toEqual({
      footfall: 2,
      newCustomers: 2,
      settled: true,
    });
  });

  test('one older than all four is kept, is not counted live, and settles like the others', async () => {
    for (const days of [0, 1, 2, 3, 7]) await running.send(probe(1, daysAgoS(days)));
    expect(openDay(dateOf(daysAgoS(7)))).toBeUndefined();
    expect(await running.rawRecords(dateOf(daysAgoS(7)))).toBe(1);
    await running.malls.settle(MALL, {});
    expect(await running.footfall(dateOf(daysAgoS(7)))).toEqual({
      footfall: 1,
      newCustomers: 1,
      settled: true,
    });
    expect(await running.footfall(dateOf(daysAgoS(3)))).toEqual({
      footfall: 1,
      newCustomers: 0,
      settled: true,
    });
  });

  test('a day has its place back once another has settled', async () => {
    for (const days of [0, 1, 2, 3, 7]) await running.send(probe(1, daysAgoS(days)));
    await running.malls.settle(MALL, { from: dateOf(daysAgoS(3)), to: dateOf(daysAgoS(1)) });
    await running.send(probe(2, daysAgoS(7)));
    expect(live(dateOf(daysAgoS(7)))).toBe(2);
  });
});

describe('after a restart', () => {
  test('the newest four days that wait go on with the counts they had', async () => {
    await running.send(probe(99, daysAgoS(7)));
    for (const days of [3, 2, 1, 0]) {
      await running.send(
        probe(1, daysAgoS(days)),
        probe(2, daysAgoS(days)),
        probe(1, daysAgoS(days) + 900, 'S2'),
      );
    }
    const totals = () =>
      [3, 2, 1, 0]
        .map((days) => openDay(dateOf(daysAgoS(days)))!)
        .map((day) => [day.totals(), day.shops(), day.hours(), day.asOfS]);
    running.malls.tick();
    const counted = totals();
    running = await running.reopen();
    expect(totals()).toEqual(counted);
    expect(openDay(dateOf(daysAgoS(7)))).toBeUndefined();
    await running.send(probe(3, NOON_S));
    expect(live(TODAY)).toBe(3);
  });

  test('a settled day is not folded again', async () => {
    await running.send(probe(1, daysAgoS(1)));
    await running.malls.settle(MALL, {});
    running = await running.reopen();
    expect(openDay(dateOf(daysAgoS(1)))).toBeUndefined();
    await running.send(probe(2, daysAgoS(1)));
    expect(openDay(dateOf(daysAgoS(1)))).toBeUndefined();
    expect(await running.footfall(dateOf(daysAgoS(1)))).toMatchObject({ footfall: 1, settled: false });
  });

  test('positions of the last day are known, those of a settled day too', async () => {
    await running.send(probe(1, daysAgoS(1) + DAY_S / 2 + 3_600), probe(2, NOON_S));
    const positions = () => running.mall.live.positionsSince(NOON_S - DAY_S).map(({ atS }) => atS);
    await running.malls.settle(MALL, {});
    const known = positions().sort((a, b) => a - b);
    running = await running.reopen();
    expect(known).toHaveLength(2);
    expect(positions().sort((a, b) => a - b)).toEqual(known);
  });
});

test('who was heard just before midnight is present just after it, in the shop too, though the day has settled', async () => {
  await running.passS(MIDNIGHT_S - NOON_S + 60);
  await running.send(probe(1, MIDNIGHT_S - 30));
  await running.malls.settle(MALL, {});
  expect(openDay(TODAY)).toBeUndefined();
  await running.send(probe(2, MIDNIGHT_S + 30));
  const present = () => presentNow(running.ask, { mall: MALL });
  expect(await present()).toMatchObject({ footfall: 2 });
  expect(await presentNow(running.ask, { mall: MALL, shop: 'S1' })).toMatchObject({ footfall: 2 });
});

test('a day folded again while records come counts every record once', async () => {
  await running.send(probe(1, NOON_S), probe(2, NOON_S));
  const refolded = running.mall.refold(parseDay(TODAY)!);
  const sent = running.send(probe(2, NOON_S), probe(3, NOON_S));
  await Promise.all([refolded, sent]);
  expect(openDay(TODAY)!.totals()).toMatchObject({ footfall: 3, newCustomers: 3 });
  await running.passS(120);
  const visits = openDay(TODAY)!
    .shops()
    .map((shop) => shop.visits);
  expect(visits).toEqual([3]);
});

describe('a day that is folded again', () => {
  const DEVICES = 5_000;
  const imported = () => running.import({ file: Buffer.from(probe(DEVICES + 1, NOON_S)) });

  beforeEach(async () => {
    await running.send(...Array.from({ length: DEVICES }, (_, i) => probe(i + 1, NOON_S)));
  });

  test('shows the answers that it had until it is done', async () => {
    const reading = running.steered.hold('rawOfDay');
    const importing = imported();
    await reading;
    const before = { footfall: DEVICES, newCustomers: DEVICES, settled: false };
    expect(await running.footfall(TODAY)).toEqual(before);
    running.steered.goOn('rawOfDay');
    await importing;
    const after = { footfall: DEVICES + 1, newCustomers: DEVICES + 1, settled: false };
    expect(await running.footfall(TODAY)).toEqual(after);
  });

  test('keeps them when its records cannot be read, and goes on counting', async () => {
    const error = new StoreUnavailable('read the records of a day', new Error('disk full'));
    running.steered.refuse('rawOfDay', error);
    await expect(imported()).rejects.toBe(error);
    running.steered.goOn('rawOfDay');
    await running.send(probe(DEVICES + 2, NOON_S));
    expect(live(TODAY)).toBe(DEVICES + 1);
    await running.passS(DAY_S);
    expect(await running.footfall(TODAY)).toMatchObject({ footfall: DEVICES + 2, settled: true });
  });
});

test('a day that settles while it is being opened is not opened', async () => {
  const date = dateOf(daysAgoS(7));
  for (const days of [0, 1, 2, 3, 7]) await running.send(probe(1, daysAgoS(days)));
  await running.malls.settle(MALL, { from: dateOf(daysAgoS(3)), to: dateOf(daysAgoS(1)) });
  const reading = running.steered.hold('rawOfDay');
  const sent = running.send(probe(2, daysAgoS(7)));
  await reading;
  running.steered.passNext('rawOfDay');
  await running.malls.settle(MALL, { from: date, to: date });
  running.steered.goOn('rawOfDay');
  await sent;
  expect(openDay(date)).toBeUndefined();
  expect(await running.footfall(date)).toEqual({ footfall: 1, newCustomers: 1, settled: false });
});

test('single customers of a day that gave way are not told before it settles', async () => {
  for (const days of [4, 3, 2, 1, 0]) await running.send(probe(1, daysAgoS(days)));
  const date = dateOf(daysAgoS(4));
  const asked = () => favoriteShops(running.ask, { mall: MALL, date, first: 10 });
  await expect(asked()).rejects.toMatchObject({ code: 'NOT_SETTLED' });
  await running.malls.settle(MALL, { from: date, to: date });
  expect((await asked()).nodes).toHaveLength(1);
});

test('the newest position of an imported record is known at once', async () => {
  const lastNightS = NOON_S - 13 * 3_600;
  await running.import({ file: Buffer.from(probe(1, lastNightS)) });
  const args = { mall: MALL, seenWithinS: DAY_S };
  const [position] = await customerPositions(running.ask, args);
  expect(position?.atS).toBe(lastNightS);
});
