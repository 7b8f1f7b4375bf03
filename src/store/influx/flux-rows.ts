import type { BucketName, InfluxConnection } from './influx-connection.ts';
import { InfluxRefusal } from './influx-http.ts';
import { fluxText } from './tasks/rollup-flux.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const DAY_MS = 86_400_000;

/** What is read of one field of one measurement, series by series. */
export interface FieldQuestion {
  readonly bucket: BucketName;
  readonly measurement: string;
  readonly mall: string;
  readonly field: string;
  readonly fromS: number;
  readonly untilS: number;
  /** A stream with times costs the server about three times one without: 3.9 against 1.2 s for 3 million rows. */
  readonly withTime: boolean;
}

export interface FieldReader {
  /** Another series, with its tags but for the mall; those that it lacks are missing or empty. */
  begin(tags: ReadonlyMap<string, string>): void;
  /** `second` is 0 where times were not asked for. */
  row(value: number, second: number): void;
}

/** The script of a question. Every filter of it is done by the storage. */
export function fieldFlux(bucketName: string, question: FieldQuestion): string {
  const { measurement, mall, field, fromS, untilS, withTime } = question;
  const dropped = ['_start', '_stop', '_measurement', '_field', 'mall', ...(withTime ? [] : ['_time'])];
  return `from(bucket: ${fluxText(bucketName)})
    |> range(start: ${fromS}, stop: ${untilS})
    |> filter(fn: (r) => r._measurement == ${fluxText(measurement)} and r.mall == ${fluxText(mall)} and r._field == ${fluxText(field)})
    |> drop(columns: [${dropped.map(fluxText).join(', ')}])
`;
}

/**
 * Reads the values of one field as they come, each series in the order of time. For whole days of records: both fields of
 * one cost the server 1.7 µs by two such streams, and 3.7 µs in InfluxQL (3 million records in 750 series).
 */
export async function readField(connection: InfluxConnection, question: FieldQuestion, reader: FieldReader) {
  const { http, org, bucket } = connection;
  const query = fieldFlux(bucket(question.bucket), question);
  const answer = await http.send({
    method: 'POST',
    path: `/api/v2/query?org=${encodeURIComponent(org)}`,
    type: 'application/json',
    body: JSON.stringify({ query, dialect: { header: true, annotations: [] } }),
  });
  const scanner = new FieldScanner(reader);
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of http.pieces(answer)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    scanner.scan(bytes.subarray(0, end));
    rest = bytes.subarray(end);
  }
}

/** Reads the CSV of such an answer, in pieces that end with a line. */
export class FieldScanner {
  readonly #reader: FieldReader;
  /** Undefined: the next line that is not empty names the columns. */
  #columns: readonly string[] | undefined;
  #failed = false;
  #withTime = false;
  #table = -1;
  /** Bytes behind the value of a row: its tags, alike in all of a series. */
  #tailBytes = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #date = 0;
  #midnightS = 0;

  constructor(reader: FieldReader) {
    this.#reader = reader;
  }

  scan(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#at = 0;
    while (this.#at < bytes.length) {
      if (bytes[this.#at] === RETURN) {
        this.#at += 2;
        this.#columns = undefined;
      } else if (this.#columns === undefined) {
        this.#head(this.#cells(this.#at));
      } else if (this.#failed) {
        throw new InfluxRefusal(200, 'query failed', this.#cells(this.#at).find((cell) => cell !== '') ?? '');
      } else {
        this.#row();
      }
    }
  }

  #head(columns: readonly string[]): void {
    this.#columns = columns;
    this.#failed = columns.includes('error');
    this.#withTime = columns[3] === '_time';
    this.#table = -1;
    const value = columns[this.#withTime ? 4 : 3];
    if (!this.#failed && (columns[2] !== 'table' || value !== '_value')) throw unreadable(columns.join());
  }

  #row(): void {
    const bytes = this.#bytes;
    const from = this.#at;
    this.#at = bytes.indexOf(COMMA, from + 1) + 1;
    const table = this.#digits();
    this.#at++;
    let second = 0;
    if (this.#withTime) second = this.#second();
    const negative = bytes[this.#at] === MINUS;
    if (negative) this.#at++;
    const value = this.#digits();
    if (table !== this.#table) {
      const valueEnd = this.#at;
      this.#begin(this.#cells(from));
      this.#table = table;
      this.#tailBytes = this.#at - valueEnd;
      this.#at = valueEnd;
    }
    this.#at += this.#tailBytes;
    if (bytes[this.#at - 1] !== LINE_FEED) throw unreadable(bytes.toString('utf8', from, this.#at));
    this.#reader.row(negative ? -value : value, second);
  }

  #begin(cells: readonly string[]): void {
    const tags = new Map<string, string>();
    for (let i = this.#withTime ? 5 : 4; i < cells.length; i++) tags.set(this.#columns![i]!, cells[i]!);
    this.#reader.begin(tags);
  }

  #digits(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (; ; this.#at++) {
      const digit = bytes[this.#at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) return value;
      value = value * 10 + digit;
    }
  }

  /** The whole seconds of `2026-11-27T05:10:11.000123Z,`. */
  #second(): number {
    const at = this.#at;
    const date = this.#number(at, 4) * 10_000 + this.#number(at + 5, 2) * 100 + this.#number(at + 8, 2);
    if (date !== this.#date) {
      this.#date = date;
      this.#midnightS =
        (Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100) / DAY_MS) *
        (DAY_MS / 1_000);
    }
    this.#at = this.#bytes.indexOf(COMMA, at + 19) + 1;
    const inDay = this.#number(at + 11, 2) * 3_600 + this.#number(at + 14, 2) * 60 + this.#number(at + 17, 2);
    return this.#midnightS + inDay;
  }

  #number(at: number, digits: number): number {
    let value = 0;
    for (let i = at; i < at + digits; i++) value = value * 10 + this.#bytes[i]! - ZERO;
    return value;
  }

  /** The cells of the line that begins there; moves behind it. */
  #cells(from: number): string[] {
    const end = this.#bytes.indexOf(LINE_FEED, from);
    this.#at = end + 1;
    const line = this.#bytes.toString('utf8', from, this.#bytes[end - 1] === RETURN ? end - 1 : end);
    if (!line.includes('"')) return line.split(',');
    const cells = `${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g);
    return [...cells].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
  }
}

function unreadable(line: string): Error {
  return new Error(`an answer of the database cannot be read: ${line.slice(0, 200)}`);
}
