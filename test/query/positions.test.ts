import { afterEach, describe, expect, test } from '@jest/globals';
import { formatMac } from '../../src/mac.ts';
import type { Ask, CustomerPosition, DensityCell } from '../../src/query/answers.ts';
import { customerPositions } from '../../src/query/customer-positions.ts';
import { customerTrack } from '../../src/query/customer-track.ts';
import { density } from '../../src/query/density.ts';
import { densityHistory } from '../../src/query/density-history.ts';
import { presentNow } from '../../src/query/present-now.ts';
import { accessPointOf, directory, type Heard, MALL, macOf, secondsOf, TestMall } from './test-mall.ts';

const NOW = '2024-06-14 12:00:00';
const noon = (offsetS: number) => secondsOf(NOW) + offsetS;
const ago = (offsetS: number) =>
  new Date(noon(-offsetS) * 1_000).toISOString().slice(0, 19).replace('T', ' ');

let mall: TestMall;
afterEach(() => mall?.close());

async function open(...records: readonly Heard[]): Promise<void> {
  mall = await TestMall.open({ now: NOW });
  await mall.hear(...records);
}

const unfolded = (): Ask => ({ ...mall.ask, live: { mall: () => undefined } });
const numbered = (positions: readonly CustomerPosition[]) => {
  const numbers = new Map(Array.from({ length: 10 }, (_, i) => [mall.device(i), i]));
  return positions
    .map(({ device, atS }) => [numbers.get(device), atS - noon(0)])
    .sort((a, b) => a[0]! - b[0]!);
};

describe('the position of one second', () => {
  test.each<[string, Heard[], Partial<CustomerPosition>]>([
    [
      'the strongest',
      [
        [1, NOW, 'A', 1, -60],
        [1, NOW, 'B', 2, -59],
      ],
      { rssiDbm: -59, shop: { code: 'B', name: 'Books' } },
    ],
    [
      'any known strength rather than an unknown one',
      [
        [1, NOW, 'A', 1],
        [1, NOW, 'B', 2, -127],
      ],
      { rssiDbm: -127 },
    ],
    ['an unknown strength where there is no other', [[1, NOW, 'A', 1]], { rssiDbm: null }],
    [
      'then the lowest address',
      [
        [1, NOW, 'A', 2, -60],
        [1, NOW, 'B', 1, -60],
      ],
      { accessPoint: accessPointOf(1) },
    ],
    [
      'a missing address last',
      [
        [1, NOW, 'A', undefined, -60],
        [1, NOW, 'B', 9, -60],
      ],
      { accessPoint: accessPointOf(9) },
    ],
    [
      'then the lowest shop code',
      [
        [1, NOW, 'C', 1, -60],
        [1, NOW, 'A', 1, -60],
      ],
      { shop: { code: 'A', name: 'Apples' } },
    ],
    [
      'no shop last',
      [
        [1, NOW, '', 1, -60],
        [1, NOW, 'X', 1, -60],
      ],
      { shop: { code: 'X', name: null } },
    ],
    [
      'no shop, no address',
      [[1, NOW, '', undefined, -60]],
      { shop: null, accessPoint: null, x: null, y: null, floor: null },
    ],
    [
      'an unknown address',
      [[1, NOW, '', 9, -60]],
      { accessPoint: accessPointOf(9), x: null, y: null, floor: null },
    ],
    ['where the access point stands', [[1, NOW, '', 4, -60]], { x: 100, y: 600, floor: '1' }],
  ])('is %s, live and from raw records, in any order', async (_rule, records, expected) => {
    await open(...records, ...records.toReversed());
    const args = { mall: MALL, seenWithinS: 600 };
    const live = await customerPositions(mall.ask, args);
    expect(live).toHaveLength(1);
    expect(live[0]).toMatchObject({ ...expected, device: mall.device(1), atS: noon(0), randomized: false });
    expect(await customerPositions(mall.ask, { ...args, atS: noon(0) })).toEqual(live);
    expect(await customerPositions(unfolded(), args)).toEqual(live);
    const { device, randomized, provisional, ...place } = live[0]!;
    const who = { mac: formatMac(macOf(1)) };
    expect(await customerTrack(mall.ask, { mall: MALL, who, date: '2024-06-14' })).toEqual([place]);
  });
});

describe('last positions', () => {
  const records: Heard[] = [
    [1, ago(601), 'A', 1, -50],
    [2, ago(600), 'A', 1, -50],
    [3, ago(599), 'A', 1, -50],
    [4, ago(300), 'A', 1, -50],
    [4, ago(200), 'B', 1, -50],
    [5, ago(-30), 'B', 1, -50],
  ];

  test('are those in (at − seenWithin, at], by device; now also of clocks that run ahead', async () => {
    await open(...records);
    const now = await customerPositions(mall.ask, { mall: MALL, seenWithinS: 600 });
    expect(numbered(now)).toEqual([
      [3, -599],
      [4, -200],
      [5, 30],
    ]);
    expect(now.map(({ device }) => device)).toEqual(now.map(({ device }) => device).sort((a, b) => a - b));
    expect(numbered(await customerPositions(unfolded(), { mall: MALL, seenWithinS: 600 }))).toEqual(
      numbered(now),
    );
    const past = (atS: number, seenWithinS: number) =>
      customerPositions(mall.ask, { mall: MALL, atS, seenWithinS }).then(numbered);
    expect(await past(noon(0), 600)).toEqual([
      [3, -599],
      [4, -200],
    ]);
    expect(await past(noon(-201), 600)).toEqual([
      [1, -601],
      [2, -600],
      [3, -599],
      [4, -300],
    ]);
    expect(await past(noon(-200), 1)).toEqual([[4, -200]]);
    expect(await past(noon(0), 90_000)).toEqual([
      [1, -601],
      [2, -600],
      [3, -599],
      [4, -200],
    ]);
  });

  test('of a shop are those of devices whose last position is there', async () => {
    await open(...records);
    const inShop = (shop: string, atS?: number) =>
      customerPositions(mall.ask, {
        mall: MALL,
        shop,
        seenWithinS: 600,
        ...(atS === undefined ? {} : { atS }),
      });
    expect(numbered(await inShop('A'))).toEqual([[3, -599]]);
    expect(numbered(await inShop('A', noon(-201)))).toEqual([
      [1, -601],
      [2, -600],
      [3, -599],
      [4, -300],
    ]);
    expect(await inShop('Nowhere')).toEqual([]);
    expect(await inShop('')).toEqual([]);
  });

  test.each([
    ['live', () => mall.ask],
    ['where nobody folds the mall', unfolded],
  ])('are provisional in seconds that are not decided yet: %s', async (_where, ask) => {
    await open([1, ago(60), 'A', 1, -50], [2, ago(59), 'A', 1, -50], [3, NOW, 'A', 1, -50]);
    for (const at of [{}, { atS: noon(0) }]) {
      const positions = await customerPositions(ask(), { mall: MALL, seenWithinS: 600, ...at });
      const undecided = positions.filter(({ provisional }) => provisional);
      expect(numbered(undecided)).toEqual([
        [2, -59],
        [3, 0],
      ]);
    }
  });
});

test('a track has one place a second, in order, of that day and device alone', async () => {
  await open(
    [1, '2024-06-13 23:59:59', 'A', 1, -50],
    [1, '2024-06-14 00:00:00', 'A', 1, -50],
    [2, '2024-06-14 00:00:01', 'A', 1, -50],
    [1, '2024-06-14 10:00:00', 'B', 2, -70],
    [1, '2024-06-14 10:00:00', 'A', 1, -50],
    [1, '2024-06-14 09:00:00', 'C', 4, -50],
  );
  const who = { mac: formatMac(macOf(1)) };
  const places = await customerTrack(mall.ask, { mall: MALL, who, date: '2024-06-14' });
  expect(places.map(({ atS, shop, x }) => [atS, shop!.code, x])).toEqual([
    [secondsOf('2024-06-14 00:00:00'), 'A', 100],
    [secondsOf('2024-06-14 09:00:00'), 'C', 100],
    [secondsOf('2024-06-14 10:00:00'), 'A', 100],
  ]);
  expect(await customerTrack(mall.ask, { mall: MALL, who, date: '2024-06-15' })).toEqual([]);
});

describe('present now', () => {
  test('counts devices heard in the last ten minutes, by the mall or by a shop', async () => {
    await open(
      [1, ago(600), 'A', 1, -50],
      [2, ago(599), 'A', 1, -50],
      [2, ago(10), 'B', 1, -50],
      [3, NOW, 'B', 1, -50],
      [4, NOW],
    );
    const answers = async (ask: Ask) => [
      (await presentNow(ask, { mall: MALL })).footfall,
      (await presentNow(ask, { mall: MALL, shop: 'A' })).footfall,
      (await presentNow(ask, { mall: MALL, shop: 'B' })).footfall,
      (await presentNow(ask, { mall: MALL, shop: 'Nowhere' })).footfall,
    ];
    expect(await answers(mall.ask)).toEqual([3, 1, 2, 0]);
    expect(await presentNow(mall.ask, { mall: MALL })).toEqual({ footfall: 3, asOfS: noon(0), stale: false });
    expect(await answers(unfolded())).toEqual([3, 1, 2, 0]);
    expect((await presentNow(unfolded(), { mall: MALL })).stale).toBe(true);
  });
});

const cellText = ({ floor, x, y, size, devices }: DensityCell) => [floor, x, y, size, devices];

describe('density', () => {
  const records: Heard[] = [
    [1, ago(60), 'A', 1, -50],
    [1, ago(59), 'A', 2, -50],
    [2, ago(30), 'A', 2, -50],
    [3, ago(30), 'A', 3, -50],
    [4, ago(30), 'A', 4, -50],
    [5, ago(30), 'A', 9, -50],
    [6, ago(30), 'A', undefined, -50],
    [7, ago(61), 'A', 1, -50],
    [8, NOW, 'A', 1, -50],
  ];

  test('counts devices by cell: of the last 60 seconds', async () => {
    await open(...records);
    const expected = [
      [null, -500, 0, 500, 1],
      [null, 0, 0, 500, 1],
      [null, 500, 0, 500, 2],
      ['1', 0, 500, 500, 1],
    ];
    expect((await density(mall.ask, { mall: MALL })).map(cellText)).toEqual(expected);
    expect((await density(unfolded(), { mall: MALL })).map(cellText)).toEqual(expected);
  });

  test('counts devices by cell: of the calendar minute of an instant, by the last position in it', async () => {
    await open(...records, [2, NOW, 'A', 1, -50]);
    const minute = [
      [null, -500, 0, 500, 1],
      [null, 500, 0, 500, 2],
      ['1', 0, 500, 500, 1],
    ];
    for (const atS of [noon(-60), noon(-31.5), noon(-1)]) {
      expect((await density(mall.ask, { mall: MALL, atS })).map(cellText)).toEqual(minute);
    }
    expect((await density(mall.ask, { mall: MALL, atS: noon(0) })).map(cellText)).toEqual([
      [null, 0, 0, 500, 2],
    ]);
    expect(await density(mall.ask, { mall: MALL, atS: noon(-3_600) })).toEqual([]);
  });

  test('follows the grid as the mall sets it now', async () => {
    await open(...records);
    await mall.opened.directoryChanged(directory({ settings: { densityCell: 2_000 } }));
    expect((await density(mall.ask, { mall: MALL })).map(cellText)).toEqual([
      [null, -2_000, 0, 2_000, 1],
      [null, 0, 0, 2_000, 3],
      ['1', 0, 0, 2_000, 1],
    ]);
  });

  test('has a history of the minutes that begin in the range, each whole', async () => {
    await open(...records);
    const history = async (fromS: number, untilS: number) =>
      (await densityHistory(mall.ask, { mall: MALL, fromS, untilS, first: 100 })).nodes.map(
        ({ minuteS, x, devices }) => [minuteS - noon(0), x, devices],
      );
    const earliest = [[-120, 0, 1]];
    const middle = [
      [-60, -500, 1],
      [-60, 500, 2],
      [-60, 0, 1],
    ];
    const latest = [[0, 0, 1]];
    expect(await history(noon(-3_600), noon(1))).toEqual([...earliest, ...middle, ...latest]);
    expect(await history(noon(-60), noon(0))).toEqual(middle);
    expect(await history(noon(-119), noon(-59))).toEqual(middle);
    expect(await history(noon(-59), noon(0))).toEqual([]);
    expect(await history(noon(0), noon(0))).toEqual([]);
    expect(await history(noon(0), noon(90_000))).toEqual(latest);
  });
});
