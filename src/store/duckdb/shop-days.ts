import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Codebook } from '../../codebook.ts';
import type { EpochDay, ShopDays, ShopDaysPage } from '../../terms.ts';
import { numbers } from './column-values.ts';
import type { Session } from './session.ts';
import { inTransaction } from './writer.ts';

const ROWS = `
  SELECT device, shop, visits, dwell_seconds, first_position, last_position, hours FROM shop_day
  WHERE mall = $1 AND day = $2 AND device > $3 AND visits >= $4`;
const OF_SHOPS = ' AND shop IN (SELECT unnest($6::BIGINT[])::UINTEGER)';
const ORDER = ' ORDER BY device LIMIT $5::BIGINT';
const ALL_SHOPS = ROWS + ORDER;
const SOME_SHOPS = ROWS + OF_SHOPS + ORDER;

interface ShopDayRow {
  readonly device: number;
  readonly shop: number;
  readonly visits: number;
  readonly dwellS: number;
  readonly firstS: number;
  readonly lastS: number;
  readonly hours: number;
}

/** Rows that the database finds in one pass over the day without sorting it. */
const STEP_ROWS = 4_096;

/**
 * A page of devices, as one moment of the store has them. Asking for the first so many rows, and again after the
 * last device that came whole, is far cheaper than asking for the rows of the first so many devices.
 */
export function readShopDays(
  session: Session,
  mall: number,
  day: EpochDay,
  page: ShopDaysPage,
  codebook: Codebook,
): Promise<ShopDays> {
  const { devicesMax, visitsMin, shops } = page;
  const sql = shops === undefined ? ALL_SHOPS : SOME_SHOPS;
  return inTransaction(session, async () => {
    const rows: ShopDayRow[] = [];
    let devices = 0;
    let afterDevice = page.afterDevice;
    let limit = Math.min(STEP_ROWS, 64 + 8 * devicesMax);
    while (devices < devicesMax) {
      const parameters = [mall, day, afterDevice, visitsMin, limit, ...(shops === undefined ? [] : [shops])];
      const step = await session.rows(sql, parameters, readRow);
      const whole = wholeDevices(step, devicesMax - devices, step.length < limit);
      rows.push(...whole.rows);
      devices += whole.devices;
      if (step.length < limit) break;
      // One device has more rows than that.
      if (whole.devices === 0) limit *= 4;
      afterDevice = rows.at(-1)?.device ?? afterDevice;
    }
    return columns(sortByCode(rows, codebook));
  });
}

function readRow(chunk: DuckDBDataChunk): (row: number) => ShopDayRow {
  const device = numbers(chunk, 0);
  const shop = numbers(chunk, 1);
  const visits = numbers(chunk, 2);
  const dwell = numbers(chunk, 3);
  const first = numbers(chunk, 4);
  const last = numbers(chunk, 5);
  const hours = numbers(chunk, 6);
  return (row) => ({
    device: device[row]!,
    shop: shop[row]!,
    visits: visits[row]!,
    dwellS: dwell[row]!,
    firstS: first[row]!,
    lastS: last[row]!,
    hours: hours[row]!,
  });
}

/** The rows of the first devices, at most `devicesMax`. Of the last one more rows may lie beyond, unless `all` came. */
function wholeDevices(
  rows: readonly ShopDayRow[],
  devicesMax: number,
  all: boolean,
): { readonly rows: readonly ShopDayRow[]; readonly devices: number } {
  let devices = 0;
  let start = 0;
  for (let i = 0; i < rows.length; i++) {
    if (i > 0 && rows[i]!.device === rows[i - 1]!.device) continue;
    if (devices === devicesMax) return { rows: rows.slice(0, i), devices };
    devices++;
    start = i;
  }
  return all ? { rows, devices } : { rows: rows.slice(0, start), devices: Math.max(0, devices - 1) };
}

function sortByCode(rows: ShopDayRow[], codebook: Codebook): ShopDayRow[] {
  return rows.sort((a, b) => a.device - b.device || (codebook.shopRanksBefore(a.shop, b.shop) ? -1 : 1));
}

function columns(rows: readonly ShopDayRow[]): ShopDays {
  const { length } = rows;
  const device = new Float64Array(length);
  const shop = new Uint32Array(length);
  const visits = new Uint32Array(length);
  const dwellS = new Uint32Array(length);
  const firstS = new Uint32Array(length);
  const lastS = new Uint32Array(length);
  const hours = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const row = rows[i]!;
    device[i] = row.device;
    shop[i] = row.shop;
    visits[i] = row.visits;
    dwellS[i] = row.dwellS;
    firstS[i] = row.firstS;
    lastS[i] = row.lastS;
    hours[i] = row.hours;
  }
  return { length, device, shop, visits, dwellS, firstS, lastS, hours };
}
