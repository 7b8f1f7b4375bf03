import { SightingColumns } from '../sightings.ts';
import type { EpochDay, Sightings } from '../terms.ts';

/** Emptied seconds that are kept for reuse, and the room that one may have: 26 MB at most. */
const SPARE_MAX = 256;
const SPARE_ROWS_MAX = 4_096;
const FIRST_CAPACITY = 64;

/**
 * Records that wait until the watermark has passed their second: one set of columns for each second, so letting
 * them go in the order of seconds sorts seconds, not records.
 */
export class WaitingSightings {
  readonly #seconds = new Map<number, SightingColumns>();
  readonly #spare: SightingColumns[] = [];
  /** The second that took a record last. */
  #recent = new SightingColumns(FIRST_CAPACITY);
  #recentS = -1;
  #length = 0;

  /** Records that wait. */
  get length(): number {
    return this.#length;
  }

  add(sightings: Sightings, i: number): void {
    const atS = sightings.occurredAtS[i]!;
    if (atS !== this.#recentS) this.#turnTo(atS);
    this.#recent.push(
      sightings.day[i]!,
      sightings.device[i]!,
      atS,
      sightings.shop[i]!,
      sightings.accessPoint[i]!,
      sightings.signalDbm[i]!,
    );
    this.#length++;
  }

  /** Hands over the records of every second up to `untilS`, itself included, second by second in ascending order. */
  release(untilS: number, take: (second: Sightings) => void): void {
    const due: number[] = [];
    for (const atS of this.#seconds.keys()) {
      if (atS <= untilS) due.push(atS);
    }
    due.sort((a, b) => a - b);
    for (const atS of due) {
      const second = this.#seconds.get(atS)!;
      take(second);
      this.#remove(atS, second);
    }
  }

  /** Drops the records of one day. */
  drop(day: EpochDay): void {
    for (const [atS, second] of this.#seconds) {
      if (second.day[0] === day) this.#remove(atS, second);
    }
  }

  #turnTo(atS: number): void {
    let second = this.#seconds.get(atS);
    if (second === undefined) {
      second = this.#spare.pop() ?? new SightingColumns(FIRST_CAPACITY);
      this.#seconds.set(atS, second);
    }
    this.#recent = second;
    this.#recentS = atS;
  }

  #remove(atS: number, second: SightingColumns): void {
    this.#length -= second.length;
    this.#seconds.delete(atS);
    if (this.#spare.length < SPARE_MAX && second.day.length <= SPARE_ROWS_MAX) {
      second.clear();
      this.#spare.push(second);
    }
    this.#recentS = -1;
  }
}
