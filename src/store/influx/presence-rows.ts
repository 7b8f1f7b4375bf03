import { DETAIL, WHOLE } from '../../changed-parts.ts';
import type { DeviceDays, EpochDay, ShopDays, ShopDaysPage } from '../../terms.ts';
import { DAY_S } from './day-books.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText, timeRange } from './influx-ql.ts';
import { readRows } from './influx-query.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';
import { andInShops, shopOfSeries } from './shop-tag.ts';

/**
 * Rows of devices and of devices in shops. A device's day is one slot, UTC midnight of the local date + the pseudonym in
 * nanoseconds, so that writing it again overwrites it, and counting devices is counting points.
 */

/** Hours of the longest day. */
export const HOURS_MAX = 25;
export const HOUR_FIELDS = Array.from(
  { length: HOURS_MAX },
  (_, slot) => `h${String(slot).padStart(2, '0')}`,
);

const HOURS = HOUR_FIELDS.map(fieldName);
const FIRST = fieldName('first');
const LAST = fieldName('last');
const NEW = fieldName('new');
const VISITS = fieldName('visits');
const ENTERED = fieldName('entered');
const DWELL = fieldName('dwell');
/** A pseudonym is below this. */
const DEVICES = 2 ** 46;
/** Widens the first range of pseudonyms that a page is looked for in, so that it mostly holds it whole. */
const WIDER = 1.2;
/** A page of at most so many devices is asked for in two steps: their shops, then what they did there. */
const FEW_DEVICES = 8;

/** `parts`: which part of each row; all of every row where none are given. A field costs the server about 2 µs. */
export function putDeviceDays(
  lines: LineBuffer,
  mall: string,
  day: EpochDay,
  rows: DeviceDays,
  parts?: readonly number[],
): void {
  const series = seriesKey('mall_day', { mall });
  const { length, device, firstS, lastS, hours, isNew } = rows;
  for (let i = 0; i < length; i++) {
    const part = parts?.[i] ?? WHOLE;
    lines.begin(series);
    if (part >= WHOLE) {
      lines.integer(FIRST, firstS[i]!);
      lines.integer(NEW, isNew[i]!);
    }
    if (part >= DETAIL) lines.integer(LAST, lastS[i]!);
    putHours(lines, hours[i]!);
    lines.end(day * DAY_S, device[i]!);
  }
}

/** As `putDeviceDays`. */
export function putShopDays(
  lines: LineBuffer,
  mall: InfluxMall,
  day: EpochDay,
  rows: ShopDays,
  parts?: readonly number[],
): void {
  const { length, device, shop, visits, dwellS, firstS, lastS, hours } = rows;
  const series = new Map<number, Buffer>();
  for (let i = 0; i < length; i++) {
    let key = series.get(shop[i]!);
    if (key === undefined) {
      key = seriesKey('shop_day', { mall: mall.code, shop: mall.codebook.shopCode(shop[i]!) });
      series.set(shop[i]!, key);
    }
    const part = parts?.[i] ?? WHOLE;
    lines.begin(key);
    if (part >= WHOLE) {
      lines.integer(VISITS, visits[i]!);
      lines.integer(ENTERED, visits[i]! > 0 ? 1 : 0);
      lines.integer(FIRST, firstS[i]!);
    }
    if (part >= DETAIL) {
      lines.integer(DWELL, dwellS[i]!);
      lines.integer(LAST, lastS[i]!);
    }
    putHours(lines, hours[i]!);
    lines.end(day * DAY_S, device[i]!);
  }
}

/** A device is a new customer of that day no longer. */
export function putNotNew(lines: LineBuffer, mall: string, day: EpochDay, devices: readonly number[]): void {
  const series = seriesKey('mall_day', { mall });
  for (const device of devices) {
    lines.begin(series);
    lines.integer(NEW, 0);
    lines.end(day * DAY_S, device);
  }
}

/** Devices that are marked as new customers of a day. */
export async function newDevices(
  connection: InfluxConnection,
  { code }: InfluxMall,
  day: EpochDay,
): Promise<number[]> {
  const devices: number[] = [];
  const question = `SELECT new FROM mall_day WHERE ${ofDevices(code, day, 0, DEVICES)} AND new = 1`;
  await readRows(connection, 'presence', question, {
    row: ({ second, nanosecond }) => void devices.push(deviceOf(day, second, nanosecond)),
  });
  return devices;
}

/** Devices of a page and their shops, ascending by device, then shop code. What hours they were heard in is not told. */
export async function shopDaysPage(
  connection: InfluxConnection,
  mall: InfluxMall,
  day: EpochDay,
  page: ShopDaysPage,
): Promise<ShopDays> {
  const known = mall.devicesOf.get(day) ?? (await countDevices(connection, mall, day));
  mall.devicesOf.set(day, known);
  // Pseudonyms lie evenly: so wide a range holds about as many devices as are asked for.
  const devices = Math.max(1, known);
  let width = Math.ceil((DEVICES / devices) * WIDER * Math.min(page.devicesMax, devices));
  const rows = new PageRows(mall);
  for (let from = page.afterDevice + 1; from < DEVICES && rows.devices.size < page.devicesMax; ) {
    const until = Math.min(DEVICES, from + width);
    await rows.read(connection, day, from, until, page);
    from = until;
    width *= 2;
    // A day under way: it has more devices than when they were counted.
    if (rows.devices.size > 2 * WIDER * page.devicesMax) mall.devicesOf.delete(day);
  }
  return rows.columns(page.devicesMax);
}

async function countDevices(
  connection: InfluxConnection,
  { code }: InfluxMall,
  day: EpochDay,
): Promise<number> {
  let devices = 0;
  const question = `SELECT count(first) FROM mall_day WHERE ${ofDevices(code, day, 0, DEVICES)}`;
  await readRows(connection, 'presence', question, {
    row: ({ numbers }) => {
      devices = numbers[1]!;
    },
  });
  return devices;
}

type PageRow = readonly [
  device: number,
  shop: number,
  visits: number,
  dwellS: number,
  firstS: number,
  lastS: number,
];

class PageRows {
  readonly devices = new Set<number>();
  readonly #mall: InfluxMall;
  readonly #rows: PageRow[] = [];

  constructor(mall: InfluxMall) {
    this.#mall = mall;
  }

  async read(
    connection: InfluxConnection,
    day: EpochDay,
    from: number,
    until: number,
    { visitsMin, shops, devicesMax }: ShopDaysPage,
  ): Promise<void> {
    if (shops?.length === 0) return;
    const { code, codebook } = this.#mall;
    const visited = visitsMin > 0 ? ` AND visits >= ${visitsMin}` : '';
    const where = `${ofDevices(code, day, from, until)}${visited}`;
    const wanted =
      devicesMax > FEW_DEVICES ? shops && new Set(shops) : await this.#shopsOfFew(connection, where, shops);
    if (wanted?.size === 0) return;
    let shop = 0;
    const question = `SELECT visits, dwell, first, last FROM shop_day WHERE ${where}${andInShops(codebook, wanted)} GROUP BY shop`;
    await readRows(connection, 'presence', question, {
      begin: (series) => {
        shop = shopOfSeries(codebook, series);
      },
      row: ({ second, nanosecond, numbers: [, visits, dwellS, firstS, lastS] }) => {
        if (wanted?.has(shop) === false) return;
        const device = deviceOf(day, second, nanosecond);
        this.devices.add(device);
        this.#rows.push([device, shop, visits!, dwellS!, firstS!, lastS!]);
      },
    });
  }

  /**
   * Which of the shops have rows there, by one field alone: of a day that is being written the server merges whole series,
   * field by field, to find one device in it.
   */
  async #shopsOfFew(
    connection: InfluxConnection,
    where: string,
    shops: readonly number[] | undefined,
  ): Promise<Set<number>> {
    const { codebook } = this.#mall;
    const found = new Set<number>();
    const asked = andInShops(codebook, shops && new Set(shops));
    await readRows(
      connection,
      'presence',
      `SELECT visits FROM shop_day WHERE ${where}${asked} GROUP BY shop`,
      {
        begin: (series) => void found.add(shopOfSeries(codebook, series)),
        row: () => undefined,
      },
    );
    return shops === undefined ? found : new Set(shops.filter((shop) => found.has(shop)));
  }

  columns(devicesMax: number): ShopDays {
    const { codebook } = this.#mall;
    const inOrder = this.#rows.sort((a, b) => a[0] - b[0] || (codebook.shopRanksBefore(a[1], b[1]) ? -1 : 1));
    let length = 0;
    let devices = 0;
    for (let last = -1; length < inOrder.length; length++) {
      const [device] = inOrder[length]!;
      if (device !== last && ++devices > devicesMax) break;
      last = device;
    }
    const rows = inOrder.slice(0, length);
    return {
      length,
      device: Float64Array.from(rows, (row) => row[0]),
      shop: Uint32Array.from(rows, (row) => row[1]),
      visits: Uint32Array.from(rows, (row) => row[2]),
      dwellS: Uint32Array.from(rows, (row) => row[3]),
      firstS: Uint32Array.from(rows, (row) => row[4]),
      lastS: Uint32Array.from(rows, (row) => row[5]),
      hours: new Uint32Array(length),
    };
  }
}

function putHours(lines: LineBuffer, hours: number): void {
  for (let slot = 0; hours >>> slot !== 0; slot++) {
    if (((hours >>> slot) & 1) === 1) lines.integer(HOURS[slot]!, 1);
  }
}

function ofDevices(mall: string, day: EpochDay, from: number, until: number): string {
  const midnightS = day * DAY_S;
  const range = timeRange({ second: midnightS, offset: from }, { second: midnightS, offset: until });
  return `mall = ${quotedText(mall)} AND ${range}`;
}

function deviceOf(day: EpochDay, second: number, nanosecond: number): number {
  return (second - day * DAY_S) * 1_000_000_000 + nanosecond;
}
