import type { ShopDays } from '../terms.ts';
import type { DeviceTable } from './device-table.ts';
import { grown, grownCapacity } from './grown.ts';

/** Words of a row, by what they hold; all but the first two are zero when the row is new. */
export const DEVICE_ROW = 0;
export const SHOP = 1;
export const VISITS = 2;
export const DWELL_S = 3;
export const FIRST_S = 4;
export const LAST_S = 5;
export const HOURS = 6;
export const HEARD_S = 7;

export const SHOP_DAY_WORDS = 8;

const FIRST_ROWS = 1_024;
const FIRST_SLOTS = 2_048;
const LOAD_MAX = 0.7;

/**
 * One row for each device and shop of a day: row `r` begins at word `r * SHOP_DAY_WORDS`, its words in one cache
 * line. A hash table with open addressing finds the row of a device and shop; the rows of one device hang
 * together in a ring. 36 bytes a row, and 6 to 11 of table.
 */
export class ShopDayRows {
  words = new Uint32Array(FIRST_ROWS * SHOP_DAY_WORDS);
  /** The next row of the same device, and after its last the first again. */
  #next = new Int32Array(FIRST_ROWS);
  /** Row + 1; 0 = free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.words.byteLength + this.#next.byteLength + this.#slots.byteLength;
  }

  /** The row of a device and shop; −1 when there is none. */
  find(deviceRow: number, shop: number): number {
    const { words } = this;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hashOf(deviceRow, shop) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0) return row;
      const at = row * SHOP_DAY_WORDS;
      if (words[at + DEVICE_ROW] === deviceRow && words[at + SHOP] === shop) return row;
    }
  }

  /** A row for a device and shop that have none; `ring` is any row of the device, −1 when this is its first. */
  add(deviceRow: number, shop: number, ring: number): number {
    const row = this.#size++;
    if (row === this.#next.length) this.#growRows();
    const at = row * SHOP_DAY_WORDS;
    this.words.fill(0, at, at + SHOP_DAY_WORDS);
    this.words[at + DEVICE_ROW] = deviceRow;
    this.words[at + SHOP] = shop;
    this.#next[row] = ring < 0 ? row : this.#next[ring]!;
    if (ring >= 0) this.#next[ring] = row;
    if (this.#size > this.#slots.length * LOAD_MAX) this.#growSlots();
    else this.#put(row);
    return row;
  }

  /** Appends the rows of one device that are wanted, in the order of `ranks`; `ring` as for `add`. */
  collect(ring: number, ranks: Uint32Array, wanted: WantedRows, into: number[]): void {
    if (ring < 0) return;
    const start = into.length;
    let row = ring;
    do {
      const at = row * SHOP_DAY_WORDS;
      const shop = this.words[at + SHOP]!;
      if (this.words[at + VISITS]! >= wanted.visitsMin && (wanted.shops?.has(shop) ?? true)) {
        let place = into.length;
        for (; place > start && this.#rank(into[place - 1]!, ranks) > ranks[shop]!; place--) {
          into[place] = into[place - 1]!;
        }
        into[place] = row;
      }
      row = this.#next[row]!;
    } while (row !== ring);
  }

  columns(rows: readonly number[], devices: DeviceTable): ShopDays {
    const { length } = rows;
    const device = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      device[i] = devices.deviceOf(this.words[rows[i]! * SHOP_DAY_WORDS + DEVICE_ROW]!);
    }
    return {
      length,
      device,
      shop: this.#column(SHOP, rows),
      visits: this.#column(VISITS, rows),
      dwellS: this.#column(DWELL_S, rows),
      firstS: this.#column(FIRST_S, rows),
      lastS: this.#column(LAST_S, rows),
      hours: this.#column(HOURS, rows),
    };
  }

  /** Forgets every row and keeps the room. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #rank(row: number, ranks: Uint32Array): number {
    return ranks[this.words[row * SHOP_DAY_WORDS + SHOP]!]!;
  }

  #column(word: number, rows: readonly number[]): Uint32Array {
    const values = new Uint32Array(rows.length);
    for (let i = 0; i < values.length; i++) values[i] = this.words[rows[i]! * SHOP_DAY_WORDS + word]!;
    return values;
  }

  #put(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const at = row * SHOP_DAY_WORDS;
    let slot = hashOf(this.words[at + DEVICE_ROW]!, this.words[at + SHOP]!) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let row = 0; row < this.#size; row++) this.#put(row);
  }

  #growRows(): void {
    const capacity = grownCapacity(this.#next.length, this.#size);
    this.words = grown(new Uint32Array(capacity * SHOP_DAY_WORDS), this.words);
    this.#next = grown(new Int32Array(capacity), this.#next);
  }
}

/** Rows with at least so many visits, and of these shops alone, where any are named. */
export interface WantedRows {
  readonly visitsMin: number;
  readonly shops: ReadonlySet<number> | undefined;
}

function hashOf(deviceRow: number, shop: number): number {
  let mixed = Math.imul(deviceRow, 0x9e3779b1) ^ Math.imul(shop, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
