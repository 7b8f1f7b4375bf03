import type { DuckDBBlobValue, DuckDBDataChunk } from '@duckdb/node-api';

/** The columns of numbers that the tables have. */
export type Numbers = Int8Array | Uint8Array | Int32Array | Uint16Array | Uint32Array | Float64Array;

type Items = Exclude<Numbers, Float64Array> | BigInt64Array;

const HIGH = 4_294_967_296;

/**
 * The values of a column of integers as the library holds them. Its types call this private, but the other way
 * in is a call for each value, and a BigInt for each device. It is a copy: what is written counts after `flush`.
 */
export function itemsOf(chunk: DuckDBDataChunk, column: number): Items {
  return (chunk.getColumnVector(column) as unknown as { readonly items: Items }).items;
}

/** A column of integers without nulls; 64-bit ones must be below 2^53. */
export function numbers(chunk: DuckDBDataChunk, column: number): Numbers {
  const items = itemsOf(chunk, column);
  if (!(items instanceof BigInt64Array)) return items;
  const values = new Float64Array(items.length);
  joinHalves(items, values, 0);
  return values;
}

/** Reads rows of one integer. */
export function firstNumber(chunk: DuckDBDataChunk): (row: number) => number {
  const column = numbers(chunk, 0);
  return (row) => column[row]!;
}

/** A column of integers of at most 32 bits, with nulls. */
export function numbersOrNull(chunk: DuckDBDataChunk, column: number): readonly (number | null)[] {
  return chunk.getColumnValues(column) as (number | null)[];
}

/** A column of texts without nulls. */
export function texts(chunk: DuckDBDataChunk, column: number): readonly string[] {
  return chunk.getColumnValues(column) as string[];
}

/** Copies a column of 64-bit integers, none negative and all below 2^53, to `into` from `at` on. */
export function joinHalves(items: BigInt64Array, into: Float64Array, at: number): void {
  const halves = new Uint32Array(items.buffer, items.byteOffset, items.length * 2);
  for (let i = 0; i < items.length; i++) into[at + i] = halves[2 * i + 1]! * HIGH + halves[2 * i]!;
}

/** The way back: `count` values of `from`, from `at` on. */
export function splitHalves(from: Numbers, at: number, count: number, items: BigInt64Array): void {
  const halves = new Uint32Array(items.buffer, items.byteOffset, count * 2);
  for (let i = 0; i < count; i++) {
    const value = from[at + i]!;
    halves[2 * i] = value >>> 0;
    halves[2 * i + 1] = (value / HIGH) >>> 0;
  }
}

/** A column of bytes without nulls, each value a copy of its own. */
export function blobs(chunk: DuckDBDataChunk, column: number): readonly Uint8Array[] {
  return chunk.getColumnValues(column).map((value) => new Uint8Array((value as DuckDBBlobValue).bytes));
}
