import { Calendar, formatDay } from '../../src/calendar.ts';
import type { AskedHistory } from './asked-history.ts';
import { BENCH_PLAN } from './bench-mall.ts';
import type { QueryField } from './query-texts.ts';

/** How long an answer may take: by its rows, as one about an instant of the past, or as nobody has said. */
export type Allowance = 'rows' | 'instant' | 'none';

/** One way to ask one field of Query. */
export interface QueryCase {
  readonly field: QueryField;
  readonly name: string;
  readonly allowance: Allowance;
  /** Other values at every call, where there are other ones. */
  variables(history: AskedHistory): Readonly<Record<string, unknown>>;
}

type Row = readonly [QueryField, what: string, Allowance, QueryCase['variables']];

const SHOP = BENCH_PLAN.places[0]!.code;
const calendar = new Calendar(BENCH_PLAN.timeZone);

const nothing = () => ({});
const aDate = (history: AskedHistory) => ({ date: formatDay(history.anyDay()) });
const aDay = (history: AskedHistory) => rangeOf(history.anyDay());
const allDays = ({ days }: AskedHistory) => rangeOf(days.from, days.to);
const today = () => rangeOf(calendar.dayOf(Math.floor(Date.now() / 1_000)));
const aCustomer = (history: AskedHistory) => ({ customer: history.anyCustomer().customer });
const aCustomerOfDay = (history: AskedHistory) => ({ ...history.anyCustomer() });
const anInstant = (history: AskedHistory) => ({ at: toInstant(history.anyBusyS()) });
const aMinute = (history: AskedHistory) => spanOf(history.anyBusyS(), 60);
const anHour = (history: AskedHistory) => spanOf(history.anyBusyS(), 3_600);

const ROWS: readonly Row[] = [
  ['malls', '', 'rows', nothing],
  ['mall', 'its shops and access points', 'rows', nothing],
  ['mallFootfall', 'all days', 'rows', allDays],
  ['newCustomers', 'all days', 'rows', allDays],
  ['peakHour', 'all days', 'rows', allDays],
  ['hourlyFootfall', 'all days', 'rows', allDays],
  ['hourlyFootfall', 'all days of a shop', 'rows', (history) => ({ ...allDays(history), shop: SHOP })],
  ['shopFootfall', 'a day', 'rows', aDay],
  ['shopFootfall', 'all days of a shop', 'rows', (history) => ({ ...allDays(history), shops: [SHOP] })],
  ['shopFootfall', 'all days of all shops', 'rows', allDays],
  ['topShops', 'a day', 'rows', aDate],
  ['ingest', 'all days', 'rows', allDays],
  ['customer', '', 'rows', aCustomer],
  ['customerShops', 'a day', 'rows', aCustomerOfDay],
  ['favoriteShop', 'a day', 'rows', aCustomerOfDay],
  ['favoriteShops', 'a page of 100', 'rows', aDate],
  ['favoriteShops', 'a page of 1,000', 'rows', (history) => ({ ...aDate(history), first: 1_000 })],
  ['repeatShops', 'a page of 100', 'rows', aDate],
  ['repeatShops', 'a page of 1,000', 'rows', (history) => ({ ...aDate(history), first: 1_000 })],
  ['customerTrack', 'a day', 'instant', aCustomerOfDay],
  ['customerPositions', 'an instant of the past', 'instant', anInstant],
  ['density', 'a minute of the past', 'instant', anInstant],
  ['densityHistory', 'a minute', 'instant', aMinute],
  ['densityHistory', 'an hour, the first page', 'none', anHour],
  ['presentNow', 'now', 'none', nothing],
  ['customerPositions', 'now', 'none', nothing],
  ['density', 'now', 'none', nothing],
  ['mallFootfall', 'today', 'none', today],
  ['shopFootfall', 'today', 'none', today],
  ['favoriteShops', 'today, a page of 1,000', 'none', () => ({ date: today().from, first: 1_000 })],
];

/** Every field of Query, settled days and the open one, small answers and large ones. */
export const QUERY_CASES: readonly QueryCase[] = ROWS.map(([field, what, allowance, variables]) => ({
  field,
  name: what === '' ? field : `${field}, ${what}`,
  allowance,
  variables,
}));

function rangeOf(from: number, to = from): { from: string; to: string } {
  return { from: formatDay(from), to: formatDay(to) };
}

function spanOf(fromS: number, seconds: number): { from: string; to: string } {
  return { from: toInstant(fromS), to: toInstant(fromS + seconds) };
}

function toInstant(atS: number): string {
  return new Date(atS * 1_000).toISOString();
}
