/** Draws an index in proportion to its weight. */
export class CumulativeWeights {
  readonly #upTo: Float64Array;

  /** At least one weight; none negative, not all zero. */
  constructor(weights: readonly number[]) {
    this.#upTo = new Float64Array(weights.length);
    let sum = 0;
    for (let index = 0; index < weights.length; index++) {
      sum += weights[index]!;
      this.#upTo[index] = sum;
    }
  }

  /** The index that a fraction in [0, 1) falls on. */
  at(unit: number): number {
    const upTo = this.#upTo;
    let low = 0;
    let high = upTo.length - 1;
    const wanted = unit * upTo[high]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
