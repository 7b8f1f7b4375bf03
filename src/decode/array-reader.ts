import { type BodyReader, isSpace, RECORD_BYTES_MAX, RECORD_SPAN_MAX } from './body-reader.ts';
import { AFTER_ARRAY, ARRAY_BROKEN, ARRAY_CUT_OFF, TOO_LONG } from './drop-details.ts';
import { BROKEN, ElementScan } from './element-scan.ts';
import { DECLINED, scanRecord } from './json-scanner.ts';
import { judgeBeforeSpace, judgeJson } from './judge-json.ts';
import type { RecordJudge } from './record-judge.ts';

const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;

type State =
  /** After the opening bracket. */
  | 'first'
  /** After a comma. */
  | 'element'
  /** In the white space after an element that was judged already, because its delimiter is too far away. */
  | 'judged'
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

  /** The body is read from behind its opening bracket on. */
  constructor(judge: RecordJudge) {
    this.#judge = judge;
  }

  read(bytes: Uint8Array, from: number, until: number, isLast: boolean): number {
    const judge = this.#judge;
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
    const isCutOff = this.#state === 'first' || this.#state === 'element' || this.#state === 'judged';
    if (isLast && isCutOff) {
      judge.dropMalformed(ARRAY_CUT_OFF, bytes, until, until);
    }
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
      case 'judged':
        if (isDelimiter(bytes[start]!)) return this.#passDelimiter(bytes, start);
        this.#state = 'element';
        return this.#readElement(bytes, start, until, isLast);
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
      if (judgeBeforeSpace(this.#judge, bytes, start)) {
        this.#state = 'judged';
        return start + RECORD_SPAN_MAX;
      }
      this.#judge.dropMalformed(TOO_LONG, bytes, start, until);
      this.#state = 'skipping';
      return limit;
    }
    if (!isLast) return start;
    if (!judgeJson(this.#judge, bytes, start, until)) this.#state = 'over';
    return until;
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
