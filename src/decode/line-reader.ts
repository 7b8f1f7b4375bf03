import {
  type BodyReader,
  CARRIAGE_RETURN,
  isSpace,
  LINE_FEED,
  RECORD_BYTES_MAX,
  RECORD_SPAN_MAX,
} from './body-reader.ts';
import { TOO_LONG } from './drop-details.ts';
import { DECLINED, scanRecord } from './json-scanner.ts';
import { judgeJson, recordBeforeSpace } from './judge-json.ts';
import type { RecordJudge } from './record-judge.ts';

/** NDJSON: one record a line. */
export class LineReader implements BodyReader {
  readonly #judge: RecordJudge;
  /** In a line that was dropped already, because its end is too far away. */
  #skipping = false;
  /** The record of a line of which nothing but white space has come since. */
  #waiting: Uint8Array | undefined;

  constructor(judge: RecordJudge) {
    this.#judge = judge;
  }

  read(bytes: Uint8Array, from: number, until: number, isLast: boolean): number {
    const judge = this.#judge;
    const { fields } = judge;
    let p = this.#skipping ? this.#skip(bytes, from, until) : from;
    if (this.#waiting !== undefined) p = this.#readToLineEnd(this.#waiting, bytes, p, until, isLast);
    while (p < until) {
      if (isSpace(bytes[p]!)) {
        p++;
        continue;
      }
      const end = scanRecord(bytes, p, fields);
      if (end !== DECLINED) {
        const lineEnd = bytes[end] === CARRIAGE_RETURN ? end + 1 : end;
        if (bytes[lineEnd] === LINE_FEED && (lineEnd < until || isLast) && end - p <= RECORD_BYTES_MAX) {
          judge.judge(bytes, p, end);
          p = lineEnd + 1;
          continue;
        }
      }
      const next = this.#readPatiently(bytes, p, until, isLast);
      if (next === p) return p;
      p = next;
    }
    return until;
  }

  /** Reads a line that is not ordinary. Returns `start` when the line is not whole yet. */
  #readPatiently(bytes: Uint8Array, start: number, until: number, isLast: boolean): number {
    const lineEnd = bytes.indexOf(LINE_FEED, start);
    if (lineEnd - start > RECORD_SPAN_MAX) {
      const spanEnd = start + RECORD_SPAN_MAX;
      const record = recordBeforeSpace(bytes, start, spanEnd);
      if (record !== undefined) return this.#readToLineEnd(record, bytes, spanEnd, until, isLast);
      this.#judge.dropMalformed(TOO_LONG, bytes, start, lineEnd);
      this.#skipping = lineEnd === until;
    } else if (lineEnd === until && !isLast) {
      return start;
    } else {
      judgeJson(this.#judge, bytes, start, lineEnd);
    }
    return Math.min(lineEnd + 1, until);
  }

  /** The record counts if white space is all that follows it on its line. */
  #readToLineEnd(
    record: Uint8Array,
    bytes: Uint8Array,
    from: number,
    until: number,
    isLast: boolean,
  ): number {
    let p = from;
    while (p < until && bytes[p] !== LINE_FEED && isSpace(bytes[p]!)) p++;
    this.#waiting = p === until && !isLast ? record : undefined;
    if (this.#waiting !== undefined) return until;
    if (bytes[p] !== LINE_FEED) {
      this.#judge.dropMalformed(TOO_LONG, record, 0, record.length);
      return this.#skip(bytes, p, until);
    }
    judgeJson(this.#judge, record, 0, record.length);
    return Math.min(p + 1, until);
  }

  #skip(bytes: Uint8Array, from: number, until: number): number {
    const lineEnd = bytes.indexOf(LINE_FEED, from);
    this.#skipping = lineEnd === until;
    return Math.min(lineEnd + 1, until);
  }
}
