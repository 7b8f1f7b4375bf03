import type { DeadLetter, DropCounts, DropReason } from '../outcome.ts';
import { SightingColumns } from '../sightings.ts';
import { maskedBody } from './mask.ts';

/**
 * Dead letters held at a time: more than the largest body holds of records as short as real ones are (32 MiB of
 * 135 bytes each). Beyond it the last letter says so, and what comes after is counted alone: memory stays bounded.
 */
const LETTERS_MAX = 250_000;
/** And so many characters of them, with what is said about each: twice the largest body. */
const LETTERS_LENGTH_MAX = 64 << 20;
const NO_MORE = 'further ones of this batch are counted, not listed';

/** What became of records: kept ones as columns, dropped ones by reason and as dead letters. Reused by its owner. */
export class Decoded {
  readonly sightings = new SightingColumns();
  /** Told where each kept record stands, for whoever hands the records on as they came. */
  onKept: ((bytes: Uint8Array, from: number, until: number) => void) | undefined;
  dropped: DropCounts = {};
  deadLetters: DeadLetter[] = [];
  /** Records seen: kept + dropped. */
  lines = 0;
  #lettersLength = 0;

  /**
   * Counts a dropped record, which stands in `bytes` between `from` and `until`, and keeps its dead letter. What to
   * say, and what to show, is worked out for letters that are kept alone: it costs many times what a count does.
   */
  drop(
    reason: DropReason,
    detail: string | (() => string),
    receivedAtS: number,
    bytes: Uint8Array,
    from: number,
    until: number,
  ): void {
    this.lines++;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
    if (this.#isFull()) return;
    const body = maskedBody(bytes, from, until);
    const said = typeof detail === 'string' ? detail : detail();
    const letter = { reason, detail: said, receivedAtS, body };
    this.deadLetters.push(letter);
    this.#lettersLength += body.length + said.length;
    if (this.#isFull()) letter.detail = `${said}; ${NO_MORE}`;
  }

  #isFull(): boolean {
    return this.deadLetters.length >= LETTERS_MAX || this.#lettersLength >= LETTERS_LENGTH_MAX;
  }

  clear(): void {
    this.sightings.clear();
    this.dropped = {};
    this.deadLetters = [];
    this.#lettersLength = 0;
    this.lines = 0;
  }
}
