import { grown } from './grown.ts';
import { RowList } from './row-list.ts';

const NOW = 1;
const LATER = 2;
const WAITS = NOW | LATER;
/** Above those two bits of a mark lies the part of the row that changed. */
const PART_SHIFT = 2;

/**
 * Which rows of a table differ from what was taken last. What is a set of devices changes once a row and hour, and is
 * taken *now*; what changes with every record is taken *later*, when many changes of a row have become one.
 *
 * 5 bytes a row, and 4 for each that waits. Marking a row again that waits already costs one look.
 */
export class ChangedRows {
  #marks = new Uint8Array(1_024);
  #takenHours = new Uint32Array(1_024);
  #now = new RowList();
  #later = new RowList();
  /** How far the list of later ones is worked off. */
  #laterTaken = 0;
  #waiting = 0;

  /** Rows that wait to be taken. */
  get waiting(): number {
    return this.#waiting;
  }

  /** At least as many rows as wait for later. */
  get later(): number {
    return this.#later.length - this.#laterTaken;
  }

  /** `part` is one of `changed-parts.ts`. */
  markNow(row: number, part: number): void {
    this.#reserve(row);
    const mark = this.#marks[row]!;
    this.#marks[row] = widened(mark, part) | NOW;
    if ((mark & NOW) !== 0) return;
    if ((mark & WAITS) === 0) this.#waiting++;
    this.#now.add(row);
  }

  markLater(row: number, part: number): void {
    this.#reserve(row);
    const mark = this.#marks[row]!;
    if ((mark & WAITS) !== 0) {
      this.#marks[row] = widened(mark, part);
      return;
    }
    this.#waiting++;
    this.#marks[row] = widened(0, part) | LATER;
    this.#later.add(row);
  }

  /** What was marked to be taken now waits for later, but for the rows that are wanted now. */
  defer(isWanted: (row: number) => boolean): void {
    const rows = this.#now;
    this.#now = new RowList();
    rows.forEach((row) => {
      const part = this.#marks[row]! >>> PART_SHIFT;
      this.#marks[row] = 0;
      this.#waiting--;
      if (isWanted(row)) this.markNow(row, part);
      else this.markLater(row, part);
    });
  }

  /** Rows to take now, and at most so many of those that wait for later, those that waited longest first. */
  take(laterMax: number): TakenRows {
    const rows: number[] = [];
    const parts: number[] = [];
    const take = (row: number) => {
      parts.push(this.#marks[row]! >>> PART_SHIFT);
      this.#marks[row] = 0;
      this.#waiting--;
      rows.push(row);
    };
    this.#now.forEach(take);
    this.#now.clear();
    const rowsMax = rows.length + laterMax;
    for (; this.#laterTaken < this.#later.length && rows.length < rowsMax; this.#laterTaken++) {
      const row = this.#later.at(this.#laterTaken);
      // Else it was taken already, because it was marked for now as well.
      if (this.#marks[row] !== 0) take(row);
    }
    if (this.#laterTaken === this.#later.length) {
      this.#later.clear();
      this.#laterTaken = 0;
    }
    return { rows, parts };
  }

  /** The hours of a row that were not taken yet; from now on they are. */
  takeHours(row: number, hours: number): number {
    const added = (hours & ~this.#takenHours[row]!) >>> 0;
    this.#takenHours[row] = hours;
    return added;
  }

  #reserve(row: number): void {
    if (row < this.#marks.length) return;
    const capacity = Math.max(row + 1, this.#marks.length * 2);
    this.#marks = grown(new Uint8Array(capacity), this.#marks);
    this.#takenHours = grown(new Uint32Array(capacity), this.#takenHours);
  }
}

/** Numbers of rows, and of each which part changed. */
export interface TakenRows {
  readonly rows: readonly number[];
  readonly parts: readonly number[];
}

function widened(mark: number, part: number): number {
  return (Math.max(mark >>> PART_SHIFT, part) << PART_SHIFT) | (mark & WAITS);
}
