import { LRUCache } from 'lru-cache';
import type { AnswerBasis } from '../query/answer-basis.ts';
import type { Ask } from '../query/answers.ts';

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Tells it from every other answer to the same question; undefined when it is not one to be kept. */
  readonly etag: string | undefined;
  /** As long as this holds it would be made the same again; undefined when it is not one to be kept. */
  readonly basis: AnswerBasis | undefined;
}

/** Answers whose days are being counted are not waited for: each asker has one of this moment. */
const VOLATILE = Symbol('volatile');

const ANSWERS_BYTES_MAX = 64 << 20;
const ANSWER_BYTES_MAX = 8 << 20;
/** What holding an answer takes beside its bytes. */
const HELD_BYTES = 500;

/**
 * Answers of days that are not being counted, for whoever asks the same and may see the same. Before one is given again,
 * the days and the directory that it was made of are looked at: it is never older than an answer made anew would be.
 * Those who ask the same at the same time wait for one answer.
 */
export class AnswerCache {
  readonly #ask: Ask;
  readonly #kept = new LRUCache<string, Answer | typeof VOLATILE>({
    maxSize: ANSWERS_BYTES_MAX,
    maxEntrySize: ANSWER_BYTES_MAX,
    sizeCalculation: (answer, key) => {
      const bytes = answer === VOLATILE ? 0 : answer.body.byteLength;
      return bytes + 2 * key.length + HELD_BYTES;
    },
  });
  readonly #making = new Map<string, Promise<Answer>>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** `key`: the question, and what its asker may see. */
  async answer(key: string, make: () => Promise<Answer>): Promise<Answer> {
    const kept = this.#kept.get(key);
    if (kept === VOLATILE) return this.#make(key, make);
    if (kept !== undefined && (await this.#holds(kept))) return kept;
    const making = this.#making.get(key);
    if (making === undefined) return this.#make(key, make);
    const made = await making.catch(() => undefined);
    return made !== undefined && (await this.#holds(made)) ? made : this.#make(key, make);
  }

  async #make(key: string, make: () => Promise<Answer>): Promise<Answer> {
    const making = make();
    this.#making.set(key, making);
    try {
      const answer = await making;
      this.#kept.set(key, answer.basis === undefined ? VOLATILE : answer);
      return answer;
    } finally {
      if (this.#making.get(key) === making) this.#making.delete(key);
    }
  }

  /** A store that cannot say so now is asked again while the answer is made. */
  async #holds({ basis }: Answer): Promise<boolean> {
    return basis !== undefined && (await basis.holds(this.#ask).catch(() => false));
  }
}
