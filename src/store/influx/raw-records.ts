import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Codebook } from '../../codebook.ts';
import { formatMac, parseMac } from '../../mac.ts';
import { SightingColumns } from '../../sightings.ts';
import type { EpochDay, Sightings, TimeRange } from '../../terms.ts';
import { type RecordColumns, readManyRecords } from './day-records.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText, timeRange } from './influx-ql.ts';
import { readRows } from './influx-query.ts';
import { fieldName, type LineBuffer, seriesKey, textOfTag } from './line-buffer.ts';
import { rowsByDevice, rowsBySecond } from './row-order.ts';
import type { RowReader } from './row-scanner.ts';

/** Both fields are written always, so that a record is one point whatever it lacks. */
const DEVICE = fieldName('device');
const RSSI = fieldName('rssi');
const SLOTS = 1_000_000_000;
/** Records of one commit that bring no slots of their own: commits of so many never meet in one second. */
const COMMIT_SLOTS = 1 << 18;
const CHUNK_ROWS = 16_384;
const ACCESS_POINTS_MAX = 2 ** 20;
const MINUTE_S = 60;
const STRETCH_RECORDS = 1_000_000;

/** A part of a day, and the records that it had when they were counted. */
interface Stretch {
  readonly range: TimeRange;
  readonly records: number;
}

/** Series of one mall, by the numbers of shop and access point. */
export class RawSeries {
  readonly codebook: Codebook;
  readonly #keys = new Map<number, Buffer>();

  constructor(codebook: Codebook) {
    this.codebook = codebook;
  }

  of(mall: string, shop: number, accessPoint: number): Buffer {
    const key = shop * ACCESS_POINTS_MAX + accessPoint;
    let series = this.#keys.get(key);
    if (series === undefined) {
      const ap = accessPoint === 0 ? '' : formatMac(this.codebook.accessPointMac(accessPoint));
      series = seriesKey('probe', { ap, mall, shop: this.codebook.shopCode(shop) });
      this.#keys.set(key, series);
    }
    return series;
  }
}

export function putRecords(
  lines: LineBuffer,
  series: RawSeries,
  mall: InfluxMall,
  commit: number,
  sightings: Sightings,
): void {
  const { length, device, occurredAtS, shop, accessPoint, signalDbm, slot } = sightings;
  const firstSlot = (commit * COMMIT_SLOTS) % SLOTS;
  for (let i = 0; i < length; i++) {
    lines.begin(series.of(mall.code, shop[i]!, accessPoint[i]!));
    lines.integer(DEVICE, device[i]!);
    lines.integer(RSSI, signalDbm[i]!);
    lines.end(occurredAtS[i]!, slot === undefined ? (firstSlot + i) % SLOTS : slot[i]!);
  }
}

/** Every record of a day, ordered by device, then second. */
export async function* rawOfDay(
  connection: InfluxConnection,
  mall: InfluxMall,
  day: EpochDay,
): AsyncGenerator<Sightings> {
  const columns = await readWhole(connection, mall, mall.calendar.range(day));
  yield* inChunks(columns, await rowsByDevice(columns), () => day);
}

/**
 * Every record of a day: a stretch of minutes at a time, and the next one is read while one is taken. Memory then does not
 * grow with the day, and nobody waits for the end of it to begin. Inside a stretch the records of a device come together.
 */
export async function* rawInStretches(
  connection: InfluxConnection,
  mall: InfluxMall,
  day: EpochDay,
): AsyncGenerator<Sightings> {
  const stretches = await stretchesOf(connection, mall, mall.calendar.range(day));
  const read = (nth: number) => {
    const stretch = stretches[nth];
    const reading = stretch && readWhole(connection, mall, stretch.range, stretch.records);
    // Whoever leaves in between does not hear of it.
    reading?.catch(() => undefined);
    return reading;
  };
  let next = read(0);
  for (let nth = 0; next !== undefined; nth++) {
    const columns: RecordColumns = await next;
    next = read(nth + 1);
    yield* inChunks(columns, await rowsByDevice(columns), () => day);
  }
}

async function readWhole(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
  records?: number,
): Promise<RecordColumns> {
  const count = records ?? (await countRecords(connection, mall, range));
  return (
    (await readManyRecords(connection, mall, range, count)) ?? (await readRecords(connection, mall, range))
  );
}

/** Records of a time, ordered by second. */
export async function* rawBetween(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
  device?: number,
): AsyncGenerator<Sightings> {
  const columns = await readRecords(connection, mall, range, device);
  const { calendar } = mall;
  yield* inChunks(columns, await rowsBySecond(columns), (atS) => calendar.dayOf(atS));
}

export async function* lastSecondsBetween(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
): AsyncGenerator<Sightings> {
  const columns = await readRecords(connection, mall, range);
  const { length, device, occurredAtS } = columns;
  const lastS = new Map<number, number>();
  for (let i = 0; i < length; i++) {
    if (occurredAtS[i]! > (lastS.get(device[i]!) ?? -1)) lastS.set(device[i]!, occurredAtS[i]!);
  }
  const rows: number[] = [];
  for (let i = 0; i < length; i++) if (occurredAtS[i] === lastS.get(device[i]!)) rows.push(i);
  const { calendar } = mall;
  yield* inChunks(columns, Uint32Array.from(rows), (atS) => calendar.dayOf(atS));
}

export async function namesOfDay(
  connection: InfluxConnection,
  mall: InfluxMall,
  day: EpochDay,
): Promise<{ shops: number[]; accessPoints: number[] }> {
  const { codebook, calendar } = mall;
  const named = async (tag: string, number: (text: string) => number): Promise<number[]> => {
    const numbers = new Set<number>();
    const question = `SELECT count(rssi) FROM probe WHERE ${during(mall, calendar.range(day))} GROUP BY ${tag}`;
    await readRows(connection, 'raw', question, {
      begin: ({ tags }) => {
        const text = tags?.[tag] ?? '';
        if (text !== '') numbers.add(number(textOfTag(text)));
      },
      row: () => undefined,
    });
    return [...numbers];
  };
  const [shops, accessPoints] = await Promise.all([
    named('shop', (code) => codebook.shop(code)),
    named('ap', (mac) => codebook.accessPoint(parseMac(mac) ?? 0)),
  ]);
  return { shops, accessPoints };
}

/** Minutes in a row that hold about so many records together, or one that holds more. */
async function stretchesOf(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  const question = `SELECT count(rssi) FROM probe WHERE ${during(mall, range)} GROUP BY time(1m) fill(none)`;
  await readRows(connection, 'raw', question, {
    row: ({ second, numbers }) => {
      const count = numbers[1]!;
      const fromS = Math.max(second, range.fromS);
      const untilS = Math.min(second + MINUTE_S, range.untilS);
      const last = stretches.at(-1);
      if (last === undefined || last.records + count > STRETCH_RECORDS) {
        stretches.push({ range: { fromS, untilS }, records: count });
      } else {
        stretches[stretches.length - 1] = {
          range: { fromS: last.range.fromS, untilS },
          records: last.records + count,
        };
      }
    },
  });
  return stretches;
}

async function countRecords(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
): Promise<number> {
  let records = 0;
  await readRows(connection, 'raw', `SELECT count(rssi) FROM probe WHERE ${during(mall, range)}`, {
    row: ({ numbers }) => {
      records = numbers[1]!;
    },
  });
  return records;
}

async function readRecords(
  connection: InfluxConnection,
  mall: InfluxMall,
  range: TimeRange,
  device?: number,
): Promise<SightingColumns> {
  const columns = new SightingColumns();
  if (range.untilS <= range.fromS) return columns;
  const ofDevice = device === undefined ? '' : ` AND device = ${device}`;
  const question = `SELECT device, rssi FROM probe WHERE ${during(mall, range)}${ofDevice} GROUP BY shop, ap`;
  await readRows(connection, 'raw', question, recordReader(mall, columns));
  return columns;
}

function recordReader({ codebook, calendar }: InfluxMall, columns: SightingColumns): RowReader {
  let shop = 0;
  let accessPoint = 0;
  return {
    begin: ({ tags }) => {
      shop = codebook.shop(textOfTag(tags?.shop ?? ''));
      const mac = parseMac(tags?.ap ?? '');
      accessPoint = mac === undefined ? 0 : codebook.accessPoint(mac);
    },
    row: ({ second, nanosecond, numbers }) => {
      columns.push(calendar.dayOf(second), numbers[1]!, second, shop, accessPoint, numbers[2]!, nanosecond);
    },
  };
}

function during({ code }: InfluxMall, { fromS, untilS }: TimeRange): string {
  return `mall = ${quotedText(code)} AND ${timeRange({ second: fromS }, { second: untilS })}`;
}

/** Rows in an order, copied into columns that are used again. Between two chunks others get their turn. */
async function* inChunks(
  from: RecordColumns,
  rows: Uint32Array,
  dayOf: (atS: number) => EpochDay,
): AsyncGenerator<Sightings> {
  const chunk = new SightingColumns(Math.min(CHUNK_ROWS, Math.max(1, rows.length)));
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place]!;
    chunk.push(
      dayOf(from.occurredAtS[row]!),
      from.device[row]!,
      from.occurredAtS[row]!,
      from.shop[row]!,
      from.accessPoint[row]!,
      from.signalDbm[row]!,
    );
    if (chunk.length < CHUNK_ROWS && place < rows.length - 1) continue;
    yield chunk;
    chunk.clear();
    await nextTurn();
  }
}
