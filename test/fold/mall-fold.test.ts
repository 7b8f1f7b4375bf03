import { describe, expect, test } from '@jest/globals';
import { answersOf, byDevice, DAY, DAY_START_S, heard } from './folding.ts';
import { createLiveFold, type LiveFold, positionsSince } from './live-fold.ts';
import type { Heard } from './reference.ts';

const NOON = 12 * 3_600;
/** A record of a device in shop S1, so many seconds after noon. */
const inShop = (device: number, afterNoonS: number) => heard(device, NOON + afterNoonS, 'S1');
const noonS = (afterNoonS: number) => DAY_START_S + NOON + afterNoonS;
const onDay = (day: number): Heard => ({ ...inShop(1, 0), atS: noonS(0) + (day - DAY) * 86_400 });

function liveToday(): LiveFold {
  const live = createLiveFold();
  live.fold.openDay(DAY);
  return live;
}

const shopOf = ({ fold, codebook }: LiveFold) => answersOf(fold.find(DAY)!, codebook).shops[0]!;

describe('the watermark', () => {
  test('is 0 before the first record', () => {
    const { fold } = createLiveFold();
    expect(fold.watermarkS).toBe(0);
    fold.advance(noonS(0));
    fold.advance(noonS(59));
    expect(fold.watermarkS).toBe(0);
  });

  test.each([
    ['the latest record where the receipt is later', 0, 5, -60],
    ['the receipt where a record comes from a clock ahead', 100, 5, -55],
  ])('stays the allowance behind %s', (_name, occurredS, receivedS, watermarkS) => {
    const live = liveToday();
    live.receive([inShop(1, -300), inShop(2, occurredS), inShop(3, -10)], noonS(receivedS));
    expect(live.fold.watermarkS).toBe(noonS(watermarkS));
  });

  test('never goes back', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    live.receive([inShop(1, -30)], noonS(-30));
    live.fold.restoreWatermark(noonS(-10), noonS(-10));
    expect(live.fold.watermarkS).toBe(noonS(-60));
  });

  test('is moved by the clock once no record has come for the allowance', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(30));
    live.fold.advance(noonS(89));
    expect(live.fold.watermarkS).toBe(noonS(-60));
    live.fold.advance(noonS(90));
    expect(live.fold.watermarkS).toBe(noonS(30));
    live.fold.advance(noonS(200));
    expect(live.fold.watermarkS).toBe(noonS(140));
  });

  test('waits for the clock anew after every batch, one without records of an open day too', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    live.receive([onDay(DAY - 1)], noonS(50));
    live.fold.advance(noonS(109));
    expect(live.fold.watermarkS).toBe(noonS(-60));
    live.fold.advance(noonS(110));
    expect(live.fold.watermarkS).toBe(noonS(50));
  });

  test('goes on from what the store knows after a restart', () => {
    const live = liveToday();
    live.fold.restoreWatermark(noonS(40), noonS(30));
    expect(live.fold.watermarkS).toBe(noonS(-30));
  });
});

describe('a record', () => {
  test('is heard at once and placed when the watermark has reached its second', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    expect(shopOf(live)).toMatchObject({ footfall: 1, entered: 0, visits: 0 });
    expect(live.fold.waiting).toBe(1);
    live.receive([inShop(2, 59)], noonS(59));
    expect(shopOf(live)).toMatchObject({ footfall: 2, entered: 0 });
    live.receive([inShop(2, 60)], noonS(60));
    expect(shopOf(live)).toMatchObject({ footfall: 2, entered: 1, visits: 1 });
    expect(live.fold.waiting).toBe(2);
  });

  test('is placed in the order of seconds, whatever the order of arrival', () => {
    const live = liveToday();
    live.receive([inShop(1, 50), inShop(1, 20)], noonS(50));
    live.receive([inShop(1, 0)], noonS(59));
    live.fold.advance(noonS(200));
    expect(shopOf(live)).toMatchObject({ visits: 1, dwellS: 50 });
    expect(live.fold.waiting).toBe(0);
  });

  test.each([
    ['at the watermark', -60],
    ['behind it', -100],
  ])('%s changes sets and no visit', (_name, afterNoonS) => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    live.fold.takeChangedDays();
    live.receive([inShop(2, afterNoonS)], noonS(1));
    live.fold.advance(noonS(500));
    expect(shopOf(live)).toMatchObject({ footfall: 2, entered: 1, visits: 1 });
    expect(live.fold.find(DAY)!.totals()).toMatchObject({ footfall: 2, newCustomers: 2 });
    expect(live.fold.takeChangedDays()).toEqual([DAY]);
  });

  test('of one batch is judged by the watermark before the batch', () => {
    const live = liveToday();
    live.receive([inShop(1, 500), inShop(1, 0)], noonS(500));
    expect(shopOf(live)).toMatchObject({ entered: 1, visits: 1 });
  });

  test('of a day that is not open moves the last position, and nothing else', () => {
    const live = liveToday();
    live.receive([{ ...onDay(DAY - 1), device: 2 }, inShop(1, 0), onDay(DAY - 1)], noonS(0));
    expect(live.fold.isOpen(DAY - 1)).toBe(false);
    expect(live.fold.waiting).toBe(1);
    expect(live.customers.find(1)).toMatchObject({ firstSeenS: noonS(0), lastSeenS: noonS(0) });
    expect(live.customers.find(2)).toBeUndefined();
    expect(positionsSince(live, 0, 0).map(({ device, atS }) => [device, atS])).toEqual([
      [1, noonS(0)],
      [2, noonS(-86_400)],
    ]);
  });

  test('after midnight is of the next day, and places what is left of the day before', () => {
    const live = liveToday();
    live.fold.openDay(DAY + 1);
    const midnightS = DAY_START_S + 86_400;
    const at = (atS: number): Heard => ({ ...inShop(1, 0), atS });
    live.receive([at(midnightS - 2), at(midnightS - 1), at(midnightS)], midnightS);
    live.receive([at(midnightS + 61)], midnightS + 61);
    expect(shopOf(live)).toMatchObject({ visits: 1, dwellS: 1 });
    expect(answersOf(live.fold.find(DAY + 1)!, live.codebook).shops).toMatchObject([
      { footfall: 1, visits: 1, dwellS: 0 },
    ]);
  });
});

describe('open days', () => {
  test('are four at most: a fifth is refused until one is closed', () => {
    const { fold } = createLiveFold();
    for (const day of [DAY, DAY - 2, DAY - 1, DAY + 1]) fold.openDay(day);
    expect(() => fold.openDay(DAY + 2)).toThrow('close one first');
    expect(fold.openDays()).toEqual([DAY - 2, DAY - 1, DAY, DAY + 1]);
    fold.closeDay(DAY - 2);
    fold.openDay(DAY + 2);
    expect(fold.openDays()).toEqual([DAY - 1, DAY, DAY + 1, DAY + 2]);
  });

  test('are opened once', () => {
    const { fold } = liveToday();
    expect(() => fold.openDay(DAY)).toThrow('open already');
  });

  test('are four with those that were rebuilt, and one of them may be rebuilt', () => {
    const { fold } = createLiveFold();
    for (const day of [DAY, DAY - 2, DAY - 1, DAY + 1]) fold.openDay(day);
    expect(() => fold.adopt(fold.rebuild(DAY + 2))).toThrow('close one first');
    fold.adopt(fold.rebuild(DAY));
    expect(fold.openDays()).toEqual([DAY - 2, DAY - 1, DAY, DAY + 1]);
  });

  test('once closed keep the answers that they have, and records that waited for them are gone', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    const closed = live.fold.closeDay(DAY)!;
    expect(live.fold.waiting).toBe(0);
    live.fold.advance(noonS(500));
    expect(answersOf(closed, live.codebook)).toMatchObject({ footfall: 1, shops: [{ visits: 0 }] });
    expect(live.fold.find(DAY)).toBeUndefined();
    expect(live.fold.closeDay(DAY)).toBeUndefined();
  });

  test('are as of the newest receipt that brought a record of theirs', () => {
    const live = liveToday();
    live.fold.openDay(DAY - 1);
    live.receive([inShop(1, 0)], noonS(5));
    live.receive([onDay(DAY - 1)], noonS(9));
    live.receive([inShop(1, 0)], noonS(3));
    expect(live.fold.find(DAY)!.asOfS).toBe(noonS(5));
    expect(live.fold.find(DAY - 1)!.asOfS).toBe(noonS(9));
  });
});

describe('a day that is rebuilt', () => {
  const records = [inShop(2, 0), inShop(1, 0), inShop(1, 100), inShop(2, 130)];

  test('answers as before until it is adopted, and the same after it', () => {
    const live = liveToday();
    live.receive(records, noonS(130));
    const answers = () => answersOf(live.fold.find(DAY)!, live.codebook);
    const before = answers();
    const rebuild = live.fold.rebuild(DAY);
    live.take(rebuild, byDevice(records).slice(0, 2));
    expect(answers()).toEqual(before);
    live.take(rebuild, byDevice(records).slice(2));
    live.fold.adopt(rebuild);
    expect(answers()).toEqual(before);
    expect(live.fold.waiting).toBe(2);
    live.fold.advance(noonS(500));
    expect(shopOf(live)).toMatchObject({ visits: 2, dwellS: 230 });
  });

  test('places what the watermark has passed meanwhile', () => {
    const live = liveToday();
    live.receive(records, noonS(130));
    const rebuild = live.fold.rebuild(DAY);
    live.take(rebuild, byDevice(records).slice(0, 1));
    live.fold.advance(noonS(500));
    live.take(rebuild, byDevice(records).slice(1));
    live.fold.adopt(rebuild);
    expect(live.fold.waiting).toBe(0);
    expect(shopOf(live)).toMatchObject({ visits: 2, dwellS: 230 });
  });

  test('brings in what came behind the watermark', () => {
    const live = liveToday();
    live.receive([inShop(1, 0)], noonS(0));
    live.receive([inShop(1, -100)], noonS(1));
    live.fold.advance(noonS(100));
    expect(shopOf(live)).toMatchObject({ visits: 1, dwellS: 0 });
    const rebuild = live.fold.rebuild(DAY);
    live.take(rebuild, [inShop(1, -100), inShop(1, 0)]);
    live.fold.adopt(rebuild);
    expect(shopOf(live)).toMatchObject({ visits: 1, dwellS: 100 });
  });

  test('after a restart makes customers and positions known', () => {
    const live = createLiveFold();
    live.fold.restoreWatermark(noonS(130), noonS(130));
    const rebuild = live.fold.rebuild(DAY);
    live.take(rebuild, byDevice(records));
    expect(live.customers.find(1)).toBeUndefined();
    live.fold.adopt(rebuild);
    expect(live.customers.find(1)).toMatchObject({ firstSeenS: noonS(0), lastSeenS: noonS(100) });
    expect(live.fold.find(DAY)!.totals()).toMatchObject({ footfall: 2, newCustomers: 2 });
    expect(positionsSince(live, 0, live.fold.watermarkS).map(({ atS }) => atS)).toEqual([
      noonS(100),
      noonS(130),
    ]);
  });

  test('never adopted leaves nothing behind in the answers', () => {
    const live = liveToday();
    live.receive(records, noonS(130));
    live.take(live.fold.rebuild(DAY), [inShop(9, 0)]);
    live.fold.advance(noonS(500));
    expect(shopOf(live)).toMatchObject({ footfall: 2, visits: 2, dwellS: 230 });
    expect(live.customers.find(9)).toBeUndefined();
  });
});

describe('changed days', () => {
  test('are told once, ascending: opened, recorded, placed, rebuilt, and closed ones', () => {
    const live = createLiveFold();
    const { fold } = live;
    fold.openDay(DAY);
    fold.openDay(DAY - 1);
    expect(fold.takeChangedDays()).toEqual([DAY - 1, DAY]);
    expect(fold.takeChangedDays()).toEqual([]);
    live.receive([inShop(1, 0), onDay(DAY - 3)], noonS(0));
    expect(fold.takeChangedDays()).toEqual([DAY]);
    fold.advance(noonS(30));
    expect(fold.takeChangedDays()).toEqual([]);
    fold.advance(noonS(60));
    expect(fold.takeChangedDays()).toEqual([DAY]);
    fold.adopt(fold.rebuild(DAY - 1));
    expect(fold.takeChangedDays()).toEqual([DAY - 1]);
    fold.closeDay(DAY);
    expect(fold.takeChangedDays()).toEqual([DAY]);
    fold.touch();
    expect(fold.takeChangedDays()).toEqual([DAY - 1]);
  });

  test('are also those whose new customers were first seen on another day, or are imported', () => {
    const live = createLiveFold();
    for (const day of [DAY - 1, DAY]) live.fold.openDay(day);
    live.receive([inShop(1, 0), inShop(2, 0)], noonS(0));
    live.fold.takeChangedDays();
    live.receive([onDay(DAY - 1)], noonS(1));
    expect(live.fold.takeChangedDays()).toEqual([DAY - 1, DAY]);
    live.customers.importCustomer(2, noonS(0), noonS(0));
    expect(live.fold.takeChangedDays()).toEqual([DAY]);
  });
});
