import { setMaxListeners } from 'node:events';

/** A question was given up before it was answered. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly code = 'DEADLINE_EXCEEDED';
}

const GONE = new DeadlineExceeded('nobody waits for the answer any more');

/** Until when a request is worked on: its signal ends what the store does for it, too. */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #passed: Promise<never>;

  constructor(answerMs: number) {
    // Each call of the store that is under way listens.
    setMaxListeners(0, this.signal);
    this.#timer = setTimeout(() => this.#abort.abort(tookLongerThan(answerMs)), answerMs).unref();
    this.#passed = new Promise((_resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason));
    });
    // Whoever is not being waited for may pass it without anybody's notice.
    this.#passed.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Rejects with DeadlineExceeded at the latest, whatever the work does. */
  orPassed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#passed]);
  }

  /** Whoever asked is gone. */
  giveUp(): void {
    this.#abort.abort(GONE);
    this.done();
  }

  /** It is answered. */
  done(): void {
    clearTimeout(this.#timer);
  }
}

function tookLongerThan(answerMs: number): DeadlineExceeded {
  const limit = `${answerMs / 1_000} s`;
  return new DeadlineExceeded(
    `this took longer than ${limit} and was given up; ask for fewer days or rows at a time`,
  );
}
