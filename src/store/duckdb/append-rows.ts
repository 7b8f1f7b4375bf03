import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DuckDBAppender, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import { itemsOf, type Numbers, splitHalves } from './column-values.ts';
import type { Session } from './session.ts';

/** A column to append: a value for each row, or one for all. */
export type Column = Numbers | readonly string[] | number;

/** Rows that one call of the library takes. */
const CHUNK_ROWS = 2_048;

/** Rows after which the event loop gets its turn: about 3 ms. */
const GROUP_ROWS = 16 * CHUNK_ROWS;

/**
 * Appends the first `length` rows of columns, in the table's own order of columns, in chunks: ten times as fast
 * as row by row. Call it inside a transaction. Nothing stays behind in the appender: rows that it still holds
 * would outlive a rollback and land with a later transaction.
 */
export async function appendRows(
  session: Session,
  table: string,
  length: number,
  columns: readonly Column[],
): Promise<void> {
  if (length === 0) return;
  const appender = await session.connection.createAppender(table);
  try {
    const types = columns.map((_, i) => appender.columnType(i));
    for (let from = 0; from < length; from += GROUP_ROWS) {
      if (from > 0) await nextTurn();
      appendGroup(appender, types, columns, from, Math.min(from + GROUP_ROWS, length));
    }
  } catch (error) {
    appender.clear();
    throw error;
  } finally {
    appender.closeSync();
  }
}

function appendGroup(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly Column[],
  from: number,
  until: number,
): void {
  const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, until - from));
  for (let at = from; at < until; at += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, until - at);
    if (chunk.rowCount !== count) chunk.rowCount = count;
    columns.forEach((column, i) => {
      fill(chunk, i, column, at, count);
    });
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
}

function fill(chunk: DuckDBDataChunk, index: number, column: Column, at: number, count: number): void {
  const vector = chunk.getColumnVector(index);
  if (isTexts(column)) {
    for (let i = 0; i < count; i++) vector.setItem(i, column[at + i]!);
  } else {
    const items = itemsOf(chunk, index);
    if (items instanceof BigInt64Array) {
      if (typeof column === 'number') items.fill(BigInt(column));
      else splitHalves(column, at, count, items);
    } else if (typeof column === 'number') items.fill(column);
    else items.set(column.subarray(at, at + count));
  }
  vector.flush();
}

function isTexts(column: Column): column is readonly string[] {
  return Array.isArray(column);
}
