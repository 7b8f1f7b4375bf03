const VALUES = Buffer.from('"values":[');
const SERIES = Buffer.from('"series":[');
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NANOSECOND_DIGITS = 9;

/** One row: where the time stands apart, exact, and the other columns lie under their names' places from 1 on. */
export class ScannedRow {
  /** The whole seconds of its time, and the nanoseconds after them. */
  second = 0;
  nanosecond = 0;
  /** NaN where there is no value, or a text. */
  readonly numbers = new Float64Array(64);
  readonly texts: (string | undefined)[] = [];
}

/** What comes before the rows of one series. */
export interface ScannedSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
}

export interface RowReader {
  begin?(series: ScannedSeries): void;
  /** The row is used again for the next one. */
  row(row: ScannedRow): void;
}

/**
 * Reads one line of an answer in chunks (`epoch=ns`, a JSON object). Rows are read by hand: `JSON.parse` would round
 * times of 19 digits, and make an array of every row.
 */
export class RowScanner {
  readonly #row = new ScannedRow();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  scan(line: Buffer, reader: RowReader): void {
    this.#bytes = line;
    const series = line.indexOf(SERIES);
    if (series < 0) return;
    this.#at = series + SERIES.length;
    do this.#series(reader);
    while (this.#endsWithComma());
  }

  #series(reader: RowReader): void {
    const values = this.#bytes.indexOf(VALUES, this.#at);
    if (values < 0) throw new Error('an answer of the database has a series without values');
    const head = this.#bytes.toString('utf8', this.#at, values);
    reader.begin?.(JSON.parse(`${head}"values":[]}`) as ScannedSeries);
    this.#at = values + VALUES.length;
    while (this.#bytes[this.#at] === OPEN) {
      this.#at++;
      this.#scanRow();
      reader.row(this.#row);
      if (this.#bytes[this.#at] === COMMA) this.#at++;
    }
    this.#at++;
  }

  /** Behind the values of a series: to the one that follows, if any does. */
  #endsWithComma(): boolean {
    const end = this.#bytes.indexOf('}', this.#at);
    this.#at = end + 2;
    return this.#bytes[end + 1] === COMMA;
  }

  #scanRow(): void {
    const row = this.#row;
    this.#scanTime(row);
    for (let column = 1; this.#bytes[this.#at] === COMMA; column++) {
      this.#at++;
      row.texts[column] = undefined;
      row.numbers[column] = Number.NaN;
      if (this.#bytes[this.#at] === QUOTE) row.texts[column] = this.#scanText();
      else row.numbers[column] = this.#scanNumber();
    }
    this.#at++;
  }

  #scanTime(row: ScannedRow): void {
    const from = this.#at;
    while (this.#bytes[this.#at] !== COMMA && this.#bytes[this.#at] !== CLOSE) this.#at++;
    const split = Math.max(from, this.#at - NANOSECOND_DIGITS);
    row.second = this.#digits(from, split);
    row.nanosecond = this.#digits(split, this.#at);
  }

  #digits(from: number, until: number): number {
    let value = 0;
    for (let at = from; at < until; at++) value = value * 10 + this.#bytes[at]! - ZERO;
    return value;
  }

  #scanNumber(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const digitsFrom = at;
    let value = 0;
    for (; ; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at > digitsFrom && (bytes[at] === COMMA || bytes[at] === CLOSE)) {
      this.#at = at;
      return negative ? -value : value;
    }
    while (bytes[at] !== COMMA && bytes[at] !== CLOSE) at++;
    this.#at = at;
    const text = bytes.toString('latin1', from, at);
    return text === 'null' ? Number.NaN : Number(text);
  }

  #scanText(): string {
    const from = this.#at;
    let at = from + 1;
    while (this.#bytes[at] !== QUOTE) at += this.#bytes[at] === BACKSLASH ? 2 : 1;
    this.#at = at + 1;
    return JSON.parse(this.#bytes.toString('utf8', from, this.#at)) as string;
  }
}
