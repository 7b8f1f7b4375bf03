/** The numbers of names that one day has admitted, as a bitmap, and how many of them the directory does not know. */
export class AdmittedNames {
  #bits = new Uint32Array(64);
  /** −1 = to be counted when somebody asks. */
  #unknown = 0;

  has(number: number): boolean {
    const word = number >>> 5;
    return word < this.#bits.length && (this.#bits[word]! & (1 << (number & 31))) !== 0;
  }

  /** Admits a name that the directory knows. */
  addKnown(number: number): void {
    this.#setBit(number);
  }

  /** Admits a name, not admitted yet, that the directory does not know. */
  addUnknown(number: number): void {
    this.#setBit(number);
    if (this.#unknown >= 0) this.#unknown++;
  }

  /** Admits a name of which it is not yet known whether the directory knows it. */
  add(number: number): void {
    this.#setBit(number);
    this.#unknown = -1;
  }

  /** How many of the admitted names the directory does not know. */
  unknown(isKnown: (number: number) => boolean): number {
    if (this.#unknown < 0) {
      this.#unknown = 0;
      for (let number = 1; number < this.#bits.length * 32; number++) {
        if (this.has(number) && !isKnown(number)) this.#unknown++;
      }
    }
    return this.#unknown;
  }

  /** Which names are known may have changed. */
  recount(): void {
    this.#unknown = -1;
  }

  #setBit(number: number): void {
    const word = number >>> 5;
    if (word >= this.#bits.length) {
      const before = this.#bits;
      this.#bits = new Uint32Array(Math.max(before.length * 2, word + 1));
      this.#bits.set(before);
    }
    this.#bits[word]! |= 1 << (number & 31);
  }
}
