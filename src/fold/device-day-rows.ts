import type { DeviceDays } from '../terms.ts';
import type { DeviceOrder } from './device-order.ts';
import { DeviceTable } from './device-table.ts';
import { grown } from './grown.ts';

/** Words of a row, by what they hold. A row that is new is all zero. */
export const FIRST_S = 0;
export const LAST_S = 1;
/** Bit `slot` is set when the device was heard in that hour. */
export const HOURS = 2;
/** The shop row of the device that was used last, + 1; a way into the ring of its shop rows. 0 = none yet. */
export const SHOP_ROW = 3;
/** The newest one-second position: its second, the record that says so, and its shop row + 1 (0 = in no shop). */
export const PLACED_AT_S = 4;
export const PLACED_SIGNAL = 5;
export const PLACED_ACCESS_POINT = 6;
export const PLACED_ROW = 7;
/** Last second of that shop row before the position, so that the position can be taken back. */
export const BEFORE_S = 8;

export const DEVICE_DAY_WORDS = 9;

/**
 * What is known of each device of one day: its row `r` begins at word `r * DEVICE_DAY_WORDS`. The words of a row
 * lie together, not in columns, because a record touches most of them: one or two cache lines instead of nine
 * made the fold of a day of a million devices 1.6 times as fast. 36 bytes a device, and the table.
 */
export class DeviceDayRows {
  readonly table = new DeviceTable();
  words = new Uint32Array(this.table.capacity * DEVICE_DAY_WORDS);

  get bytes(): number {
    return this.table.bytes + this.words.byteLength;
  }

  /** A row for a device that has none. */
  add(device: number): number {
    const row = this.table.add(device);
    const at = row * DEVICE_DAY_WORDS;
    if (at === this.words.length) {
      this.words = grown(new Uint32Array(this.table.capacity * DEVICE_DAY_WORDS), this.words);
    }
    this.words.fill(0, at, at + DEVICE_DAY_WORDS);
    return row;
  }

  /** Of every device, ascending. */
  deviceDays(order: DeviceOrder): DeviceDays {
    return this.columns(order.length, (place) => order.rowAt(place));
  }

  /** Of the rows that `rowAt` gives; who is new is for those to say who know the customer record. */
  columns(length: number, rowAt: (place: number) => number): DeviceDays {
    const device = new Float64Array(length);
    const firstS = new Uint32Array(length);
    const lastS = new Uint32Array(length);
    const hours = new Uint32Array(length);
    for (let i = 0; i < length; i++) {
      const row = rowAt(i);
      const at = row * DEVICE_DAY_WORDS;
      device[i] = this.table.deviceOf(row);
      firstS[i] = this.words[at + FIRST_S]!;
      lastS[i] = this.words[at + LAST_S]!;
      hours[i] = this.words[at + HOURS]!;
    }
    return { length, device, firstS, lastS, hours, isNew: new Uint8Array(length) };
  }
}
