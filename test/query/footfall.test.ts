import { afterEach, describe, expect, test } from '@jest/globals';
import { formatDay } from '../../src/calendar.ts';
import type { DayRow, Shop } from '../../src/query/answers.ts';
import { hourlyFootfall } from '../../src/query/hourly-footfall.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { newCustomers } from '../../src/query/new-customers.ts';
import { peakHour } from '../../src/query/peak-hour.ts';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import { topShops } from '../../src/query/top-shops.ts';
import { directory, type Heard, MALL, secondsOf, TestMall, type TestMallOptions } from './test-mall.ts';

let mall: TestMall;
afterEach(() => mall?.close());

/** Hears the records, and lets the watermark pass them. */
async function open(options: TestMallOptions = {}, ...records: readonly Heard[]): Promise<void> {
  mall = await TestMall.open(options);
  await mall.hear(...records);
  mall.tick(60);
}

const day = (row: DayRow): string => formatDay(row.day);
const shopText = ({ code, name }: Shop): string => `${code} ${name ?? '?'}`;

const TWO_DAYS: readonly Heard[] = [
  [1, '2024-06-12 10:00:00', 'A', 1, -50],
  [2, '2024-06-12 10:30:00', 'B', 2, -50],
  [2, '2024-06-13 11:00:00', 'B', 2, -50],
  [3, '2024-06-13 12:00:00', 'X', 9, -50],
];

describe.each([
  ['open', async () => undefined],
  ['settled', (plaza: TestMall) => plaza.settle('2024-06-12', '2024-06-13')],
])('%s days', (state, settle) => {
  const settled = state === 'settled';
  const range = { mall: MALL, from: '2024-06-11', to: '2024-06-14' };

  test('are answered with zeros where there was no record', async () => {
    await open({ imported: [3] }, ...TWO_DAYS);
    await settle(mall);
    const rows = await mallFootfall(mall.ask, range);
    expect(rows.map((row) => [day(row), row.footfall, row.newCustomers, row.returningCustomers])).toEqual([
      ['2024-06-11', 0, 0, 0],
      ['2024-06-12', 2, 2, 0],
      ['2024-06-13', 2, 0, 2],
      ['2024-06-14', 0, 0, 0],
    ]);
    expect(rows.map((row) => row.settled)).toEqual([false, settled, settled, false]);
    const asOfS = settled ? mall.nowS : mall.nowS - 60;
    expect(rows.map((row) => row.asOfS)).toEqual([null, asOfS, asOfS, null]);
    expect(rows.every((row) => !row.stale)).toBe(true);
    const fresh = await newCustomers(mall.ask, range);
    expect(fresh).toEqual(
      rows.map(({ day, settled, asOfS, stale, newCustomers }) => ({
        day,
        settled,
        asOfS,
        stale,
        newCustomers,
      })),
    );
  });

  test('list every known shop by code, then the unknown codes that had records that day', async () => {
    await open({}, ...TWO_DAYS);
    await settle(mall);
    const rows = await shopFootfall(mall.ask, { mall: MALL, from: '2024-06-12', to: '2024-06-13' });
    expect(
      rows.map((row) => [day(row), shopText(row.shop), row.footfall, row.entered, row.visits, row.dwellS]),
    ).toEqual([
      ['2024-06-12', 'A Apples', 1, 1, 1, 0],
      ['2024-06-12', 'B Books', 1, 1, 1, 0],
      ['2024-06-12', 'C Coffee', 0, 0, 0, 0],
      ['2024-06-13', 'A Apples', 0, 0, 0, 0],
      ['2024-06-13', 'B Books', 1, 1, 1, 0],
      ['2024-06-13', 'C Coffee', 0, 0, 0, 0],
      ['2024-06-13', 'X ?', 1, 1, 1, 0],
    ]);
  });

  test('list exactly the shops that were asked for, once each, in the order of their codes', async () => {
    await open({}, ...TWO_DAYS);
    await settle(mall);
    const shops = ['X', 'Nowhere', 'B', 'X', ''];
    const rows = await shopFootfall(mall.ask, { mall: MALL, from: '2024-06-13', to: '2024-06-13', shops });
    expect(rows.map((row) => [shopText(row.shop), row.footfall])).toEqual([
      [' ?', 0],
      ['B Books', 1],
      ['Nowhere ?', 0],
      ['X ?', 1],
    ]);
  });

  test('have every hour, of the mall or of one shop', async () => {
    await open({}, ...TWO_DAYS);
    await settle(mall);
    const date = { mall: MALL, from: '2024-06-13', to: '2024-06-13' };
    const countsOf = async (shop?: string) => {
      const rows = await hourlyFootfall(mall.ask, shop === undefined ? date : { ...date, shop });
      expect(rows.map((row) => row.hourStartS - rows[0]!.hourStartS)).toEqual(
        Array.from({ length: 24 }, (_, hour) => hour * 3_600),
      );
      return rows.flatMap(({ footfall }, hour) => (footfall === 0 ? [] : [[hour, footfall]]));
    };
    expect(await countsOf()).toEqual([
      [11, 1],
      [12, 1],
    ]);
    expect(await countsOf('B')).toEqual([[11, 1]]);
    expect(await countsOf('Nowhere')).toEqual([]);
    expect(await countsOf('')).toEqual([]);
  });

  test('have a busiest hour, of equal ones the earlier, and none where nobody came', async () => {
    await open({}, ...TWO_DAYS, [9, '2024-06-12 23:00:00'], [2, '2024-06-12 23:00:00']);
    await settle(mall);
    const rows = await peakHour(mall.ask, { ...range, to: '2024-06-13' });
    expect(rows.map((row) => [day(row), row.hourStartS, row.footfall])).toEqual([
      ['2024-06-11', null, 0],
      ['2024-06-12', secondsOf('2024-06-12 10:00:00'), 2],
      ['2024-06-13', secondsOf('2024-06-13 11:00:00'), 1],
    ]);
  });

  test('rank the known shops by devices, equal ones by code, none without a device', async () => {
    await open(
      {},
      [1, '2024-06-12 10:00:00', 'C', 1],
      [2, '2024-06-12 10:00:00', 'C', 1],
      [1, '2024-06-12 10:01:00', 'B', 1],
      [2, '2024-06-12 10:01:00', 'X', 1],
      [3, '2024-06-12 10:01:00', 'X', 1],
      [4, '2024-06-12 10:01:00', 'X', 1],
      [4, '2024-06-12 10:01:00', 'A', 1],
    );
    await settle(mall);
    const ranked = async (limit: number) =>
      (await topShops(mall.ask, { mall: MALL, date: '2024-06-12', limit })).map((row) => [
        row.rank,
        shopText(row.shop),
        row.footfall,
      ]);
    const all = [
      [1, 'C Coffee', 2],
      [2, 'A Apples', 1],
      [3, 'B Books', 1],
    ];
    expect(await ranked(1_000)).toEqual(all);
    expect(await ranked(2)).toEqual(all.slice(0, 2));
    expect(await topShops(mall.ask, { mall: MALL, date: '2024-06-11', limit: 5 })).toEqual([]);
  });
});

test('the hour that comes twice in autumn is two hours, and the day has 25', async () => {
  await open(
    { timeZone: 'Europe/Berlin', now: '2024-10-28 12:00:00' },
    [1, '2024-10-27 00:30:00'],
    [1, '2024-10-27 01:30:00'],
    [2, '2024-10-27 01:30:00'],
  );
  const rows = await hourlyFootfall(mall.ask, { mall: MALL, from: '2024-10-27', to: '2024-10-27' });
  expect(rows).toHaveLength(25);
  expect(rows.slice(1, 5).map((row) => [row.hourStartS, row.footfall])).toEqual([
    [secondsOf('2024-10-26 23:00:00'), 0],
    [secondsOf('2024-10-27 00:00:00'), 1],
    [secondsOf('2024-10-27 01:00:00'), 2],
    [secondsOf('2024-10-27 02:00:00'), 0],
  ]);
});

test('names are those of the shop list as it is now', async () => {
  await open({}, ...TWO_DAYS);
  await mall.settle('2024-06-12', '2024-06-13');
  await mall.opened.directoryChanged(directory({ shops: [['X', 'Xylophones']] }));
  const rows = await shopFootfall(mall.ask, { mall: MALL, from: '2024-06-13', to: '2024-06-13' });
  expect(rows.map((row) => [shopText(row.shop), row.footfall])).toEqual([
    ['X Xylophones', 1],
    ['B ?', 1],
  ]);
});
