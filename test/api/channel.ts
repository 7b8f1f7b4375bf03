/**
 * A source of values that a test feeds by hand, as a subscription would have one: it hands out the next value when
 * asked, and knows how often it was asked and whether it was ended.
 */
export class Channel<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void) | undefined;
  #ended: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });
  /** How many values were taken. */
  taken = 0;

  push(value: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(this.#take(value));
    else this.#values.push(value);
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return Promise.resolve(this.#take(this.#values.shift() as T));
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#waiting?.({ done: true, value: undefined });
    this.#ended();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(value: T): IteratorResult<T> {
    this.taken += 1;
    return { done: false, value };
  }
}
