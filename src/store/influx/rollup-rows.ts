import type { DayRange, DayTotals, EpochDay, HourTotals, ShopTotals } from '../../terms.ts';
import { DAY_S } from './day-books.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText, timeRange } from './influx-ql.ts';
import { readRows } from './influx-query.ts';
import { HOUR_FIELDS } from './presence-rows.ts';
import type { RowReader } from './row-scanner.ts';
import { andInShops, shopIs, shopOfSeries } from './shop-tag.ts';

/** What the rollup tasks have counted, by day and shop. A number that is zero counts as one that is not there. */

export async function dayTotalsOf(
  connection: InfluxConnection,
  { code }: InfluxMall,
  days: DayRange,
): Promise<Map<EpochDay, DayTotals>> {
  const totals = new Map<EpochDay, DayTotals>();
  const question = `SELECT devices, "new" FROM mall_daily WHERE ${ofDays(code, days)}`;
  await readRows(connection, 'footfall', question, {
    row: ({ second, numbers }) => {
      const day = second / DAY_S;
      totals.set(day, { day, footfall: numbers[1] || 0, newCustomers: numbers[2] || 0 });
    },
  });
  return totals;
}

/** Ascending by day, then shop number. */
export async function shopTotalsOf(
  connection: InfluxConnection,
  { code, codebook }: InfluxMall,
  days: DayRange,
  shops?: readonly number[],
): Promise<ShopTotals[]> {
  if (shops?.length === 0) return [];
  const wanted = shops && new Set(shops);
  const rows: ShopTotals[] = [];
  let shop = 0;
  const question = `SELECT devices, entered, visits, dwell FROM shop_daily WHERE ${ofDays(code, days)}${andInShops(codebook, wanted)} GROUP BY shop`;
  await readRows(connection, 'footfall', question, {
    begin: (series) => {
      shop = shopOfSeries(codebook, series);
    },
    row: ({ second, numbers }) => {
      if (!(numbers[1]! > 0) || wanted?.has(shop) === false) return;
      rows.push({
        day: second / DAY_S,
        shop,
        footfall: numbers[1]!,
        entered: numbers[2] || 0,
        visits: numbers[3] || 0,
        dwellS: numbers[4] || 0,
      });
    },
  });
  return rows.sort((a, b) => a.day - b.day || a.shop - b.shop);
}

/** Hours with at least one device, ascending: of the mall, or of one shop. */
export async function hourTotalsOf(
  connection: InfluxConnection,
  { code, codebook }: InfluxMall,
  days: DayRange,
  shop?: number,
): Promise<HourTotals[]> {
  const where = ofDays(code, days);
  const rows: HourTotals[] = [];
  const fields = HOUR_FIELDS.join(', ');
  const question =
    shop === undefined
      ? `SELECT ${fields} FROM mall_daily WHERE ${where}`
      : `SELECT ${fields} FROM shop_daily WHERE ${where} AND ${shopIs(codebook, shop)}`;
  await readRows(connection, 'footfall', question, hoursReader(rows));
  return rows;
}

function hoursReader(rows: HourTotals[]): RowReader {
  return {
    row: ({ second, numbers }) => {
      for (let slot = 0; slot < HOUR_FIELDS.length; slot++) {
        const footfall = numbers[1 + slot]!;
        if (footfall > 0) rows.push({ day: second / DAY_S, slot, footfall });
      }
    },
  };
}

/** Every hour of every shop on one day, in any order. */
export async function shopHoursOf(
  connection: InfluxConnection,
  { code, codebook }: InfluxMall,
  day: EpochDay,
): Promise<(HourTotals & { shop: number })[]> {
  const all: (HourTotals & { shop: number })[] = [];
  let shop = 0;
  const question = `SELECT ${HOUR_FIELDS.join(', ')} FROM shop_daily WHERE ${ofDays(code, { from: day, to: day })} GROUP BY shop`;
  await readRows(connection, 'footfall', question, {
    begin: (series) => {
      shop = shopOfSeries(codebook, series);
    },
    row: (row) => {
      const hours: HourTotals[] = [];
      hoursReader(hours).row(row);
      for (const hour of hours) all.push({ ...hour, shop });
    },
  });
  return all;
}

function ofDays(mall: string, { from, to }: DayRange): string {
  const range = timeRange({ second: from * DAY_S }, { second: (to + 1) * DAY_S });
  return `mall = ${quotedText(mall)} AND ${range}`;
}
