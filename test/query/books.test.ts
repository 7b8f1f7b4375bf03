import { afterEach, describe, expect, test } from '@jest/globals';
import { formatDay } from '../../src/calendar.ts';
import { accessPoints } from '../../src/query/access-points.ts';
import { ingest } from '../../src/query/ingest.ts';
import { mall as mallAnswer } from '../../src/query/mall.ts';
import { malls } from '../../src/query/malls.ts';
import { accessPointOf, MALL, secondsOf, TestMall } from './test-mall.ts';

let mall: TestMall;
afterEach(() => mall?.close());

describe('counters of records', () => {
  test('count every record received, repeated ones too, and the minutes without one', async () => {
    mall = await TestMall.open({ now: '2024-06-14 10:00:59' });
    await mall.hear([1, '2024-06-13 23:59:59'], [1, '2024-06-13 23:59:59'], [1, '2024-06-14 00:00:00']);
    await mall.hear([1, '2024-06-14 09:59:59'], [2, '2024-06-14 09:59:01'], [2, '2024-06-14 10:00:30']);
    const late = '2030-01-01 00:00:00';
    const early = '1990-01-01 00:00:00';
    await mall.hear([3, late], [3, early], [4, early]);
    const rows = await ingest(mall.ask, { mall: MALL, from: '2024-06-12', to: '2024-06-15' });
    expect(
      rows.map((row) => [formatDay(row.day), row.kept, row.minutesWithoutRecords, row.lastRecordS]),
    ).toEqual([
      ['2024-06-12', 0, 1_440, null],
      ['2024-06-13', 2, 1_439, secondsOf('2024-06-13 23:59:59')],
      // Minute 600 has begun: it counts once it is over.
      ['2024-06-14', 4, 598, secondsOf('2024-06-14 10:00:30')],
      ['2024-06-15', 0, 0, null],
    ]);
    expect(rows.map((row) => row.dropped)).toEqual([
      [],
      [],
      [
        { reason: 'too_old', count: 2 },
        { reason: 'from_future', count: 1 },
      ],
      [],
    ]);
    expect(rows.map((row) => row.settled)).toEqual([false, false, false, false]);
    expect(rows.map((row) => row.asOfS)).toEqual([null, mall.nowS, mall.nowS, null]);
  });

  test.each([
    ['2024-10-27', 25 * 60],
    ['2024-03-31', 23 * 60],
  ])('know that %s has %i minutes', async (date, minutes) => {
    mall = await TestMall.open({ timeZone: 'Europe/Berlin', now: '2024-11-01 12:00:00' });
    const [row] = await ingest(mall.ask, { mall: MALL, from: date, to: date });
    expect(row!.minutesWithoutRecords).toBe(minutes);
  });
});

describe('access points', () => {
  test('are those of the directory and the unknown ones that any record named, by address', async () => {
    mall = await TestMall.open();
    await mall.hear(
      [1, '2024-06-13 10:00:00', 'A', 1, -50],
      [1, '2024-06-13 10:00:00', 'A', 2, -50],
      [1, '2024-06-13 10:00:00', 'A', 8, -50],
    );
    await mall.settle('2024-06-13');
    await mall.hear(
      [1, '2024-06-14 09:00:00', 'B', 2, -50],
      [1, '2024-06-14 10:00:00', 'C', 2, -50],
      [2, '2024-06-14 10:00:00', 'B', 2, -50],
      [2, '2024-06-14 10:00:00', '', 3, -50],
      [2, '2024-06-14 11:00:00', 'X', 9, -50],
      [2, '2024-06-14 11:00:00', 'X', undefined, -50],
    );
    const rows = await accessPoints(mall.ask, MALL);
    expect(
      rows.map(({ mac, x, y, floor, shop, lastHeardS, recordsToday }) => [
        mac - accessPointOf(0),
        [x, y, floor],
        shop && [shop.code, shop.name],
        lastHeardS,
        recordsToday,
      ]),
    ).toEqual([
      [1, [100, 100, null], ['A', 'Apples'], secondsOf('2024-06-13 10:00:00'), 0],
      [2, [900, 100, null], ['B', 'Books'], secondsOf('2024-06-14 10:00:00'), 3],
      [3, [-1, 100, null], null, secondsOf('2024-06-14 10:00:00'), 1],
      [4, [100, 600, '1'], null, null, 0],
      [8, [null, null, null], ['A', 'Apples'], secondsOf('2024-06-13 10:00:00'), 0],
      [9, [null, null, null], ['X', null], secondsOf('2024-06-14 11:00:00'), 1],
    ]);
  });
});

describe('malls', () => {
  test('are described as their directories have them, by code', async () => {
    mall = await TestMall.open({ timeZone: 'Asia/Tokyo', now: '2024-06-14 15:00:00' });
    const plaza = {
      code: MALL,
      name: 'Plaza',
      timeZone: 'Asia/Tokyo',
      today: 19_889,
      shops: [
        { code: 'A', name: 'Apples' },
        { code: 'B', name: 'Books' },
        { code: 'C', name: 'Coffee' },
      ],
    };
    expect(await mallAnswer(mall.ask, MALL)).toEqual(plaza);
    expect(await malls(mall.ask)).toEqual([plaza]);
  });
});
