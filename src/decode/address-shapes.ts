import { HEX, LETTERS, SEPARATORS, TextReader } from './text-reader.ts';

/** A part of a text, from a position to before another. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What of an address may be shown: three octets. */
const SHOWN_DIGITS = 6;
const SHOWN_GROUPS = 3;
const ADDRESS_DIGITS = 12;
const ADDRESS_GROUPS = 6;
/** More than this between two groups of digits, and they are no longer one address: `", "` is four. */
const SEPARATORS_MAX = 4;
/** Epoch milliseconds and the like; exactly 12 digits might be an address. */
const PLAIN_NUMBER = /^\d+(?:\.\d+)?$/;

/**
 * What must not be shown of a text: of everything that has the shape of an address, what follows its third octet.
 * With `escapes`, an escape is read as the character that it stands for. Looks at every character once.
 */
export function addressSpans(text: string, escapes: boolean): Span[] {
  const spans: Span[] = [];
  const row = new DigitRow(text, spans);
  const groups = new DigitGroups(spans);
  const octets = new OctetRow(spans);
  const reader = new TextReader(text, 0, text.length, escapes);
  while (reader.next()) {
    row.take(reader);
    groups.take(reader);
    octets.take(reader);
  }
  row.end();
  groups.end();
  octets.end();
  return spans;
}

/** Of a value that should be an address: all that follows its sixth hexadecimal digit. */
export function spansAfterOctets(text: string, from: number, until: number, escapes: boolean): Span[] {
  const reader = new TextReader(text, from, until, escapes);
  let digits = 0;
  while (reader.next()) {
    if (reader.run !== HEX) continue;
    if (digits + reader.characters > SHOWN_DIGITS) {
      return [{ from: reader.places[SHOWN_DIGITS - digits]!, until }];
    }
    digits += reader.characters;
  }
  return [];
}

/** Twelve hexadecimal digits or more, with any number of `:`, `-` and `.` in between, and nothing else. */
class DigitRow {
  readonly #text: string;
  readonly #spans: Span[];
  #digits = 0;
  #from = 0;
  #hiddenFrom = 0;
  #until = 0;

  constructor(text: string, spans: Span[]) {
    this.#text = text;
    this.#spans = spans;
  }

  take({ run, from, until, characters, places, isUsual }: TextReader): void {
    if (run === HEX) {
      if (this.#digits === 0) this.#from = from;
      const shown = SHOWN_DIGITS - this.#digits;
      if (shown >= 0 && characters > shown) this.#hiddenFrom = places[shown]!;
      this.#digits += characters;
      this.#until = until;
    } else if (this.#digits > 0 && !(run === SEPARATORS && isUsual)) {
      this.end();
    }
  }

  end(): void {
    if (this.#digits >= ADDRESS_DIGITS && !this.#isPlainNumber()) {
      this.#spans.push({ from: this.#hiddenFrom, until: this.#until });
    }
    this.#digits = 0;
  }

  #isPlainNumber(): boolean {
    return this.#digits !== ADDRESS_DIGITS && PLAIN_NUMBER.test(this.#text.slice(this.#from, this.#until));
  }
}

/**
 * Groups of hexadecimal digits with a few of anything in between but letters and digits: six pairs or more, some of
 * which may lack their zero, or as many groups of one length as make twelve digits, such as `a4c3 610b 2201`.
 */
class DigitGroups {
  readonly #spans: Span[];
  #groups = 0;
  #groupLength = 0;
  #digits = 0;
  #hiddenFrom = 0;
  #until = 0;
  /** After a letter that is no digit: the end of `ap_mac` is not the beginning of an address. */
  #inWord = false;

  constructor(spans: Span[]) {
    this.#spans = spans;
  }

  take({ run, until, characters, places }: TextReader): void {
    if (run === SEPARATORS) {
      this.#inWord = false;
      if (characters > SEPARATORS_MAX) this.end();
    } else if (run === LETTERS) {
      this.#inWord = true;
      this.end();
    } else if (!this.#inWord) {
      this.#takeGroup(characters, places, until);
    }
  }

  end(): void {
    const length = this.#groupLength;
    const octets = length === 2 && this.#groups >= ADDRESS_GROUPS && this.#digits >= ADDRESS_DIGITS - 2;
    const equal = this.#groups > 1 && length <= SHOWN_DIGITS && this.#digits >= ADDRESS_DIGITS;
    if (octets || equal) this.#spans.push({ from: this.#hiddenFrom, until: this.#until });
    this.#groups = 0;
    this.#groupLength = 0;
    this.#digits = 0;
  }

  #takeGroup(length: number, places: readonly number[], until: number): void {
    const kind = length === 1 ? 2 : length;
    if (kind !== this.#groupLength) this.end();
    const shown = SHOWN_DIGITS - this.#digits;
    if (shown >= 0 && length > shown) this.#hiddenFrom = places[shown]!;
    this.#groupLength = kind;
    this.#groups++;
    this.#digits += length;
    this.#until = until;
  }
}

/** Four groups or more of one or two letters and digits, `:` or `-` between them: cut off, or with a damaged digit. */
class OctetRow {
  readonly #spans: Span[];
  #wordFrom = 0;
  #wordUntil = 0;
  #wordLength = 0;
  #groups = 0;
  #hiddenFrom = 0;
  #until = 0;

  constructor(spans: Span[]) {
    this.#spans = spans;
  }

  take({ run, from, until, characters, isOctetSeparator }: TextReader): void {
    if (run === SEPARATORS) {
      this.#endWord();
      if (!isOctetSeparator) this.#endRow();
      return;
    }
    if (this.#wordLength === 0) this.#wordFrom = from;
    this.#wordLength += characters;
    this.#wordUntil = until;
  }

  end(): void {
    this.#endWord();
    this.#endRow();
  }

  #endWord(): void {
    const length = this.#wordLength;
    this.#wordLength = 0;
    // A word that is too long may be the last of a row, and is never its first.
    if (length === 0 || (length > 2 && this.#groups === 0)) return;
    this.#groups++;
    if (this.#groups === SHOWN_GROUPS + 1) this.#hiddenFrom = this.#wordFrom;
    this.#until = this.#wordUntil;
    if (length > 2) this.#endRow();
  }

  #endRow(): void {
    if (this.#groups > SHOWN_GROUPS) this.#spans.push({ from: this.#hiddenFrom, until: this.#until });
    this.#groups = 0;
  }
}
