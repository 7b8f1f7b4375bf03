/** What a character is, as far as addresses are concerned. */
const HEX_DIGIT = 0;
const OTHER_ALNUM = 1;
const COLON_OR_DASH = 2;
const DOT = 3;
const ANYTHING_ELSE = 4;

const KINDS = new Uint8Array(128).fill(ANYTHING_ELSE);
for (const character of '0123456789abcdefABCDEF') KINDS[character.charCodeAt(0)] = HEX_DIGIT;
for (const character of 'ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ')
  KINDS[character.charCodeAt(0)] = OTHER_ALNUM;
KINDS[0x3a] = COLON_OR_DASH;
KINDS[0x2d] = COLON_OR_DASH;
KINDS[0x2e] = DOT;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const SMALL_U = 0x75;
/**
 * What may follow a backslash in JSON, the `u` of four digits aside; but `b` and `f`, which are more likely digits of
 * an octet behind a backslash than a backspace and a form feed.
 */
const SHORT_ESCAPES = new Set(Buffer.from('"\\/nrt'));
const PLACES = 7;

/** What a run of characters is made of. */
export const HEX = 0;
export const LETTERS = 1;
export const SEPARATORS = 2;

/**
 * Goes through a text run by run: hexadecimal digits, other letters and digits, everything else. With `escapes`, an
 * escape such as `\u003a`, `\t` or `%3A` is one character, the one that it stands for.
 */
export class TextReader {
  /** The run: what it is made of, where it begins and ends, and how many characters it has. */
  run = SEPARATORS;
  from: number;
  until: number;
  characters = 0;
  /** Of digits: where the first ones begin. */
  readonly places = [0, 0, 0, 0, 0, 0, 0];
  /** Of separators: nothing but `:`, `-` and `.`; and one single `:` or `-`. */
  isUsual = false;
  isOctetSeparator = false;
  readonly #text: string;
  readonly #end: number;
  readonly #escapes: boolean;
  #length = 1;

  constructor(text: string, from: number, until: number, escapes: boolean) {
    this.#text = text;
    this.#end = until;
    this.#escapes = escapes;
    this.from = from;
    this.until = from;
  }

  /** Goes to the next run. False at the end. */
  next(): boolean {
    let at = this.until;
    if (at >= this.#end) return false;
    this.from = at;
    let kind = this.#read(at);
    const run = runOf(kind);
    let isUsual = true;
    let characters = 0;
    this.isOctetSeparator = kind === COLON_OR_DASH;
    do {
      if (run === HEX && characters < PLACES) this.places[characters] = at;
      characters++;
      if (kind === ANYTHING_ELSE) isUsual = false;
      at += this.#length;
      if (at >= this.#end) break;
      kind = this.#read(at);
    } while (runOf(kind) === run);
    this.run = run;
    this.characters = characters;
    this.isUsual = isUsual;
    if (characters > 1) this.isOctetSeparator = false;
    this.until = Math.min(at, this.#end);
    return true;
  }

  /** The kind of the character at a place; `#length` is how long it is. */
  #read(at: number): number {
    const code = this.#text.charCodeAt(at);
    this.#length = 1;
    if (this.#escapes && (code === BACKSLASH || code === PERCENT)) return this.#readEscape(at, code);
    return code < 128 ? KINDS[code]! : ANYTHING_ELSE;
  }

  #readEscape(at: number, code: number): number {
    const next = this.#text.charCodeAt(at + 1);
    if (code === PERCENT) {
      // Nobody writes letters and digits like that: two of those after a percent sign are an octet of their own.
      const character = this.#codeAt(at + 1, 2);
      const isSeparator = character >= 0x20 && character < 0x7f && runOf(kindOf(character)) === SEPARATORS;
      if (!isSeparator) return kindOf(code);
      this.#length = 3;
      return kindOf(character);
    }
    if (next === SMALL_U) {
      const character = this.#codeAt(at + 2, 4);
      if (character < 0) return kindOf(code);
      this.#length = 6;
      return kindOf(character);
    }
    if (SHORT_ESCAPES.has(next)) this.#length = 2;
    return kindOf(code);
  }

  #codeAt(from: number, digits: number): number {
    const text = this.#text.slice(from, from + digits);
    return text.length === digits && /^[\da-f]+$/i.test(text) ? Number.parseInt(text, 16) : -1;
  }
}

function kindOf(code: number): number {
  return code < 128 ? KINDS[code]! : ANYTHING_ELSE;
}

function runOf(kind: number): number {
  return Math.min(kind, SEPARATORS);
}
