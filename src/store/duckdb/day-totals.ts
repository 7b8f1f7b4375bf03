import type { Codebook } from '../../codebook.ts';
import type { AccessPointDay, DayRange, DayTotals, HourTotals, ShopTotals } from '../../terms.ts';
import { numbers } from './column-values.ts';
import type { Session } from './session.ts';

/** What was counted on settled days. */

const DAYS = 'mall = $1 AND day BETWEEN $2 AND $3';
const DAY_TOTALS = `SELECT day, footfall, new_customers FROM day_total WHERE ${DAYS} ORDER BY day`;
const SHOP_COLUMNS = 'day, shop, footfall, entered, visits, dwell_seconds';
const SHOP_TOTALS = `SELECT ${SHOP_COLUMNS} FROM shop_total WHERE ${DAYS} ORDER BY day, shop`;
const SOME_SHOP_TOTALS = `
  SELECT ${SHOP_COLUMNS} FROM shop_total WHERE ${DAYS} AND shop IN (SELECT unnest($4::BIGINT[])::UINTEGER)
  ORDER BY day, shop`;
const HOUR_TOTALS = `SELECT day, slot, footfall FROM hour_total WHERE ${DAYS} ORDER BY day, slot`;
const SHOP_HOUR_TOTALS = `
  SELECT day, slot, footfall FROM shop_hour_total WHERE ${DAYS} AND shop = $4 ORDER BY day, slot`;
const NEWEST_ACCESS_POINT_DAYS = `
  SELECT access_point, last_heard, shop, records
  FROM (FROM access_point_day WHERE mall = $1)
  JOIN (SELECT access_point, max(last_heard) AS last_heard FROM access_point_day WHERE mall = $1
        GROUP BY access_point) USING (access_point, last_heard)
  ORDER BY access_point`;

export function readDayTotals(session: Session, mall: number, days: DayRange): Promise<DayTotals[]> {
  return session.rows(DAY_TOTALS, [mall, days.from, days.to], (chunk) => {
    const day = numbers(chunk, 0);
    const footfall = numbers(chunk, 1);
    const newCustomers = numbers(chunk, 2);
    return (row) => ({ day: day[row]!, footfall: footfall[row]!, newCustomers: newCustomers[row]! });
  });
}

export function readShopTotals(
  session: Session,
  mall: number,
  days: DayRange,
  shops: readonly number[] | undefined,
): Promise<ShopTotals[]> {
  const parameters = [mall, days.from, days.to, ...(shops === undefined ? [] : [shops])];
  return session.rows(shops === undefined ? SHOP_TOTALS : SOME_SHOP_TOTALS, parameters, (chunk) => {
    const day = numbers(chunk, 0);
    const shop = numbers(chunk, 1);
    const footfall = numbers(chunk, 2);
    const entered = numbers(chunk, 3);
    const visits = numbers(chunk, 4);
    const dwell = numbers(chunk, 5);
    return (row) => ({
      day: day[row]!,
      shop: shop[row]!,
      footfall: footfall[row]!,
      entered: entered[row]!,
      visits: visits[row]!,
      dwellS: dwell[row]!,
    });
  });
}

export function readHourTotals(
  session: Session,
  mall: number,
  days: DayRange,
  shop: number | undefined,
): Promise<HourTotals[]> {
  const parameters = [mall, days.from, days.to, ...(shop === undefined ? [] : [shop])];
  return session.rows(shop === undefined ? HOUR_TOTALS : SHOP_HOUR_TOTALS, parameters, (chunk) => {
    const day = numbers(chunk, 0);
    const slot = numbers(chunk, 1);
    const footfall = numbers(chunk, 2);
    return (row) => ({ day: day[row]!, slot: slot[row]!, footfall: footfall[row]! });
  });
}

/** One row an access point: its newest, and of several in one second that of the lowest shop code. */
export async function readAccessPoints(
  session: Session,
  mall: number,
  codebook: Codebook,
): Promise<AccessPointDay[]> {
  const rows = await session.rows(NEWEST_ACCESS_POINT_DAYS, [mall], (chunk) => {
    const accessPoint = numbers(chunk, 0);
    const lastHeard = numbers(chunk, 1);
    const shop = numbers(chunk, 2);
    const records = numbers(chunk, 3);
    return (row): AccessPointDay => ({
      accessPoint: accessPoint[row]!,
      lastHeardS: lastHeard[row]!,
      shop: shop[row]!,
      records: records[row]!,
    });
  });
  const newest = new Map<number, AccessPointDay>();
  for (const row of rows) {
    const other = newest.get(row.accessPoint);
    if (other === undefined || codebook.shopRanksBefore(row.shop, other.shop)) {
      newest.set(row.accessPoint, row);
    }
  }
  return [...newest.values()];
}
