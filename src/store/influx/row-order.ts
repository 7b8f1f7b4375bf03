import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sightings } from '../../terms.ts';

const RADIX_BITS = 16;
const BUCKETS = 1 << RADIX_BITS;
const HALF = 2 ** 32;
/** Rows that are looked at before others get their turn: leases of malls want to be renewed. */
const TURN_ROWS = 1 << 20;

/**
 * Orders of rows, by sorting their numbers digit by digit (least significant first), 16 bits at a time: a pass is
 * linear and stable, where comparing would cost 18M records a minute.
 */

/** By device, then second, then slot. */
export async function rowsByDevice(
  columns: Pick<Sightings, 'length' | 'device' | 'occurredAtS'>,
): Promise<Uint32Array> {
  const { device } = columns;
  return sorted(await rowsBySecond(columns), [
    (row) => device[row]! % BUCKETS,
    (row) => Math.floor((device[row]! % HALF) / BUCKETS),
    (row) => Math.floor(device[row]! / HALF),
  ]);
}

/** By second, in the order of rows otherwise. */
export function rowsBySecond({
  length,
  occurredAtS,
}: Pick<Sightings, 'length' | 'occurredAtS'>): Promise<Uint32Array> {
  const rows = new Uint32Array(length);
  for (let row = 0; row < length; row++) rows[row] = row;
  return sorted(rows, [
    (row) => occurredAtS[row]! & (BUCKETS - 1),
    (row) => occurredAtS[row]! >>> RADIX_BITS,
  ]);
}

async function sorted(rows: Uint32Array, digits: readonly ((row: number) => number)[]): Promise<Uint32Array> {
  let from = rows;
  let into: Uint32Array = new Uint32Array(rows.length);
  for (const digitOf of digits) {
    const starts = new Uint32Array(BUCKETS + 1);
    for (let i = 0; i < from.length; i++) {
      starts[digitOf(from[i]!) + 1]!++;
      if (i % TURN_ROWS === TURN_ROWS - 1) await nextTurn();
    }
    // Alike in all rows, as the upper digit of seconds of one day mostly is: they are in order.
    if (from.length === 0 || starts[digitOf(from[0]!) + 1] === from.length) continue;
    for (let bucket = 1; bucket <= BUCKETS; bucket++) starts[bucket]! += starts[bucket - 1]!;
    for (let i = 0; i < from.length; i++) {
      into[starts[digitOf(from[i]!)]!++] = from[i]!;
      if (i % TURN_ROWS === TURN_ROWS - 1) await nextTurn();
    }
    [from, into] = [into, from];
  }
  return from;
}
