import { LRUCache } from 'lru-cache';
import type { EpochDay } from '../terms.ts';

/** Rows of settled days that are held at most: some 100 bytes each. */
const ROWS_MAX = 400_000;

interface HeldDay {
  readonly stamp: string;
  readonly rows: readonly unknown[];
}

/**
 * Rows of settled days as the store gave them, for a process that is asked about the same days over and over. They are
 * those of one settlement, whose stamp every asker must name: a day that settled again is another one.
 */
export class HeldRows {
  readonly #days = new LRUCache<string, HeldDay>({
    maxSize: ROWS_MAX,
    sizeCalculation: ({ rows }) => rows.length + 1,
  });

  /** `of`: which rows of the day; each spelling has rows of one type. */
  find<Row>(of: string, day: EpochDay, stamp: string): readonly Row[] | undefined {
    const held = this.#days.get(`${of} ${day}`);
    return held?.stamp === stamp ? (held.rows as readonly Row[]) : undefined;
  }

  keep(of: string, day: EpochDay, stamp: string, rows: readonly unknown[]): void {
    this.#days.set(`${of} ${day}`, { stamp, rows });
  }
}
