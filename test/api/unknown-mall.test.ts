import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ask } from '../../src/query/answers.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { askHttp } from './graphql-over-http.ts';
import { askSocket } from './graphql-over-socket.ts';

/** The real questions, of a server that serves no mall. */
let server: TestServer;
beforeAll(async () => {
  const ask = { served: () => undefined, codes: () => [] } as unknown as Ask;
  server = await openTestServer({ ask });
});
afterAll(() => server.close());

const DAYS = '(mall: "x", from: "2024-06-14", to: "2024-06-14")';
const CUSTOMER = 'mall: "x", customer: "11V8Y4TE4A"';
const QUERIES = [
  'mall(code: "x") { code }',
  `mallFootfall${DAYS} { date }`,
  `hourlyFootfall${DAYS} { date }`,
  `shopFootfall${DAYS} { date }`,
  `newCustomers${DAYS} { date }`,
  'topShops(mall: "x", date: "2024-06-14") { date }',
  `peakHour${DAYS} { date }`,
  'presentNow(mall: "x") { footfall }',
  'customerPositions(mall: "x") { at }',
  `customerTrack(${CUSTOMER}, date: "2024-06-14") { at }`,
  'density(mall: "x") { x }',
  'densityHistory(mall: "x", from: "2024-06-14T00:00:00Z", to: "2024-06-14T01:00:00Z") { nodes { x } }',
  `favoriteShop(${CUSTOMER}, date: "2024-06-14") { date }`,
  'favoriteShops(mall: "x", date: "2024-06-14") { nodes { date } }',
  'repeatShops(mall: "x", date: "2024-06-14") { nodes { date } }',
  `customerShops(${CUSTOMER}, date: "2024-06-14") { date }`,
  `customer(${CUSTOMER}) { imported }`,
  `ingest${DAYS} { date }`,
];
const SUBSCRIPTIONS = [
  'mallFootfall(mall: "x") { date }',
  'shopFootfall(mall: "x") { date }',
  'hourlyFootfall(mall: "x") { date }',
  'newCustomers(mall: "x") { date }',
  'topShops(mall: "x") { date }',
  'peakHour(mall: "x") { date }',
  'presentNow(mall: "x") { footfall }',
  'customerPositions(mall: "x") { at }',
  'density(mall: "x") { at }',
  `favoriteShop(${CUSTOMER}) { date }`,
];

describe('a mall that is not served is refused by', () => {
  test.each(QUERIES)('%s', async (query) => {
    const { errors } = (await askHttp(server.url, `{ ${query} }`)).body;
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNKNOWN_MALL']);
  });

  test.each(SUBSCRIPTIONS)('subscription %s', async (subscription) => {
    const { errors } = await askSocket(server.url, `subscription { ${subscription} }`);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNKNOWN_MALL']);
  });
});

test('no mall is an empty list', async () => {
  expect((await askHttp(server.url, '{ malls { code } }')).body).toEqual({ data: { malls: [] } });
});
