import { grown, grownCapacity } from './grown.ts';

const FIRST_ROWS = 1_024;
const FIRST_SLOTS = 2_048;
/** Slots in use, of ten: beyond it look-ups wander, below it slots lie empty. */
const LOAD_MAX = 0.7;

/**
 * Numbers devices 0, 1, 2 … in the order in which they come, so that whoever owns the table can keep columns by
 * that number. A hash table with open addressing; its slots hold row numbers alone, so that a device costs the
 * table 14 to 20 bytes.
 */
export class DeviceTable {
  #devices: Float64Array;
  /** Row + 1; 0 = free. */
  #slots: Int32Array;
  /** Slots are numbered by the top bits of the hash. */
  #shift: number;
  #size = 0;

  /** `rows`: how many devices are expected, if that is known. */
  constructor(rows = FIRST_ROWS) {
    const slots = Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(rows / LOAD_MAX + 1)));
    this.#devices = new Float64Array(Math.max(rows, 1));
    this.#slots = new Int32Array(slots);
    this.#shift = shiftOf(slots);
  }

  get size(): number {
    return this.#size;
  }

  /** How many rows there is room for; columns kept beside the table grow when it does. */
  get capacity(): number {
    return this.#devices.length;
  }

  get bytes(): number {
    return this.#devices.byteLength + this.#slots.byteLength;
  }

  deviceOf(row: number): number {
    return this.#devices[row]!;
  }

  /** The row of a device; −1 when it has none. */
  find(device: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hashOf(device) >>> this.#shift; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0 || this.#devices[row] === device) return row;
    }
  }

  /** The new row of a device that has none. */
  add(device: number): number {
    const row = this.#size++;
    if (row === this.#devices.length) {
      this.#devices = grown(new Float64Array(grownCapacity(row, row + 1)), this.#devices);
    }
    this.#devices[row] = device;
    if (this.#size > this.#slots.length * LOAD_MAX) this.#growSlots();
    else this.#put(row);
    return row;
  }

  /** Forgets every device and keeps the room. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #put(row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(this.#devices[row]!) >>> this.#shift;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = row + 1;
  }

  #growSlots(): void {
    const slots = this.#slots.length * 2;
    this.#slots = new Int32Array(slots);
    this.#shift = shiftOf(slots);
    for (let row = 0; row < this.#size; row++) this.#put(row);
  }
}

function shiftOf(slots: number): number {
  return 32 - Math.log2(slots);
}

/** 32 bits of a 46-bit device. The multiplications carry every bit upwards, so the top bits are the well-mixed ones. */
function hashOf(device: number): number {
  const low = device | 0;
  const high = (device / 4_294_967_296) | 0;
  const mixed = Math.imul(low ^ (low >>> 16) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
}
