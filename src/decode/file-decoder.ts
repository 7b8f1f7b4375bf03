import { ArrayReader } from './array-reader.ts';
import { type BodyReader, isSpace, LINE_FEED, RECORD_BYTES_MAX, RECORD_SPAN_MAX } from './body-reader.ts';
import { parseCsvHeader } from './csv-header.ts';
import { CsvReader } from './csv-reader.ts';
import type { Decoded } from './decoded.ts';
import { LineReader } from './line-reader.ts';
import { type RecordDecoder, startOfContent } from './record-decoder.ts';
import type { RecordJudge } from './record-judge.ts';

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * One file, already inflated, in pieces of any size: NDJSON, a JSON array of any length, or CSV whose header names
 * the wire keys. Holds one piece and at most a record's span before it.
 */
export class FileDecoder {
  readonly #judge: RecordJudge;
  readonly #receivedAtS: number;
  /** What was not read yet, and room for one byte behind it. */
  #window = new Uint8Array(RECORD_SPAN_MAX);
  #from = 0;
  #until = 0;
  /** Undefined until the beginning of the file has told its format. */
  #reader: BodyReader | undefined;

  constructor(decoder: RecordDecoder, receivedAtS: number) {
    this.#judge = decoder.judge;
    this.#receivedAtS = receivedAtS;
  }

  push(chunk: Uint8Array, into: Decoded): void {
    this.#append(chunk);
    this.#read(into, false);
  }

  end(into: Decoded): void {
    this.#read(into, true);
  }

  #append(chunk: Uint8Array): void {
    const rest = this.#window.subarray(this.#from, this.#until);
    if (rest.length + chunk.length >= this.#window.length) {
      this.#window = new Uint8Array(rest.length + chunk.length + RECORD_SPAN_MAX);
    }
    this.#window.set(rest);
    this.#window.set(chunk, rest.length);
    this.#from = 0;
    this.#until = rest.length + chunk.length;
    this.#window[this.#until] = LINE_FEED;
  }

  #read(into: Decoded, isLast: boolean): void {
    this.#judge.begin(this.#receivedAtS, into);
    this.#window[this.#until] = LINE_FEED;
    this.#reader ??= this.#chooseReader(isLast);
    if (this.#reader === undefined) return;
    this.#from = this.#reader.read(this.#window, this.#from, this.#until, isLast);
  }

  /** Goes past a byte order mark, and past what tells the format but is no record. */
  #chooseReader(isLast: boolean): BodyReader | undefined {
    const content = this.#window.subarray(this.#from, this.#until);
    const start = this.#from + startOfContent(content, content.length);
    const line = this.#window.subarray(start, this.#until);
    if (line.length < 3 && !isLast) {
      // One blank stays, so that a byte order mark is seen at the very beginning alone.
      if (start > 0 && isSpace(this.#window[start - 1]!)) this.#from = start - 1;
      return undefined;
    }
    this.#from = start;
    if (line[0] === OPEN_BRACKET) {
      this.#from = start + 1;
      return new ArrayReader(this.#judge);
    }
    if (line[0] === OPEN_BRACE) return new LineReader(this.#judge);
    const lineEnd = line.indexOf(LINE_FEED);
    const length = lineEnd < 0 ? line.length : lineEnd;
    if (lineEnd < 0 && length <= RECORD_BYTES_MAX && !isLast) return undefined;
    const header = length <= RECORD_BYTES_MAX ? Buffer.from(line.subarray(0, length)).toString() : '';
    const columns = parseCsvHeader(header);
    if (columns === undefined) return new LineReader(this.#judge);
    this.#from = Math.min(start + length + 1, this.#until);
    return new CsvReader(this.#judge, columns);
  }
}
