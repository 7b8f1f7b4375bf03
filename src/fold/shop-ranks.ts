import type { Codebook } from '../codebook.ts';

/** Where each shop number stands in the order of shop codes, worked out again when the codebook has grown. */
export class ShopRanks {
  readonly #codebook: Codebook;
  #ranks = new Uint32Array(1);

  constructor(codebook: Codebook) {
    this.#codebook = codebook;
  }

  /** By shop number. */
  current(): Uint32Array {
    const shops = this.#codebook.shopCount + 1;
    if (this.#ranks.length !== shops) {
      const numbers = Array.from({ length: shops }, (_, number) => number);
      numbers.sort((a, b) => (this.#codebook.shopRanksBefore(a, b) ? -1 : a === b ? 0 : 1));
      this.#ranks = new Uint32Array(shops);
      for (const [rank, number] of numbers.entries()) this.#ranks[number] = rank;
    }
    return this.#ranks;
  }
}
