/** 24-bit halves of 48-bit addresses: small integers, which JavaScript passes around without allocating. */
const HALF = 2 ** 24;
const FIRST_CAPACITY = 1 << 12;

/**
 * A number for each 48-bit address, in one typed array: 16 bytes a slot, at most half of the slots in use, a key
 * beside its value so that a look-up costs one cache line. Emptied once it holds `limit` addresses, which bounds
 * its memory: whoever asks can work out the number again.
 */
export class AddressTable {
  readonly #limit: number;
  /** Slot `i`: the address + 1 (0 = free) at `2i`, its number at `2i + 1`. */
  #slots = new Float64Array(2 * FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** Where the number of an address lies, for `at`; −1 when it has none. Valid until the next `set`. */
  find(high: number, low: number): number {
    const slots = this.#slots;
    const key = high * HALF + low + 1;
    for (let slot = hash(high, low) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = slots[2 * slot]!;
      if (found === key) return slot;
      if (found === 0) return -1;
    }
  }

  at(slot: number): number {
    return this.#slots[2 * slot + 1]!;
  }

  /** Gives an address that has none a number, and says where it lies. */
  set(high: number, low: number, number: number): number {
    if (this.#size === this.#limit) this.clear();
    if (this.#size * 2 > this.#mask) this.#grow();
    this.#size++;
    return this.#put(high * HALF + low + 1, number);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #put(key: number, number: number): number {
    const slots = this.#slots;
    const high = Math.floor((key - 1) / HALF);
    let slot = hash(high, key - 1 - high * HALF) & this.#mask;
    while (slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask;
    slots[2 * slot] = key;
    slots[2 * slot + 1] = number;
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(before.length * 2);
    this.#mask = before.length - 1;
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] !== 0) this.#put(before[i]!, before[i + 1]!);
    }
  }
}

/** Spreads addresses that differ in a few low bits, as those of one vendor do, over all slots. */
function hash(high: number, low: number): number {
  let mixed = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
