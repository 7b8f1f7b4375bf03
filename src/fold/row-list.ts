import { grown } from './grown.ts';

/** Numbers of rows, in the order in which they were added. Adding allocates only when the list grows. */
export class RowList {
  #rows = new Int32Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#rows.byteLength;
  }

  add(row: number): void {
    if (this.#length === this.#rows.length) this.#rows = grown(new Int32Array(this.#length * 2), this.#rows);
    this.#rows[this.#length++] = row;
  }

  at(place: number): number {
    return this.#rows[place]!;
  }

  forEach(take: (row: number) => void): void {
    for (let i = 0; i < this.#length; i++) take(this.#rows[i]!);
  }

  /** Forgets every row and keeps the room. */
  clear(): void {
    this.#length = 0;
  }
}
