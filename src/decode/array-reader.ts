import { type BodyReader, isSpace, RECORD_BYTES_MAX, RECORD_SPAN_MAX } from './body-reader.ts';
import { AFTER_ARRAY, ARRAY_BROKEN, ARRAY_CUT_OFF, TOO_LONG } from './drop-details.ts';
import { BROKEN, ElementScan } from './element-scan.ts';
import { DECLINED, scanRecord } from './json-scanner.ts';
import { judgeJson, recordBeforeSpace } from './judge-json.ts';
import type { RecordJudge } from './record-judge.ts';

const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;

type State =
  /** After the opening bracket. */
  | 'first'
  /** After a comma. */
  | 'element'
  /** In the white space after a record, of whose element nothing else has come yet. */
  | 'waiting'
  /** In an element that was dropped already, because its end is too far away. */
  | 'skipping'
  /** After the closing bracket. */
  | 'closed'
  /** Beyond what can be read. */
  | 'over';

/**
 * A JSON array of records, of any length. Its elements are judged one by one while strings and braces balance; what
 * comes after is one malformed record, and so is a missing end.
 */
export class ArrayReader implements BodyReader {
  readonly #judge: RecordJudge;
  readonly #scan = new ElementScan();
  #state: State = 'first';
  /** The record of the state `waiting`. */
  #record: Uint8Array = new Uint8Array();

  /** The body is read from behind its opening bracket on. */
  constructor(judge: RecordJudge) {
    this.#judge = judge;
  }

  read(bytes: Uint8Array, from: number, until: number, isLast: boolean): number {
    let p = from;
    while (p < until) {
      const byte = bytes[p]!;
      if (isSpace(byte) && this.#state !== 'skipping') {
        p++;
        continue;
      }
      const next = this.#readOrdinary(bytes, p, until) || this.#readPatiently(bytes, p, until, isLast);
      if (next === p) return p;
      p = next;
    }
    if (isLast) this.#endCutOff(bytes, until);
    return until;
  }

  /** Reads an element with the delimiter after it, if it is an ordinary record; otherwise returns 0. */
  #readOrdinary(bytes: Uint8Array, start: number, until: number): number {
    if (this.#state !== 'first' && this.#state !== 'element') return 0;
    const end = scanRecord(bytes, start, this.#judge.fields);
    if (end === DECLINED) return 0;
    let p = end;
    while (p < until && isSpace(bytes[p]!)) p++;
    const isDelimited = p < until && isDelimiter(bytes[p]!);
    if (!isDelimited || end - start > RECORD_BYTES_MAX || p - start > RECORD_SPAN_MAX) return 0;
    this.#judge.judge(bytes, start, end);
    return this.#passDelimiter(bytes, p);
  }

  /** Reads whatever stands at `start`. Returns `start` when more of the body is needed to judge it. */
  #readPatiently(bytes: Uint8Array, start: number, until: number, isLast: boolean): number {
    switch (this.#state) {
      case 'first':
        if (bytes[start] === CLOSE_BRACKET) return this.#passDelimiter(bytes, start);
        return this.#readElement(bytes, start, until, isLast);
      case 'element':
        return this.#readElement(bytes, start, until, isLast);
      case 'waiting':
        return this.#endWaiting(bytes, start, until);
      case 'skipping':
        return this.#skip(bytes, start, until);
      case 'closed':
        return this.#giveUp(AFTER_ARRAY, bytes, start, until, isLast);
      case 'over':
        return until;
    }
  }

  #readElement(bytes: Uint8Array, start: number, until: number, isLast: boolean): number {
    const limit = Math.min(until, start + RECORD_SPAN_MAX + 1);
    this.#scan.restart();
    const end = this.#scan.scan(bytes, start, limit);
    if (end === BROKEN) return this.#giveUp(ARRAY_BROKEN, bytes, start, until, isLast);
    if (end < limit) {
      judgeJson(this.#judge, bytes, start, end);
      return this.#passDelimiter(bytes, end);
    }
    if (limit - start > RECORD_SPAN_MAX) {
      const record = recordBeforeSpace(bytes, start, limit);
      if (record === undefined) this.#judge.dropMalformed(TOO_LONG, bytes, start, until);
      else this.#record = record;
      this.#state = record === undefined ? 'skipping' : 'waiting';
      return limit;
    }
    if (!isLast) return start;
    if (!judgeJson(this.#judge, bytes, start, until)) this.#state = 'over';
    return until;
  }

  /** The record counts if its element ends here. */
  #endWaiting(bytes: Uint8Array, at: number, until: number): number {
    if (isDelimiter(bytes[at]!)) {
      judgeJson(this.#judge, this.#record, 0, this.#record.length);
      return this.#passDelimiter(bytes, at);
    }
    this.#judge.dropMalformed(TOO_LONG, this.#record, 0, this.#record.length);
    this.#state = 'skipping';
    return this.#skip(bytes, at, until);
  }

  #endCutOff(bytes: Uint8Array, until: number): void {
    if (this.#state === 'waiting') judgeJson(this.#judge, this.#record, 0, this.#record.length);
    const isCutOff = this.#state === 'first' || this.#state === 'element' || this.#state === 'waiting';
    if (isCutOff) this.#judge.dropMalformed(ARRAY_CUT_OFF, bytes, until, until);
  }

  #skip(bytes: Uint8Array, start: number, until: number): number {
    const end = this.#scan.scan(bytes, start, until);
    if (end === BROKEN) this.#state = 'over';
    else if (end < until) return this.#passDelimiter(bytes, end);
    return until;
  }

  /** The rest is one malformed record, and never read; waits for as much of it as a dead letter shows. */
  #giveUp(detail: string, bytes: Uint8Array, start: number, until: number, isLast: boolean): number {
    if (!isLast && until - start < RECORD_SPAN_MAX) return start;
    this.#judge.dropMalformed(detail, bytes, start, until);
    this.#state = 'over';
    return until;
  }

  #passDelimiter(bytes: Uint8Array, at: number): number {
    this.#state = bytes[at] === COMMA ? 'element' : 'closed';
    return at + 1;
  }
}

function isDelimiter(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACKET;
}
