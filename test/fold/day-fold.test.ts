import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar } from '../../src/calendar.ts';
import { DayFold } from '../../src/fold/day-fold.ts';
import {
  answersOf,
  byDevice,
  columnsOf,
  createCodebook,
  createDayFold,
  DAY,
  DAY_START_S,
  drained,
  foldInto,
  heard,
  shopDayRows,
  UTC,
  WHOLE_DAY,
} from './folding.ts';
import { randomDays, visitGapS } from './random-records.ts';
import { dayByTheRules, devicesByTheRules, type Heard } from './reference.ts';

/** Addresses in the order they rank in. */
const [LOW, MIDDLE] = [0x3c8cf8000001, 0x3c8cf8000002];

const HOURS_OF_DAY = Array.from({ length: 24 }, (_, hour) => DAY_START_S + hour * 3_600);
const RULES = { visitGapS: 600, hourStartsS: HOURS_OF_DAY };

function foldOf(records: readonly Heard[]) {
  const codebook = createCodebook();
  const fold = createDayFold(codebook);
  foldInto(fold, columnsOf(records, codebook));
  return { fold, codebook, columns: (more: readonly Heard[]) => columnsOf(more, codebook) };
}

const visitsOf = (records: readonly Heard[]) => {
  const { fold, codebook } = foldOf(records);
  return fold
    .shops()
    .map(({ shop, entered, visits, dwellS }) => [codebook.shopCode(shop), entered, visits, dwellS]);
};

describe('a visit', () => {
  const at = (...seconds: number[]) => seconds.map((second) => heard(1, second, 'S1'));
  test.each([
    ['of one second has no dwell', at(5), [['S1', 1, 1, 0]]],
    ['goes on over a pause as long as the gap', at(5, 605), [['S1', 1, 1, 600]]],
    ['ends with a pause that is longer', at(5, 606), [['S1', 1, 2, 0]]],
    ['of several seconds dwells from the first to the last', at(5, 6, 300, 900), [['S1', 1, 1, 895]]],
    ['that repeats a second counts it once', at(5, 5, 9, 9), [['S1', 1, 1, 4]]],
    ['begins in the first second of the day', at(0, 3), [['S1', 1, 1, 3]]],
    [
      'goes on although the device was elsewhere meanwhile',
      [heard(1, 0, 'S1'), heard(1, 10, 'S2'), heard(1, 20, 'S1'), heard(1, 30), heard(1, 40, 'S1')],
      [
        ['S1', 1, 1, 40],
        ['S2', 1, 1, 0],
      ],
    ],
    ['is one of each device', [heard(1, 0, 'S1'), heard(2, 0, 'S1'), heard(1, 700, 'S1')], [['S1', 2, 3, 0]]],
  ])('%s', (_name, records, expected) => {
    expect(visitsOf(records)).toEqual(expected);
  });
});

describe('of the records of one second', () => {
  test.each([
    ['the strongest', heard(1, 0, 'S2', null, -60), heard(1, 0, 'S1', LOW, -61)],
    ['a known strength, however weak', heard(1, 0, 'S2', null, -127), heard(1, 0, 'S1', LOW, null)],
    ['of equal ones that of the lower address', heard(1, 0, 'S2', LOW, -60), heard(1, 0, 'S1', MIDDLE, -60)],
    ['of equal ones any address before none', heard(1, 0, 'S2', MIDDLE, null), heard(1, 0, 'S1', null, null)],
    ['of equal ones of one address the lower code', heard(1, 0, 'S1', LOW, 0), heard(1, 0, 'S2', LOW, 0)],
    ['of equal ones any code before none', heard(1, 0, 'ü', null, -5), heard(1, 0, '', null, -5)],
  ])('%s is the position, in either order', (_name, strong, weak) => {
    for (const records of [
      [strong, weak],
      [weak, strong],
      [weak, strong, weak, strong],
    ]) {
      const entered = visitsOf(records).filter(([, count]) => count !== 0);
      expect(entered).toEqual([[strong.shop, 1, 1, 0]]);
    }
  });
});

describe('a stronger record of the same second', () => {
  const weak = (second: number) => heard(1, second, 'S1', null, -70);
  const strong = (second: number, shop = 'S2') => heard(1, second, shop, null, -60);
  test.each([
    ['takes back a first visit', [weak(0), strong(0)], ['S1', 0, 0, 0]],
    ['takes back a further visit', [weak(0), weak(700), strong(700)], ['S1', 1, 1, 0]],
    ['takes back dwell', [weak(0), weak(100), strong(100)], ['S1', 1, 1, 0]],
    ['leaves the end of the visit where it was', [weak(0), weak(9), strong(9), weak(12)], ['S1', 1, 1, 12]],
    ['of no shop at all takes the visit back, too', [weak(0), strong(0, '')], ['S1', 0, 0, 0]],
    ['takes back dwell over a pause as long as the gap', [weak(0), weak(600), strong(600)], ['S1', 1, 1, 0]],
    [
      'takes nothing back of the second before',
      [weak(0), heard(1, 1, '', null, -70), strong(1)],
      ['S1', 1, 1, 0],
    ],
    [
      'is not given up for one that is stronger than the first alone',
      [weak(0), heard(1, 0, 'S2', null, -50), heard(1, 0, 'S1', null, -60)],
      ['S1', 0, 0, 0],
    ],
    ['of the same shop changes nothing', [weak(0), strong(0, 'S1'), weak(5)], ['S1', 1, 1, 5]],
    [
      'and a still stronger one give the second back',
      [weak(0), strong(0), heard(1, 0, 'S1', null, -50)],
      ['S1', 1, 1, 0],
    ],
  ])('%s', (_name, records, expected) => {
    expect(visitsOf(records)[0]).toEqual(expected);
  });
});

test('a device heard by a shop and placed elsewhere counts there, but did not enter', () => {
  const { fold, codebook } = foldOf([heard(1, 0, 'S1', null, -70), heard(1, 0, 'S2', null, -60)]);
  expect(answersOf(fold, codebook).shops).toMatchObject([
    { shop: 'S1', footfall: 1, entered: 0 },
    { shop: 'S2', footfall: 1, entered: 1 },
  ]);
});

test('a record that is only heard, behind those already placed, moves sets and no visit', () => {
  const { fold, codebook, columns } = foldOf([heard(1, 4_000, 'S1')]);
  const late = columns([heard(1, 3_000, 'S1'), heard(2, 100, 'S2')]);
  fold.hear(late, 0);
  fold.hear(late, 1);
  fold.place(late, 0);
  expect(answersOf(fold, codebook)).toMatchObject({
    footfall: 2,
    hours: [
      [0, 2],
      [1, 1],
    ],
    shops: [
      { shop: 'S1', footfall: 1, visits: 1, dwellS: 0 },
      { shop: 'S2', footfall: 1, entered: 0, visits: 0 },
    ],
  });
});

test('new customers are those of the customer record', () => {
  expect(createDayFold(createCodebook(), { newCustomers: 7 }).totals()).toEqual({
    day: DAY,
    footfall: 0,
    newCustomers: 7,
  });
});

test('totals that are held stay until they are let go, whatever is heard or known meanwhile', () => {
  const codebook = createCodebook();
  let newCustomers = 1;
  const options = { day: DAY, calendar: UTC, codebook, visitGapS: 600, newCustomers: () => newCustomers };
  const fold = new DayFold(options);
  foldInto(fold, columnsOf([heard(1, 0)], codebook));
  const letGo = fold.holdTotals();
  foldInto(fold, columnsOf([heard(2, 0)], codebook));
  newCustomers = 2;
  expect(fold.totals()).toEqual({ day: DAY, footfall: 1, newCustomers: 1 });
  letGo();
  expect(fold.totals()).toEqual({ day: DAY, footfall: 2, newCustomers: 2 });
});

test('rows that are forgotten give their memory back, and what was counted stays', () => {
  const crowd = Array.from({ length: 3_000 }, (_, device) => heard(device, device, 'S1'));
  const { fold, codebook } = foldOf(crowd);
  const { bytes } = fold;
  const before = answersOf(fold, codebook);
  expect(fold.hasRows).toBe(true);
  fold.forgetRows();
  expect(fold.hasRows).toBe(false);
  expect(fold.bytes).toBeLessThan(bytes);
  expect(fold.devices).toBe(0);
  expect(answersOf(fold, codebook)).toEqual({ ...before, shopDays: [] });
});

test('every device is reported with its first and last second', () => {
  const { fold } = foldOf([heard(1, 20), heard(2, 5, 'S1'), heard(1, 10), heard(1, 90)]);
  const reported: number[][] = [];
  fold.forEachDevice((...row) => reported.push(row));
  expect(reported).toEqual([
    [1, DAY_START_S + 10, DAY_START_S + 90],
    [2, DAY_START_S + 5, DAY_START_S + 5],
  ]);
});

test('an empty day has no rows', () => {
  const { fold, codebook } = foldOf([]);
  const nothing = { footfall: 0, hours: [], shops: [], shopDays: [], accessPoints: [] };
  expect(answersOf(fold, codebook)).toEqual(nothing);
  expect(fold.shopHours()).toEqual([]);
  expect(drained(fold, codebook)).toEqual({ devices: [], shopDays: [] });
});

describe('pages of customers', () => {
  const { fold, codebook } = foldOf([
    heard(9, 0, 'S2'),
    heard(9, 5_000, 'S1'),
    heard(9, 9_000, 'S1'),
    heard(5, 0),
    heard(3, 0, 'S3', null, -60),
    heard(3, 0, 'S1', null, -90),
    heard(7, 0, 'S2'),
  ]);
  const page = (asked: Partial<typeof WHOLE_DAY> & { shops?: number[] }) =>
    shopDayRows(fold.shopDays({ ...WHOLE_DAY, ...asked }), codebook).map(({ device, shop }) => [
      device,
      shop,
    ]);
  const shops = (...codes: string[]) => codes.map((code) => codebook.shop(code));

  test.each([
    ['are ascending by customer, then shop code', {}, ['3 S1', '3 S3', '7 S2', '9 S1', '9 S2']],
    ['begin after a customer', { afterDevice: 3 }, ['7 S2', '9 S1', '9 S2']],
    ['begin after a customer who has no rows', { afterDevice: 5 }, ['7 S2', '9 S1', '9 S2']],
    ['hold customers whole', { devicesMax: 1 }, ['3 S1', '3 S3']],
    ['leave out shops that were only heard', { visitsMin: 1 }, ['3 S3', '7 S2', '9 S1', '9 S2']],
    ['leave out shops that were entered less often', { visitsMin: 2 }, ['9 S1']],
    ['hold the shops asked for alone', { shops: shops('S2') }, ['7 S2', '9 S2']],
    [
      'count only customers who have a row that is asked for',
      { shops: shops('S2'), devicesMax: 2 },
      ['7 S2', '9 S2'],
    ],
    ['are empty after the last customer', { afterDevice: 9 }, []],
    ['are empty when no shop is asked for', { shops: [] }, []],
  ])('%s', (_name, asked, expected) => {
    expect(page(asked).map((row) => row.join(' '))).toEqual(expected);
  });

  test('take in customers that come between them', () => {
    const growing = foldOf([heard(9, 0, 'S1'), heard(3, 0, 'S1')]);
    const devices = () => [...growing.fold.shopDays(WHOLE_DAY).device];
    expect(devices()).toEqual([3, 9]);
    foldInto(growing.fold, growing.columns([heard(12, 1, 'S1'), heard(6, 1, 'S1'), heard(1, 1, 'S1')]));
    expect(devices()).toEqual([1, 3, 6, 9, 12]);
  });

  test('know the order of shops that got their numbers after the day began', () => {
    const growing = foldOf([heard(1, 0, 'S2')]);
    growing.fold.shopDays(WHOLE_DAY);
    foldInto(growing.fold, growing.columns([heard(1, 1, 'A new one'), heard(1, 2, 'Z')]));
    const rows = shopDayRows(growing.fold.shopDays(WHOLE_DAY), growing.codebook);
    expect(rows.map(({ shop }) => shop)).toEqual(['A new one', 'S2', 'Z']);
  });
});

test('devices that a shop heard after a second are reported, once each', () => {
  const { fold, codebook } = foldOf([
    heard(1, 10, 'S1'),
    heard(1, 20, 'S2'),
    heard(1, 15, 'S1'),
    heard(2, 15, 'S1'),
    heard(3, 16, 'S1'),
    heard(4, 99),
  ]);
  const heardBy = (shop: string) => {
    const devices: number[] = [];
    fold.forEachHeardBySince(
      DAY_START_S + 15,
      (device, by) => by === codebook.findShop(shop) && devices.push(device),
    );
    return devices;
  };
  expect([heardBy('S1'), heardBy('S2')]).toEqual([[3], [1]]);
});

describe('draining', () => {
  const records = [1, 2, 3].flatMap((device) => [heard(device, device, 'S1'), heard(device, 900, 'S1')]);

  test('hands over what was folded and forgets it, and goes on counting', () => {
    const { fold, codebook, columns } = foldOf(records.slice(0, 2));
    const before = drained(fold, codebook);
    expect(before.devices.map(({ device }) => device)).toEqual([1]);
    expect(before.shopDays).toMatchObject([{ device: 1, visits: 2 }]);
    expect(fold.devices).toBe(0);
    expect(fold.shopDays(WHOLE_DAY).length).toBe(0);
    foldInto(fold, columns(records.slice(2)));
    expect(fold.devices).toBe(2);
    expect(answersOf(fold, codebook)).toMatchObject({ footfall: 3, shops: [{ footfall: 3, visits: 6 }] });
    expect(drained(fold, codebook).shopDays.map(({ device }) => device)).toEqual([2, 3]);
  });

  test('forgets devices for good: one that comes again counts again', () => {
    const { fold, codebook } = foldOf([heard(1, 0, 'S1')]);
    drained(fold, codebook);
    foldInto(fold, columnsOf([heard(1, 0, 'S1')], codebook));
    expect(answersOf(fold, codebook)).toMatchObject({ footfall: 2, shops: [{ footfall: 2, entered: 2 }] });
    expect(drained(fold, codebook).devices).toHaveLength(1);
  });

  test('keeps its memory bounded: the rows of one device at a time never make a table grow', () => {
    const { fold, columns, codebook } = foldOf([]);
    const { bytes } = fold;
    for (let device = 1; device <= 3_000; device++) {
      foldInto(fold, columns([heard(device, 0, 'S1'), heard(device, 1, 'S2')]));
      if (device % 500 === 0) drained(fold, codebook);
    }
    expect(fold.bytes).toBeLessThan(bytes + 500 * 2 * 12);
    expect(fold.totals().footfall).toBe(3_000);
  });
});

test('a day that outgrows every first table has the answers of the rules', () => {
  const records = [heard(1, 0, 'S3'), heard(1, 1, 'S3')];
  for (let device = 1; device <= 2_500; device++) {
    const shop = `S${device % 150}`;
    const accessPoint = 1_000 + (device % 600);
    records.push(heard(device * 7_919, device % 86_400, shop, accessPoint, -60));
    records.push(heard(device * 7_919, (device * 31) % 86_400, `S${(device * 3) % 150}`, accessPoint, -50));
  }
  const { fold, codebook } = foldOf([...records].sort((a, b) => a.atS - b.atS));
  const answers = answersOf(fold, codebook);
  expect(answers).toEqual(dayByTheRules(records, records, RULES));
  expect(drained(fold, codebook)).toEqual({
    devices: devicesByTheRules(records, HOURS_OF_DAY),
    shopDays: answers.shopDays,
  });
});

test('fed by device and drained anywhere between two, a day has the answers of the rules', () =>
  fc.assert(
    fc.property(randomDays, visitGapS, fc.infiniteStream(fc.boolean()), ({ zone, records }, gapS, drains) => {
      const calendar = new Calendar(zone.timeZone);
      for (const { day, fromS, hourStartsS } of zone.days) {
        const untilS = fromS + hourStartsS.length * 3_600;
        const ofDay = records.filter(({ atS }) => atS >= fromS && atS < untilS);
        const codebook = createCodebook();
        const fold = createDayFold(codebook, { day, calendar, visitGapS: gapS });
        const rows = { devices: [], shopDays: [] } as ReturnType<typeof drained>;
        const setAside = () => {
          const { devices, shopDays } = drained(fold, codebook);
          rows.devices.push(...devices);
          rows.shopDays.push(...shopDays);
        };
        let device = -1;
        for (const record of byDevice(ofDay)) {
          if (record.device !== device && drains.next().value) setAside();
          device = record.device;
          foldInto(fold, columnsOf([record], codebook, calendar));
        }
        setAside();
        const expected = dayByTheRules(ofDay, ofDay, { visitGapS: gapS, hourStartsS });
        expect({ ...answersOf(fold, codebook), shopDays: rows.shopDays }).toEqual(expected);
        expect(rows.devices).toEqual(devicesByTheRules(ofDay, hourStartsS));
      }
    }),
    { numRuns: 200 },
  ));

test('the hours of all shops are the hours of each', () =>
  fc.assert(
    fc.property(randomDays, ({ zone, records }) => {
      const calendar = new Calendar(zone.timeZone);
      const codebook = createCodebook();
      const { day } = zone.days[1]!;
      const fold = createDayFold(codebook, { day, calendar });
      const ofDay = records.filter(({ atS }) => calendar.dayOf(atS) === day);
      foldInto(fold, columnsOf(byDevice(ofDay), codebook, calendar));
      const each = fold.shops().flatMap(({ shop }) => fold.hours(shop).map((hour) => ({ ...hour, shop })));
      expect(fold.shopHours()).toEqual(each);
    }),
    { numRuns: 50 },
  ));
