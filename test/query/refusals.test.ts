import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessPoints } from '../../src/query/access-points.ts';
import type { Ask } from '../../src/query/answers.ts';
import { customer } from '../../src/query/customer.ts';
import { customerPositions } from '../../src/query/customer-positions.ts';
import { customerShops } from '../../src/query/customer-shops.ts';
import { customerTrack } from '../../src/query/customer-track.ts';
import { dayUpdates } from '../../src/query/day-updates.ts';
import { density } from '../../src/query/density.ts';
import { densityHistory } from '../../src/query/density-history.ts';
import { densityUpdates } from '../../src/query/density-updates.ts';
import { favoriteShop } from '../../src/query/favorite-shop.ts';
import { favoriteShops } from '../../src/query/favorite-shops.ts';
import { hourlyFootfall } from '../../src/query/hourly-footfall.ts';
import { ingest } from '../../src/query/ingest.ts';
import { mall as mallAnswer } from '../../src/query/mall.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { newCustomers } from '../../src/query/new-customers.ts';
import { peakHour } from '../../src/query/peak-hour.ts';
import { positionUpdates } from '../../src/query/position-updates.ts';
import { presentNow } from '../../src/query/present-now.ts';
import type { RefusalCode } from '../../src/query/refusal.ts';
import { repeatShops } from '../../src/query/repeat-shops.ts';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import { topShops } from '../../src/query/top-shops.ts';
import { MALL, secondsOf, TestMall } from './test-mall.ts';

let mall: TestMall;
let ask: Ask;
beforeAll(async () => {
  mall = await TestMall.open({ keepRawDays: 7, keepCustomerDays: 30 });
  ask = mall.ask;
});
afterAll(() => mall.close());

const who = { customer: '11V8Y4TE4A' };
const on = (date: string) => ({ mall: MALL, date });
const between = (from: string, to: string) => ({ mall: MALL, from, to });
const cursor = (...content: unknown[]) => Buffer.from(JSON.stringify(content)).toString('base64url');
const at = secondsOf;

type Case = readonly [what: string, question: () => Promise<unknown>, code: RefusalCode, message: string];

const DATES: Case[] = [
  [
    'a date that does not exist',
    () => mallFootfall(ask, between('2024-02-30', '2024-03-01')),
    'BAD_DATE',
    'from "2024-02-30" is not a date; write a day from 1970 to 2105 that exists, as 2024-06-14',
  ],
  [
    'a date that is something else',
    () => topShops(ask, { ...on('yesterday'), limit: 5 }),
    'BAD_DATE',
    'date "yesterday" is not a date; write a day from 1970 to 2105 that exists, as 2024-06-14',
  ],
  [
    'a reversed range',
    () => peakHour(ask, between('2024-06-15', '2024-06-14')),
    'BAD_RANGE',
    'from 2024-06-15 is after to 2024-06-14; the earlier day comes first',
  ],
  [
    'a range that is too wide',
    () => hourlyFootfall(ask, between('2024-01-01', '2027-01-05')),
    'RANGE_TOO_WIDE',
    '2024-01-01 to 2027-01-05 is 1,101 days; ask for at most 1,100 at a time, such as 2024-01-01 to 2027-01-04',
  ],
  [
    'reversed instants',
    () =>
      densityHistory(ask, {
        mall: MALL,
        fromS: at('2024-06-14 11:00:00'),
        untilS: at('2024-06-14 10:00:00'),
        first: 10,
      }),
    'BAD_RANGE',
    'from 2024-06-14T11:00:00Z is after to 2024-06-14T10:00:00Z; the earlier instant comes first',
  ],
  [
    'more than 25 hours',
    () =>
      densityHistory(ask, {
        mall: MALL,
        fromS: at('2024-06-13 10:00:00'),
        untilS: at('2024-06-14 11:00:01'),
        first: 10,
      }),
    'RANGE_TOO_WIDE',
    'from 2024-06-13T10:00:00Z to 2024-06-14T11:00:01Z is more than 25 hours; ask for at most that at a time, such as to 2024-06-14T11:00:00Z',
  ],
];

const ARGUMENTS: Case[] = [
  [
    'a limit of none',
    () => topShops(ask, { ...on('2024-06-14'), limit: 0 }),
    'BAD_ARGUMENT',
    'limit is 0; it must be a whole number from 1 to 1,000',
  ],
  [
    'half a shop',
    () => topShops(ask, { ...on('2024-06-14'), limit: 1.5 }),
    'BAD_ARGUMENT',
    'limit is 1.5; it must be a whole number from 1 to 1,000',
  ],
  ...[favoriteShops, repeatShops].map(
    (question): Case => [
      `a page of ${question.name} that is too long`,
      () => question(ask, { ...on('2024-06-14'), first: 1_001 }),
      'BAD_ARGUMENT',
      'first is 1001; it must be a whole number from 1 to 1,000',
    ],
  ),
  [
    'a page of minutes that is too long',
    () => densityHistory(ask, { mall: MALL, fromS: mall.nowS - 60, untilS: mall.nowS, first: -1 }),
    'BAD_ARGUMENT',
    'first is -1; it must be a whole number from 1 to 1,000',
  ],
  [
    'a look too far back',
    () => customerPositions(ask, { mall: MALL, seenWithinS: 90_001 }),
    'BAD_ARGUMENT',
    'seenWithinSeconds is 90001; it must be a whole number from 1 to 90,000',
  ],
  ...[
    () => customerPositions(ask, { mall: MALL, atS: mall.nowS + 121, seenWithinS: 600 }),
    () => density(ask, { mall: MALL, atS: mall.nowS + 121 }),
  ].map(
    (question, i): Case => [
      `an instant in the future (${i + 1})`,
      question,
      'BAD_ARGUMENT',
      'at 2024-06-14T12:02:01Z is in the future; ask for an instant that has passed, or leave it out for now',
    ],
  ),
];

const NO_ID = 'customer "11V8" is not a customer id; one has 10 letters and digits, as 11V8Y4TE4A';
const NO_MAC = 'mac is not an address; one has 12 hexadecimal digits, as a4:c3:61:0b:22:01';
const CUSTOMERS: Case[] = [
  ...[favoriteShop, customerShops, customerTrack].map(
    (question): Case => [
      `${question.name} of no customer id`,
      () => question(ask, { ...on('2024-06-14'), who: { customer: '11V8' } }),
      'BAD_CUSTOMER',
      NO_ID,
    ],
  ),
  [
    'an id beyond the last',
    () => customer(ask, { mall: MALL, who: { customer: 'ZZZZZZZZZZ' } }),
    'BAD_CUSTOMER',
    NO_ID.replace('11V8"', 'ZZZZZZZZZZ"'),
  ],
  // The text may be somebody's address with a slip in it, so it is not repeated.
  ['no address', () => customer(ask, { mall: MALL, who: { mac: 'a4:c3:61:0b:22' } }), 'BAD_CUSTOMER', NO_MAC],
];

const NO_CURSOR = 'is not a cursor; pass the endCursor of the page before, or leave it out to begin';
const OTHER_PAGES = 'after is a cursor of other pages, not of';
const CURSORS: Case[] = [
  ...['', 'x', '!!!', cursor('favoriteShops'), cursor('favoriteShops', MALL, '2024-06-14', 'x')].map(
    (after): Case => [
      `the cursor ${JSON.stringify(after)}`,
      () => favoriteShops(ask, { ...on('2024-06-14'), first: 10, after }),
      'BAD_CURSOR',
      after === cursor('favoriteShops')
        ? `${OTHER_PAGES} favoriteShops for mall "plaza" and 2024-06-14; leave it out to begin with the first page`
        : `after ${JSON.stringify(after.length > 40 ? `${after.slice(0, 40)}…` : after)} ${NO_CURSOR}`,
    ],
  ),
  ...[
    ['favoriteShops', MALL, '2024-06-14', 7, 'A'],
    ['repeatShops', 'other', '2024-06-14', 7, 'A'],
    ['repeatShops', MALL, '2024-06-13', 7, 'A'],
  ].map(
    (content): Case => [
      `a cursor of ${content.slice(0, 3).join(', ')} given to repeatShops`,
      () => repeatShops(ask, { ...on('2024-06-14'), first: 10, after: cursor(...content) }),
      'BAD_CURSOR',
      `${OTHER_PAGES} repeatShops for mall "plaza" and 2024-06-14; leave it out to begin with the first page`,
    ],
  ),
  ...[
    [-1_000_020, null, 0, 0],
    [60, null, 0],
    [1, null, 0, 0],
    [120, null, 0, 0],
    [60, 7, 0, 0],
    [60, null, 'x', 0],
  ].map((key): Case => {
    const after = cursor('densityHistory', MALL, '0 to 120', ...key);
    return [
      `a cursor of densityHistory with ${JSON.stringify(key)}`,
      () =>
        densityHistory(
          { ...ask, keepRawDays: null },
          { mall: MALL, fromS: 0, untilS: 120, first: 10, after },
        ),
      'BAD_CURSOR',
      `after ${JSON.stringify(`${after.slice(0, 40)}…`)} ${NO_CURSOR}`,
    ];
  }),
];

const RAW_GONE = 'raw records before 2024-06-08 are no longer kept; ask from that day on';
const ROWS_GONE = 'rows of single customers before 2024-05-16 are no longer kept; ask from that day on';
const EXPIRED: Case[] = [
  ['a track', () => customerTrack(ask, { ...on('2024-06-07'), who }), 'EXPIRED', RAW_GONE],
  [
    'positions, some of whose seconds are gone',
    () => customerPositions(ask, { mall: MALL, atS: at('2024-06-08 00:09:58'), seenWithinS: 600 }),
    'EXPIRED',
    RAW_GONE,
  ],
  ['a minute', () => density(ask, { mall: MALL, atS: at('2024-06-07 23:59:59') }), 'EXPIRED', RAW_GONE],
  [
    'minutes',
    () =>
      densityHistory(ask, {
        mall: MALL,
        fromS: at('2024-06-07 23:59:59'),
        untilS: at('2024-06-08 00:10:00'),
        first: 10,
      }),
    'EXPIRED',
    RAW_GONE,
  ],
  ['a favourite', () => favoriteShop(ask, { ...on('2024-05-15'), who }), 'EXPIRED', ROWS_GONE],
  ['favourites', () => favoriteShops(ask, { ...on('2024-05-15'), first: 10 }), 'EXPIRED', ROWS_GONE],
  ['repeated visits', () => repeatShops(ask, { ...on('2024-05-15'), first: 10 }), 'EXPIRED', ROWS_GONE],
  ['the shops of a customer', () => customerShops(ask, { ...on('2024-05-15'), who }), 'EXPIRED', ROWS_GONE],
];

describe.each([
  ['dates and ranges', DATES],
  ['numbers', ARGUMENTS],
  ['customers', CUSTOMERS],
  ['cursors', CURSORS],
  ['what is kept no longer', EXPIRED],
])('refused for its %s', (_kind, cases) => {
  test.each(cases)('%s', async (_what, question, code, message) => {
    await expect(question()).rejects.toMatchObject({ name: 'Refusal', code, message });
  });
});

test.each([
  ['a track', () => customerTrack(ask, { ...on('2024-06-08'), who })],
  [
    'positions',
    () => customerPositions(ask, { mall: MALL, atS: at('2024-06-08 00:09:59'), seenWithinS: 600 }),
  ],
  [
    'positions a little ahead of the clock',
    () => customerPositions(ask, { mall: MALL, atS: mall.nowS + 120, seenWithinS: 90_000 }),
  ],
  ['a minute', () => density(ask, { mall: MALL, atS: at('2024-06-08 00:00:00') })],
  [
    '25 hours',
    () => densityHistory(ask, { mall: MALL, fromS: mall.nowS - 90_000, untilS: mall.nowS, first: 1_000 }),
  ],
  ['favourites', () => favoriteShops(ask, { ...on('2024-05-16'), first: 1 })],
  ['totals, which are kept for good', () => mallFootfall(ask, between('1970-01-01', '1973-01-04'))],
])('answered at the limit: %s', async (_what, question) => {
  await expect(question()).resolves.toBeDefined();
});

describe('an unknown mall', () => {
  const message = 'there is no mall "plazza"; ask for plaza';
  const unknown = { mall: 'plazza' };
  const range = { ...unknown, from: '2024-06-14', to: '2024-06-14' };
  const date = { ...unknown, date: '2024-06-14' };

  test.each<[string, () => unknown]>([
    ['mallFootfall', () => mallFootfall(ask, range)],
    ['hourlyFootfall', () => hourlyFootfall(ask, range)],
    ['shopFootfall', () => shopFootfall(ask, range)],
    ['newCustomers', () => newCustomers(ask, range)],
    ['topShops', () => topShops(ask, { ...date, limit: 5 })],
    ['peakHour', () => peakHour(ask, range)],
    ['presentNow', () => presentNow(ask, unknown)],
    ['customerPositions', () => customerPositions(ask, { ...unknown, seenWithinS: 600 })],
    ['customerTrack', () => customerTrack(ask, { ...date, who })],
    ['density', () => density(ask, unknown)],
    ['densityHistory', () => densityHistory(ask, { ...unknown, fromS: 0, untilS: 60, first: 1 })],
    ['favoriteShop', () => favoriteShop(ask, { ...date, who })],
    ['favoriteShops', () => favoriteShops(ask, { ...date, first: 1 })],
    ['repeatShops', () => repeatShops(ask, { ...date, first: 1 })],
    ['customerShops', () => customerShops(ask, { ...date, who })],
    ['customer', () => customer(ask, { ...unknown, who })],
    ['ingest', () => ingest(ask, range)],
    ['mall', () => mallAnswer(ask, 'plazza')],
    ['accessPoints', () => accessPoints(ask, 'plazza')],
  ])('is refused by %s', async (_name, question) => {
    await expect(question()).rejects.toMatchObject({ code: 'UNKNOWN_MALL', message });
  });

  test.each<[string, () => unknown]>([
    ['dayUpdates', () => dayUpdates(ask, 'plazza', async () => 0)],
    ['positionUpdates', () => positionUpdates(ask, unknown)],
    ['densityUpdates', () => densityUpdates(ask, unknown)],
  ])('is refused by %s at once', (_name, subscribe) => {
    expect(subscribe).toThrow(expect.objectContaining({ code: 'UNKNOWN_MALL', message }));
  });

  test.each([
    [[], 'there is no mall "x"; none is served yet'],
    [['a', 'b'], 'there is no mall "x"; ask for one of a, b'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'there is no mall "x"; ask for one of a, b, c, d, e or 2 more'],
  ])('of %j is told what there is', async (codes, told) => {
    await expect(
      mallAnswer({ ...ask, served: () => undefined, codes: () => codes }, 'x'),
    ).rejects.toMatchObject({
      message: told,
    });
  });
});

describe('an answer that would be too large', () => {
  const shops = Array.from({ length: 501 }, (_, i) => `S${i}`);

  test('is refused before the store is asked where that can be known', async () => {
    const asked: Ask = { ...ask, store: {} as Ask['store'], live: { mall: () => undefined } };
    await expect(
      shopFootfall(asked, { ...between('2024-01-01', '2024-04-09'), shops }),
    ).rejects.toMatchObject({
      code: 'ANSWER_TOO_LARGE',
      message:
        'the answer has 50,100 rows, more than the 50,000 that one answer may have; ask for fewer days, or name fewer shops',
    });
  });

  test('is given at the limit', async () => {
    const rows = await shopFootfall(ask, { ...between('2024-01-01', '2024-04-09'), shops: shops.slice(1) });
    expect(rows).toHaveLength(50_000);
  });

  test('counts unknown shops too', async () => {
    const open = {
      day: 0,
      asOfS: 1,
      shops: () =>
        Array.from({ length: 50_000 }, (_, i) => ({
          day: 0,
          shop: 100 + i,
          footfall: 1,
          entered: 0,
          visits: 0,
          dwellS: 0,
        })),
    };
    const live = { mall: () => ({ stale: false, openDay: () => open }) } as unknown as Ask['live'];
    await expect(shopFootfall({ ...ask, live }, between('2024-06-14', '2024-06-14'))).rejects.toMatchObject({
      code: 'ANSWER_TOO_LARGE',
    });
  });

  test('of positions says how to ask for fewer', async () => {
    const position = { atS: 1, shop: 0, accessPoint: 0, signalDbm: -50, provisional: false };
    const positions = Array.from({ length: 50_001 }, (_, device) => ({ ...position, device }));
    const live = {
      mall: () => ({ stale: false, positionsSince: () => positions }),
    } as unknown as Ask['live'];
    await expect(customerPositions({ ...ask, live }, { mall: MALL, seenWithinS: 600 })).rejects.toMatchObject(
      {
        code: 'ANSWER_TOO_LARGE',
        message:
          'the answer has 50,001 rows, more than the 50,000 that one answer may have; ask for one shop, or for fewer seenWithinSeconds',
      },
    );
  });
});
