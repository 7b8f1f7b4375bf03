import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestServer } from '../http/open-test-server.ts';
import { askHttp } from './graphql-over-http.ts';
import { asked, setScript } from './scripted-questions.ts';

const DAY = 19_888; // 2024-06-14
const SETTLED = { day: DAY, settled: true, asOfS: 1_718_400_000, stale: false };
const OPEN = { day: DAY, settled: false, asOfS: null, stale: false };
const FINAL = { date: '2024-06-14', settled: true, asOf: '2024-06-14T21:20:00.000Z', stale: false };
const DAYS = '(mall: "m", from: "2024-06-13", to: "2024-06-14")';
const DAYS_ASKED = { mall: 'm', from: '2024-06-13', to: '2024-06-14' };
const ROW = 'date settled asOf stale';
const SHOP = { code: 'S1', name: null };
const PLACE = {
  ...{ atS: 1_718_362_800, x: -400, y: 7, floor: null },
  ...{ shop: SHOP, accessPoint: 0x3c_8c_f8_00_00_1d, rssiDbm: null },
};
const PLACE_ANSWER = {
  ...{ at: '2024-06-14T11:00:00.000Z', x: -400, y: 7, floor: null },
  ...{ shop: SHOP, accessPoint: '3c:8c:f8:00:00:1d', rssiDbm: null },
};
const PLACE_FIELDS = 'at x y floor shop { code name } accessPoint rssiDbm';
const DEVICE = 37_221_198_280_842;
const CUSTOMER = '11V8Y4TE4A';

let server: TestServer;
beforeAll(async () => {
  const { openTestServer } = await import('../http/open-test-server.ts');
  server = await openTestServer();
});
afterAll(() => server.close());

interface Row {
  readonly query: string;
  readonly question: string;
  readonly args: unknown;
  readonly answer: unknown;
  readonly data: unknown;
}

const ROWS: readonly Row[] = [
  {
    query: `mallFootfall${DAYS} { ${ROW} footfall newCustomers returningCustomers }`,
    question: 'mallFootfall',
    args: DAYS_ASKED,
    answer: [{ ...SETTLED, footfall: 3, newCustomers: 1, returningCustomers: 2 }],
    data: [{ ...FINAL, footfall: 3, newCustomers: 1, returningCustomers: 2 }],
  },
  {
    query: `newCustomers${DAYS} { ${ROW} newCustomers }`,
    question: 'newCustomers',
    args: DAYS_ASKED,
    answer: [{ ...OPEN, newCustomers: 0 }],
    data: [{ ...FINAL, settled: false, asOf: null, newCustomers: 0 }],
  },
  {
    query: `hourlyFootfall${DAYS} { ${ROW} hourStart footfall }`,
    question: 'hourlyFootfall',
    args: DAYS_ASKED,
    answer: [{ ...SETTLED, hourStartS: 1_718_362_800, footfall: 4 }],
    data: [{ ...FINAL, hourStart: '2024-06-14T11:00:00.000Z', footfall: 4 }],
  },
  {
    query: 'hourlyFootfall(mall: "m", from: "2024-06-13", to: "2024-06-14", shop: "S1") { footfall }',
    question: 'hourlyFootfall',
    args: { ...DAYS_ASKED, shop: 'S1' },
    answer: [],
    data: [],
  },
  {
    query: `shopFootfall${DAYS} { ${ROW} shop { code name } footfall entered visits dwellSeconds }`,
    question: 'shopFootfall',
    args: DAYS_ASKED,
    answer: [{ ...SETTLED, shop: SHOP, footfall: 9, entered: 8, visits: 10, dwellS: 5_000_000_000 }],
    data: [{ ...FINAL, shop: SHOP, footfall: 9, entered: 8, visits: 10, dwellSeconds: 5_000_000_000 }],
  },
  {
    query: 'shopFootfall(mall: "m", from: "2024-06-13", to: "2024-06-14", shops: ["S1", "S2"]) { visits }',
    question: 'shopFootfall',
    args: { ...DAYS_ASKED, shops: ['S1', 'S2'] },
    answer: [],
    data: [],
  },
  {
    query: `topShops(mall: "m", date: "2024-06-14") { ${ROW} rank shop { code name } footfall }`,
    question: 'topShops',
    args: { mall: 'm', date: '2024-06-14', limit: 5 },
    answer: [{ ...SETTLED, rank: 1, shop: SHOP, footfall: 9 }],
    data: [{ ...FINAL, rank: 1, shop: SHOP, footfall: 9 }],
  },
  {
    query: `peakHour${DAYS} { ${ROW} hourStart footfall }`,
    question: 'peakHour',
    args: DAYS_ASKED,
    answer: [
      { ...SETTLED, hourStartS: 1_718_362_800, footfall: 9 },
      { ...SETTLED, hourStartS: null, footfall: 0 },
    ],
    data: [
      { ...FINAL, hourStart: '2024-06-14T11:00:00.000Z', footfall: 9 },
      { ...FINAL, hourStart: null, footfall: 0 },
    ],
  },
  {
    query: 'presentNow(mall: "m", shop: null) { footfall asOf stale }',
    question: 'presentNow',
    args: { mall: 'm' },
    answer: { footfall: 7, asOfS: 1_718_362_800, stale: true },
    data: { footfall: 7, asOf: '2024-06-14T11:00:00.000Z', stale: true },
  },
  {
    query: `customerPositions(mall: "m") { customer randomized provisional ${PLACE_FIELDS} }`,
    question: 'customerPositions',
    args: { mall: 'm', seenWithinS: 600 },
    answer: [{ ...PLACE, device: DEVICE, randomized: false, provisional: true }],
    data: [{ ...PLACE_ANSWER, customer: CUSTOMER, randomized: false, provisional: true }],
  },
  {
    query:
      'customerPositions(mall: "m", shop: "S1", at: "2024-06-14T13:00:00.900+02:00", seenWithinSeconds: 90000) { x }',
    question: 'customerPositions',
    args: { mall: 'm', shop: 'S1', atS: 1_718_362_800, seenWithinS: 90_000 },
    answer: [{ ...PLACE, x: null, device: DEVICE, randomized: false, provisional: true }],
    data: [{ x: null }],
  },
  {
    query: `customerTrack(mall: "m", customer: "${CUSTOMER}", date: "2024-06-14") { ${PLACE_FIELDS} }`,
    question: 'customerTrack',
    args: { mall: 'm', who: { customer: CUSTOMER }, date: '2024-06-14' },
    answer: [PLACE, { ...PLACE, shop: null, accessPoint: null }],
    data: [PLACE_ANSWER, { ...PLACE_ANSWER, shop: null, accessPoint: null }],
  },
  {
    query: 'density(mall: "m", at: "1970-01-01T00:00:00Z") { floor x y size devices }',
    question: 'density',
    args: { mall: 'm', atS: 0 },
    answer: [{ floor: 'L1', x: -500, y: 2.5, size: 2.5, devices: 3 }],
    data: [{ floor: 'L1', x: -500, y: 2.5, size: 2.5, devices: 3 }],
  },
  {
    query: `densityHistory(mall: "m", from: "2024-06-14T11:00:00.001Z", to: "2024-06-14T12:00:00Z") {
      nodes { minute floor x y size devices } pageInfo { endCursor hasNextPage } }`,
    question: 'densityHistory',
    args: { mall: 'm', fromS: 1_718_362_801, untilS: 1_718_366_400, first: 1000 },
    answer: {
      nodes: [{ minuteS: 1_718_362_860, floor: null, x: 0, y: 0, size: 500, devices: 1 }],
      ...{ endCursor: 'c', hasNextPage: true },
    },
    data: {
      nodes: [{ minute: '2024-06-14T11:01:00.000Z', floor: null, x: 0, y: 0, size: 500, devices: 1 }],
      pageInfo: { endCursor: 'c', hasNextPage: true },
    },
  },
  {
    query: `favoriteShop(mall: "m", mac: "A4-C3-61-0B-22-01", date: "2024-06-14") {
      ${ROW} customer shop { code name } visits dwellSeconds }`,
    question: 'favoriteShop',
    args: { mall: 'm', who: { mac: 'A4-C3-61-0B-22-01' }, date: '2024-06-14' },
    answer: { ...SETTLED, device: DEVICE, shop: SHOP, visits: 2, dwellS: 30 },
    data: { ...FINAL, customer: CUSTOMER, shop: SHOP, visits: 2, dwellSeconds: 30 },
  },
  {
    query: `favoriteShop(mall: "m", customer: "${CUSTOMER}", mac: null, date: "2024-06-14") { visits }`,
    question: 'favoriteShop',
    args: { mall: 'm', who: { customer: CUSTOMER }, date: '2024-06-14' },
    answer: null,
    data: null,
  },
  {
    query: `favoriteShops(mall: "m", date: "2024-06-14") {
      nodes { ${ROW} customer shop { code name } visits dwellSeconds } pageInfo { endCursor hasNextPage } }`,
    question: 'favoriteShops',
    args: { mall: 'm', date: '2024-06-14', first: 100 },
    answer: {
      nodes: [{ ...SETTLED, device: DEVICE, shop: SHOP, visits: 2, dwellS: 30 }],
      ...{ endCursor: null, hasNextPage: false },
    },
    data: {
      nodes: [{ ...FINAL, customer: CUSTOMER, shop: SHOP, visits: 2, dwellSeconds: 30 }],
      pageInfo: { endCursor: null, hasNextPage: false },
    },
  },
  {
    query: `repeatShops(mall: "m", date: "2024-06-14", first: 3, after: "c") {
      nodes { ${ROW} customer shop { code name } visits } pageInfo { endCursor hasNextPage } }`,
    question: 'repeatShops',
    args: { mall: 'm', date: '2024-06-14', first: 3, after: 'c' },
    answer: {
      nodes: [{ ...SETTLED, device: DEVICE, shop: SHOP, visits: 2 }],
      ...{ endCursor: 'd', hasNextPage: true },
    },
    data: {
      nodes: [{ ...FINAL, customer: CUSTOMER, shop: SHOP, visits: 2 }],
      pageInfo: { endCursor: 'd', hasNextPage: true },
    },
  },
  {
    query: `customerShops(mall: "m", customer: "${CUSTOMER}", date: "2024-06-14") {
      ${ROW} shop { code name } visits dwellSeconds firstSeen lastSeen }`,
    question: 'customerShops',
    args: { mall: 'm', who: { customer: CUSTOMER }, date: '2024-06-14' },
    answer: [
      { ...SETTLED, shop: SHOP, visits: 1, dwellS: 60, firstSeenS: 1_718_362_800, lastSeenS: 1_718_362_860 },
    ],
    data: [
      {
        ...{ ...FINAL, shop: SHOP, visits: 1, dwellSeconds: 60 },
        ...{ firstSeen: '2024-06-14T11:00:00.000Z', lastSeen: '2024-06-14T11:01:00.000Z' },
      },
    ],
  },
  {
    query: `customer(mall: "m", customer: "${CUSTOMER}") { customer firstSeen lastSeen imported randomized }`,
    question: 'customer',
    args: { mall: 'm', who: { customer: CUSTOMER } },
    answer: {
      ...{ device: DEVICE, firstSeenS: 1_718_362_800, lastSeenS: 1_718_362_860 },
      ...{ imported: true, randomized: false },
    },
    data: {
      ...{ customer: CUSTOMER, firstSeen: '2024-06-14T11:00:00.000Z', lastSeen: '2024-06-14T11:01:00.000Z' },
      ...{ imported: true, randomized: false },
    },
  },
  {
    query: `ingest${DAYS} { ${ROW} kept dropped { reason count } minutesWithoutRecords lastRecordAt }`,
    question: 'ingest',
    args: DAYS_ASKED,
    answer: [
      {
        ...{ ...SETTLED, kept: 5, dropped: [{ reason: 'bad_time', count: 2 }] },
        ...{ minutesWithoutRecords: 1439, lastRecordS: null },
      },
    ],
    data: [
      {
        ...{ ...FINAL, kept: 5, dropped: [{ reason: 'bad_time', count: 2 }] },
        ...{ minutesWithoutRecords: 1439, lastRecordAt: null },
      },
    ],
  },
  {
    query: 'malls { code name timeZone today shops { code name } }',
    question: 'malls',
    args: undefined,
    answer: [{ code: 'm', name: 'M', timeZone: 'Asia/Shanghai', today: DAY, shops: [SHOP] }],
    data: [{ code: 'm', name: 'M', timeZone: 'Asia/Shanghai', today: '2024-06-14', shops: [SHOP] }],
  },
];

test.each(ROWS)('$question asks with its arguments and answers as it was answered: $query', async (row) => {
  setScript({ [row.question]: () => row.answer });
  const { status, body } = await askHttp(server.url, `{ ${row.query} }`);
  expect(body).toEqual({ data: { [row.question]: row.data } });
  expect(status).toBe(200);
  expect(asked).toEqual([{ question: row.question, args: row.args }]);
});

describe('access points of a mall', () => {
  const mall = { code: 'm', name: 'M', timeZone: 'Asia/Shanghai', today: DAY, shops: [] };
  const point = {
    ...{ mac: 0x3c_8c_f8_00_00_1d, x: null, y: 3, floor: 'L1' },
    ...{ shop: SHOP, lastHeardS: 1_718_362_800, recordsToday: 3_000_000_000 },
  };

  test('are asked for when they are selected', async () => {
    setScript({ mall: () => mall, accessPoints: () => [point, { ...point, shop: null, lastHeardS: null }] });
    const fields = 'mac x y floor shop { code name } lastHeardAt recordsToday';
    const { body } = await askHttp(server.url, `{ mall(code: "m") { code accessPoints { ${fields} } } }`);
    const answer = {
      ...{ mac: '3c:8c:f8:00:00:1d', x: null, y: 3, floor: 'L1' },
      ...{ shop: SHOP, lastHeardAt: '2024-06-14T11:00:00.000Z', recordsToday: 3_000_000_000 },
    };
    expect(body.data?.mall).toEqual({
      code: 'm',
      accessPoints: [answer, { ...answer, shop: null, lastHeardAt: null }],
    });
    expect(asked).toEqual([
      { question: 'mall', args: 'm' },
      { question: 'accessPoints', args: 'm' },
    ]);
  });

  test('are not asked for when they are not', async () => {
    setScript({ mall: () => mall });
    const { body } = await askHttp(server.url, '{ mall(code: "m") { code } }');
    expect(body).toEqual({ data: { mall: { code: 'm' } } });
  });
});
