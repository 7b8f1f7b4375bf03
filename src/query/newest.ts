import type { Frame, LiveMall } from '../live/live.ts';

/** What a reader has not been told yet. */
export interface News {
  /** The newest frame; undefined for a reader that has just begun. */
  readonly frame: Frame | undefined;
  /** Frames before it went by untold: the reader has just begun, or was too slow. */
  readonly missed: boolean;
}

/**
 * Makes an answer of the news, or undefined when there is nothing to tell. Called only when the reader waits, one
 * call at a time; an answer is never undefined.
 */
export type Tell<T> = (news: News) => T | undefined | Promise<T | undefined>;

/**
 * What there is to tell of a mall, at the pace of its reader: the first answer at once, then at most one a frame.
 * However slow the reader, only the newest frame waits for it, never a queue. The frames are listened to from the
 * first `next` until `return`, which also ends a `next` that is waiting. When `tell` rejects, so does the `next`
 * that waited, and the answers end. Of a mall that nobody is known to fold there is a first answer alone.
 */
export function newest<T>(live: LiveMall | undefined, tell: Tell<T>): AsyncIterableIterator<T> {
  return new Newest(live, tell);
}

interface Pull<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

class Newest<T> implements AsyncIterableIterator<T> {
  readonly #live: LiveMall | undefined;
  readonly #tell: Tell<T>;
  readonly #pulls: Pull<T>[] = [];
  #news: News | undefined = { frame: undefined, missed: true };
  #lastNumber: number | undefined;
  #telling = false;
  #ended = false;
  #stopListening: (() => void) | undefined;

  constructor(live: LiveMall | undefined, tell: Tell<T>) {
    this.#live = live;
    this.#tell = tell;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    this.#stopListening ??= this.#live?.onFrame((frame) => this.#hear(frame));
    return new Promise((resolve, reject) => {
      this.#pulls.push({ resolve, reject });
      void this.#serve();
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #hear(frame: Frame): void {
    const gap = this.#lastNumber !== undefined && frame.number !== this.#lastNumber + 1;
    this.#news = { frame, missed: gap || this.#news !== undefined };
    this.#lastNumber = frame.number;
    void this.#serve();
  }

  async #serve(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#news !== undefined && this.#pulls.length > 0) {
      const news = this.#news;
      this.#news = undefined;
      try {
        const value = await this.#tell(news);
        if (value !== undefined) this.#pulls.shift()?.resolve({ done: false, value });
      } catch (error) {
        this.#pulls.shift()?.reject(error);
        this.#end();
      }
    }
    this.#telling = false;
    if (this.#live === undefined && this.#news === undefined) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#news = undefined;
    this.#stopListening?.();
    for (const pull of this.#pulls.splice(0)) pull.resolve({ done: true, value: undefined });
  }
}
