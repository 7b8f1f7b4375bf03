const WEYL_STEP = 0x9e3779b9;

/** A 32-bit hash of a 32-bit integer (signed): one bit changed in it changes half of the result's bits. */
export function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
}

/** The hash of a pair: what `key` draws the `index`-th time. */
export function mixPair(key: number, index: number): number {
  return mix(mix(key) + Math.imul(index, WEYL_STEP));
}

/** A fraction in [0, 1) out of 32 hashed bits. */
export function unitOf(bits: number): number {
  return (bits >>> 0) / 4_294_967_296;
}

/**
 * Seeded chance. The same keys draw the same numbers, on every machine and from whichever instant one starts:
 * everything in the simulated mall that happens by chance draws from keys that name what it happens to.
 */
export class Chance {
  #state: number;

  constructor(key: number, index = 0) {
    this.#state = mixPair(key, index);
  }

  restart(key: number, index: number): void {
    this.#state = mixPair(key, index);
  }

  /** 32 bits, as an unsigned integer. */
  bits(): number {
    this.#state = (this.#state + WEYL_STEP) | 0;
    return mix(this.#state) >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** Nearly normal, mean 0, deviation 1: a bell of four bytes, between −3.4 and 3.4. */
  bell(): number {
    const bits = this.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    return (sum - 510) / 147.8;
  }

  /** Nearly log-normal with this median; `spread` is the deviation of its logarithm. */
  skewed(median: number, spread: number): number {
    return median * Math.exp(spread * this.bell());
  }
}
