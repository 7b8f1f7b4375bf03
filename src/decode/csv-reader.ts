import {
  type BodyReader,
  CARRIAGE_RETURN,
  isSpace,
  LINE_FEED,
  RECORD_BYTES_MAX,
  RECORD_SPAN_MAX,
} from './body-reader.ts';
import type { CsvColumns } from './csv-header.ts';
import { CANNOT_SPLIT, wrongWidth } from './drop-details.ts';
import type { RecordJudge } from './record-judge.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

/** The row, or a quoted value of it, goes on behind the window or behind what a record may hold. */
const CUT = -1;
/** Quotes stand where they may not. */
const BROKEN = -2;

/**
 * Rows of CSV, after the header: RFC 4180, with a line feed or a carriage return and a line feed after each row. A
 * row that cannot be split is taken to end with its line, so that a stray quote costs one row and not the next.
 */
export class CsvReader implements BodyReader {
  readonly #judge: RecordJudge;
  readonly #columns: CsvColumns;
  /** Values of the row that was split last. */
  #values = 0;
  /** Bit `field` is set where the value of a field has doubled quotes. */
  #doubled = 0;
  /** In a line that was dropped already, because its end is too far away. */
  #skipping = false;

  constructor(judge: RecordJudge, columns: CsvColumns) {
    this.#judge = judge;
    this.#columns = columns;
  }

  read(bytes: Uint8Array, from: number, until: number, isLast: boolean): number {
    let p = this.#skipping ? this.#skipLine(bytes, from, until) : from;
    while (p < until) {
      if (isSpace(bytes[p]!)) {
        p++;
        continue;
      }
      const end = this.#split(bytes, p, until);
      const isCut = end === CUT || end === until;
      if (isCut && !isLast && until - p <= RECORD_SPAN_MAX) return p;
      if (end < 0 || end - p > RECORD_SPAN_MAX) {
        const next = this.#dropLine(bytes, p, until, isLast);
        if (next === p) return p;
        p = next;
      } else {
        this.#judgeRow(bytes, p, end);
        p = end + 1;
      }
    }
    return until;
  }

  /**
   * Finds the values of the row at `start`. Returns the position of the line feed after it (`until`, where the window
   * ends before one came), or CUT, or BROKEN.
   */
  #split(bytes: Uint8Array, start: number, until: number): number {
    const { fields } = this.#judge;
    const columns = this.#columns;
    const quotedMax = start + RECORD_BYTES_MAX;
    fields.startIn(bytes);
    this.#doubled = 0;
    let values = 0;
    for (let p = start; ; p++) {
      const field = values < columns.length ? columns[values]! : -1;
      values++;
      if (bytes[p] === QUOTE) {
        const quote = this.#endOfQuoted(bytes, p + 1, Math.min(until, quotedMax), field);
        if (quote === CUT) return CUT;
        if (field >= 0) fields.set(field, p + 1, quote);
        p = quote + 1;
        if (bytes[p] === CARRIAGE_RETURN && bytes[p + 1] === LINE_FEED) p++;
      } else {
        const from = p;
        p = endOfUnquoted(bytes, p);
        if (field >= 0) fields.set(field, from, p);
      }
      const byte = bytes[p];
      if (byte === COMMA) continue;
      this.#values = values;
      return byte === LINE_FEED ? p : BROKEN;
    }
  }

  /** Where the closing quote lies; CUT when it is not before `limit`. */
  #endOfQuoted(bytes: Uint8Array, from: number, limit: number, field: number): number {
    let p = from;
    while (p < limit) {
      if (bytes[p] !== QUOTE) p++;
      else if (bytes[p + 1] !== QUOTE) return p;
      else {
        if (field >= 0) this.#doubled |= 1 << field;
        p += 2;
      }
    }
    return CUT;
  }

  #judgeRow(bytes: Uint8Array, start: number, lineEnd: number): void {
    const judge = this.#judge;
    const end = bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (end - start > RECORD_BYTES_MAX) judge.dropMalformed(CANNOT_SPLIT, bytes, start, end);
    else if (this.#values !== this.#columns.length)
      judge.dropMalformed(() => wrongWidth(this.#values, this.#columns.length), bytes, start, end);
    else {
      if (this.#doubled !== 0) judge.fields.halveQuotes(this.#doubled);
      judge.judge(bytes, start, end);
    }
  }

  /** Drops the line at `start`, which is no row. Returns `start` when its end is not there yet. */
  #dropLine(bytes: Uint8Array, start: number, until: number, isLast: boolean): number {
    const lineEnd = bytes.indexOf(LINE_FEED, start);
    if (lineEnd === until && !isLast && until - start <= RECORD_SPAN_MAX) return start;
    this.#judge.dropMalformed(CANNOT_SPLIT, bytes, start, lineEnd);
    this.#skipping = lineEnd === until;
    return Math.min(lineEnd + 1, until);
  }

  #skipLine(bytes: Uint8Array, from: number, until: number): number {
    const lineEnd = bytes.indexOf(LINE_FEED, from);
    this.#skipping = lineEnd === until;
    return Math.min(lineEnd + 1, until);
  }
}

/** Bytes that end a value without quotes: comma, line feed, and a quote, which may not stand there. */
const STOPS = new Uint8Array(256);
for (const byte of [COMMA, LINE_FEED, QUOTE]) STOPS[byte] = 1;

function endOfUnquoted(bytes: Uint8Array, start: number): number {
  let p = start;
  while (STOPS[bytes[p]!] === 0) p++;
  return p;
}
