import { BENCH_MALL } from './bench-mall.ts';

const MALL = `mall: "${BENCH_MALL}"`;
const RANGE = '$from: LocalDate!, $to: LocalDate!';
const DAYS = `${MALL}, from: $from, to: $to`;
const PAGE = `${MALL}, date: $date, first: $first`;
const CUSTOMER_OF_DAY = `${MALL}, customer: $customer, date: $date`;
const OF_DAY = 'date settled asOf';
const SHOP = 'shop { code name }';
const PLACE = `x y floor ${SHOP} rssiDbm accessPoint`;
const CELL = 'x y floor size devices';
const PAGE_INFO = 'pageInfo { endCursor hasNextPage }';

/** One text for each field of Query, as a dashboard would send it: what varies is a variable. */
export const QUERY_TEXTS = {
  malls: 'query { malls { code name timeZone today } }',
  mall: `query { mall(code: "${BENCH_MALL}") {
    name today shops { code name } accessPoints { mac x y floor lastHeardAt recordsToday }
  } }`,
  mallFootfall: `query (${RANGE}) { mallFootfall(${DAYS}) { ${OF_DAY} footfall newCustomers returningCustomers } }`,
  newCustomers: `query (${RANGE}) { newCustomers(${DAYS}) { ${OF_DAY} newCustomers } }`,
  peakHour: `query (${RANGE}) { peakHour(${DAYS}) { ${OF_DAY} hourStart footfall } }`,
  hourlyFootfall: `query (${RANGE}, $shop: String) {
    hourlyFootfall(${DAYS}, shop: $shop) { ${OF_DAY} hourStart footfall }
  }`,
  shopFootfall: `query (${RANGE}, $shops: [String!]) {
    shopFootfall(${DAYS}, shops: $shops) { ${OF_DAY} ${SHOP} footfall entered visits dwellSeconds }
  }`,
  topShops: `query ($date: LocalDate!) { topShops(${MALL}, date: $date) { ${OF_DAY} rank ${SHOP} footfall } }`,
  ingest: `query (${RANGE}) {
    ingest(${DAYS}) { ${OF_DAY} kept dropped { reason count } minutesWithoutRecords lastRecordAt }
  }`,
  customer: `query ($customer: ID!) {
    customer(${MALL}, customer: $customer) { customer firstSeen lastSeen imported randomized }
  }`,
  customerShops: `query ($customer: ID!, $date: LocalDate!) {
    customerShops(${CUSTOMER_OF_DAY}) { ${OF_DAY} ${SHOP} visits dwellSeconds firstSeen lastSeen }
  }`,
  favoriteShop: `query ($customer: ID!, $date: LocalDate!) {
    favoriteShop(${CUSTOMER_OF_DAY}) { ${OF_DAY} ${SHOP} visits dwellSeconds }
  }`,
  favoriteShops: `query ($date: LocalDate!, $first: Int = 100) {
    favoriteShops(${PAGE}) { nodes { customer ${SHOP} visits dwellSeconds } ${PAGE_INFO} }
  }`,
  repeatShops: `query ($date: LocalDate!, $first: Int = 100) {
    repeatShops(${PAGE}) { nodes { customer ${SHOP} visits } ${PAGE_INFO} }
  }`,
  customerTrack: `query ($customer: ID!, $date: LocalDate!) { customerTrack(${CUSTOMER_OF_DAY}) { at ${PLACE} } }`,
  customerPositions: `query ($at: DateTime) {
    customerPositions(${MALL}, at: $at) { customer at ${PLACE} provisional }
  }`,
  density: `query ($at: DateTime) { density(${MALL}, at: $at) { ${CELL} } }`,
  densityHistory: `query ($from: DateTime!, $to: DateTime!) {
    densityHistory(${MALL}, from: $from, to: $to) { nodes { minute ${CELL} } ${PAGE_INFO} }
  }`,
  presentNow: `query { presentNow(${MALL}) { footfall asOf } }`,
} as const;

export type QueryField = keyof typeof QUERY_TEXTS;
