import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Codebook } from '../../codebook.ts';
import type { EpochDay, ShopDays, ShopDaysPage } from '../../terms.ts';
import { firstNumber, numbers } from './column-values.ts';
import type { Session } from './session.ts';
import { inTransaction } from './writer.ts';

/** Devices are numbers of 46 bits, spread evenly over them by their keyed hash. */
const DEVICES = 2 ** 46;

const FOOTFALL = 'SELECT footfall FROM day_total WHERE mall = $1 AND day = $2';
const ROWS = `
  SELECT device, shop, visits, dwell_seconds, first_position, last_position, hours FROM shop_day
  WHERE mall = $1 AND day = $2 AND device > $3 AND device <= $4 AND visits >= $5`;

interface ShopDayRow {
  readonly device: number;
  readonly shop: number;
  readonly visits: number;
  readonly dwellS: number;
  readonly firstS: number;
  readonly lastS: number;
  readonly hours: number;
}

/**
 * A page of devices, as one moment of the store has them. It is asked for as a range of devices that should hold the
 * page, and further ranges where it does not: rows lie in the order of devices, so that a range is a few blocks of
 * them however large the day, and nothing is sorted but the page.
 */
export function readShopDays(
  session: Session,
  mall: number,
  day: EpochDay,
  page: ShopDaysPage,
  codebook: Codebook,
): Promise<ShopDays> {
  const { devicesMax, visitsMin } = page;
  const shops = page.shops && new Set(page.shops);
  return inTransaction(session, async () => {
    const [footfall = 0] = await session.rows(FOOTFALL, [mall, day], firstNumber);
    const rows: ShopDayRow[] = [];
    let devices = 0;
    let above = page.afterDevice;
    let width = widthOf(devicesMax, footfall);
    while (devices < devicesMax && above < DEVICES) {
      const upTo = Math.min(above + width, DEVICES);
      const found = await session.rows(ROWS, [mall, day, above, upTo, visitsMin], readRow);
      const wanted = shops === undefined ? found : found.filter(({ shop }) => shops.has(shop));
      const taken = takeDevices(sortByCode(wanted, codebook), devicesMax - devices, rows);
      devices += taken;
      above = upTo;
      width = Math.ceil(width * (taken === 0 ? 8 : Math.max(1, (1.2 * (devicesMax - devices)) / taken)));
    }
    return columns(rows);
  });
}

/** A range that holds so many devices of a day, in all but one of a thousand. */
function widthOf(devices: number, footfall: number): number {
  return Math.ceil((DEVICES / Math.max(footfall, 1)) * (devices + 3 * Math.sqrt(devices) + 3));
}

/** Adds the rows of the first so many devices; returns of how many there were any. */
function takeDevices(rows: readonly ShopDayRow[], devicesMax: number, into: ShopDayRow[]): number {
  let devices = 0;
  let device = -1;
  for (const row of rows) {
    if (row.device !== device) {
      if (devices === devicesMax) break;
      devices++;
      device = row.device;
    }
    into.push(row);
  }
  return devices;
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
