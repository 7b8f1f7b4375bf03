const FIRST_SLOTS = 1 << 10;
const FIRST_BYTES = 1 << 14;

/**
 * The number of each shop code, found by the bytes of the code: no string is made for a code that was met before.
 * It holds codes that have a number in the codebook, nothing else, so it is bounded by that.
 */
export class ShopCodeTable {
  /** Open addressing, at most half full: entry + 1, 0 = free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #size = 0;
  /** By entry. */
  #hash = new Int32Array(FIRST_SLOTS / 2);
  #number = new Int32Array(FIRST_SLOTS / 2);
  #from = new Int32Array(FIRST_SLOTS / 2 + 1);
  /** The codes, one after the other. */
  #codes = new Uint8Array(FIRST_BYTES);

  /** −1 when the table does not hold the code. */
  find(bytes: Uint8Array, from: number, until: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const sought = hashOf(bytes, from, until);
    for (let slot = sought & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1;
      if (entry < 0) return -1;
      if (this.#hash[entry] === sought && this.#isCode(entry, bytes, from, until))
        return this.#number[entry]!;
    }
  }

  /** Adds a code that the table does not hold. */
  add(bytes: Uint8Array, from: number, until: number, number: number): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    const entry = this.#size++;
    const start = this.#from[entry]!;
    const end = start + until - from;
    if (end > this.#codes.length) this.#codes = copied(new Uint8Array(this.#codes.length * 2), this.#codes);
    for (let i = from; i < until; i++) this.#codes[start + i - from] = bytes[i]!;
    this.#from[entry + 1] = end;
    this.#number[entry] = number;
    this.#hash[entry] = hashOf(bytes, from, until);
    this.#place(entry);
  }

  #isCode(entry: number, bytes: Uint8Array, from: number, until: number): boolean {
    const start = this.#from[entry]!;
    if (this.#from[entry + 1]! - start !== until - from) return false;
    for (let i = from, j = start; i < until; i++, j++) if (this.#codes[j] !== bytes[i]) return false;
    return true;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[entry]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    this.#slots = new Int32Array(slots);
    this.#hash = copied(new Int32Array(slots / 2), this.#hash);
    this.#number = copied(new Int32Array(slots / 2), this.#number);
    this.#from = copied(new Int32Array(slots / 2 + 1), this.#from);
    for (let entry = 0; entry < this.#size; entry++) this.#place(entry);
  }
}

function hashOf(bytes: Uint8Array, from: number, until: number): number {
  let hash = until - from;
  for (let i = from; i < until; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function copied<A extends Int32Array | Uint8Array>(into: A, from: A): A {
  into.set(from);
  return into;
}
