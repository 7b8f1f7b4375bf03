import { grown } from './grown.ts';
import { RowList } from './row-list.ts';

const NOW = 1;
const LATER = 2;

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

  markNow(row: number): void {
    this.#reserve(row);
    if ((this.#marks[row]! & NOW) !== 0) return;
    if (this.#marks[row] === 0) this.#waiting++;
    this.#marks[row]! |= NOW;
    this.#now.add(row);
  }

  markLater(row: number): void {
    this.#reserve(row);
    if (this.#marks[row] !== 0) return;
    this.#waiting++;
    this.#marks[row] = LATER;
    this.#later.add(row);
  }

  /** What was marked to be taken now waits for later, but for the rows that are wanted now. */
  defer(isWanted: (row: number) => boolean): void {
    const rows = this.#now;
    this.#now = new RowList();
    rows.forEach((row) => {
      this.#marks[row] = 0;
      this.#waiting--;
      if (isWanted(row)) this.markNow(row);
      else this.markLater(row);
    });
  }

  /** Rows to take now, and at most so many of those that wait for later, those that waited longest first. */
  take(laterMax: number): number[] {
    const rows: number[] = [];
    const take = (row: number) => {
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
    return rows;
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
