import { SightingColumns } from '../../sightings.ts';
import type { EpochDay, Sightings, TimeRange } from '../../terms.ts';
import { firstNumber, itemsOf, joinHalves, numbers } from './column-values.ts';
import type { Database } from './database.ts';
import { streamChunks } from './row-stream.ts';
import type { Parameter, Session } from './session.ts';

const COLUMNS = 'device, occurred_at, shop, access_point, rssi';
const OF_DAY = `
  SELECT ${COLUMNS} FROM raw WHERE mall = $1 AND day = $2 ORDER BY device, occurred_at`;
const BETWEEN = `
  SELECT ${COLUMNS}, day FROM raw WHERE mall = $1 AND occurred_at >= $2 AND occurred_at < $3
  ORDER BY occurred_at`;
const BETWEEN_OF_DEVICE = `
  SELECT ${COLUMNS}, day FROM raw WHERE mall = $1 AND occurred_at >= $2 AND occurred_at < $3 AND device = $4
  ORDER BY occurred_at`;
const LAST_SECONDS_BETWEEN = `
  SELECT r.device, r.occurred_at, r.shop, r.access_point, r.rssi, r.day
  FROM raw r JOIN (
    SELECT device, max(occurred_at) AS last FROM raw
    WHERE mall = $1 AND occurred_at >= $2 AND occurred_at < $3 GROUP BY device
  ) l ON r.device = l.device AND r.occurred_at = l.last
  WHERE r.mall = $1 AND r.occurred_at >= $2 AND r.occurred_at < $3`;
const SHOPS_OF_DAY = `
  SELECT DISTINCT shop FROM raw WHERE mall = $1 AND day = $2 AND shop > 0 ORDER BY shop`;
const ACCESS_POINTS_OF_DAY = `
  SELECT DISTINCT access_point FROM raw WHERE mall = $1 AND day = $2 AND access_point > 0
  ORDER BY access_point`;

export function rawOfDay(database: Database, mall: number, day: EpochDay): AsyncIterable<Sightings> {
  return sightings(database, OF_DAY, [mall, day], day);
}

/** Seconds are kept in 32 bits: a range beyond them is as one that ends there. */
export function rawBetween(
  database: Database,
  mall: number,
  range: TimeRange,
  device: number | undefined,
  signal?: AbortSignal,
): AsyncIterable<Sightings> {
  const parameters = [mall, within32Bits(range.fromS), within32Bits(range.untilS)];
  if (device === undefined) return sightings(database, BETWEEN, parameters, undefined, signal);
  return sightings(database, BETWEEN_OF_DEVICE, [...parameters, device], undefined, signal);
}

export function lastSecondsBetween(
  database: Database,
  mall: number,
  range: TimeRange,
  signal?: AbortSignal,
): AsyncIterable<Sightings> {
  const parameters = [mall, within32Bits(range.fromS), within32Bits(range.untilS)];
  return sightings(database, LAST_SECONDS_BETWEEN, parameters, undefined, signal);
}

export async function readNamesOfDay(
  session: Session,
  mall: number,
  day: EpochDay,
): Promise<{ shops: number[]; accessPoints: number[] }> {
  return {
    shops: await session.rows(SHOPS_OF_DAY, [mall, day], firstNumber),
    accessPoints: await session.rows(ACCESS_POINTS_OF_DAY, [mall, day], firstNumber),
  };
}

/** `day`: the one that all rows are of; undefined: the day is the sixth column. */
async function* sightings(
  database: Database,
  sql: string,
  parameters: readonly Parameter[],
  day: EpochDay | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Sightings> {
  const columns = new SightingColumns();
  if (day !== undefined) columns.day.fill(day);
  for await (const chunk of streamChunks(database, sql, parameters, signal)) {
    columns.length = chunk.rowCount;
    joinHalves(itemsOf(chunk, 0) as BigInt64Array, columns.device, 0);
    columns.occurredAtS.set(numbers(chunk, 1));
    columns.shop.set(numbers(chunk, 2));
    columns.accessPoint.set(numbers(chunk, 3));
    columns.signalDbm.set(numbers(chunk, 4));
    if (day === undefined) columns.day.set(numbers(chunk, 5));
    yield columns;
  }
}

function within32Bits(atS: number): number {
  return Math.min(Math.max(Math.ceil(atS), 0), 0xffff_ffff);
}
