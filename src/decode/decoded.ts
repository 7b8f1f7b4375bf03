import type { DeadLetter, DropCounts, DropReason } from '../outcome.ts';
import { SightingColumns } from '../sightings.ts';
import { maskedBody } from './mask.ts';

/**
 * Dead letters held at a time: more than the largest body holds of records as short as real ones are (32 MiB of
 * 135 bytes each). Beyond it the last letter says so, and what comes after is counted alone: memory stays bounded.
 */
const LETTERS_MAX = 250_000;

/** What became of records: kept ones as columns, dropped ones by reason and as dead letters. Reused by its owner. */
export class Decoded {
  readonly sightings = new SightingColumns();
  dropped: DropCounts = {};
  deadLetters: DeadLetter[] = [];
  /** Records seen: kept + dropped. */
  lines = 0;

  /** Counts a dropped record, which stands in `bytes` between `from` and `until`, and keeps its dead letter. */
  drop(
    reason: DropReason,
    detail: string,
    receivedAtS: number,
    bytes: Uint8Array,
    from: number,
    until: number,
  ): void {
    this.lines++;
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
    const held = this.deadLetters.length;
    if (held >= LETTERS_MAX) return;
    const said =
      held + 1 < LETTERS_MAX ? detail : `${detail}; further ones of this batch are counted, not listed`;
    this.deadLetters.push({ reason, detail: said, receivedAtS, body: maskedBody(bytes, from, until) });
  }

  clear(): void {
    this.sightings.clear();
    this.dropped = {};
    this.deadLetters = [];
    this.lines = 0;
  }
}
