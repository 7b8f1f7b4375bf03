import { isSpace, RECORD_BYTES_MAX } from './body-reader.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const SMALL_U = 0x75;

const SHORT_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/** What may come next. */
const KEY = 0;
const KEY_OR_CLOSE = 1;
const AFTER_KEY = 2;
const VALUE = 3;
const VALUE_OR_CLOSE = 4;
const AFTER_VALUE = 5;

/** The brackets that are open: deeper than a record is long they cannot be. */
const open = new Uint8Array(RECORD_BYTES_MAX + 1);

const BROKEN = -1;

/**
 * Whether the bytes are one JSON object as JSON.parse would take it, without white space around it. JSON.parse itself
 * says no by throwing, which costs as much as a hundred records: a body of broken lines held up everybody.
 */
export function isJsonObject(bytes: Uint8Array, from: number, until: number): boolean {
  if (bytes[from] !== OPEN_BRACE || until - from > RECORD_BYTES_MAX) return false;
  open[0] = OPEN_BRACE;
  let depth = 1;
  let expected = KEY_OR_CLOSE;
  let p = from + 1;
  while (p < until) {
    const byte = bytes[p]!;
    if (isSpace(byte)) {
      p++;
    } else if (expected === AFTER_KEY) {
      if (byte !== COLON) return false;
      expected = VALUE;
      p++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      const mayClose = expected === AFTER_VALUE || expected === KEY_OR_CLOSE || expected === VALUE_OR_CLOSE;
      if (!mayClose || open[--depth] !== byte - 2) return false;
      p++;
      if (depth === 0) return p === until;
      expected = AFTER_VALUE;
    } else if (expected === AFTER_VALUE) {
      if (byte !== COMMA) return false;
      expected = open[depth - 1] === OPEN_BRACE ? KEY : VALUE;
      p++;
    } else if (expected === KEY || expected === KEY_OR_CLOSE) {
      p = byte === QUOTE ? endOfString(bytes, p, until) : BROKEN;
      expected = AFTER_KEY;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      open[depth++] = byte;
      expected = byte === OPEN_BRACE ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
      p++;
    } else {
      p = byte === QUOTE ? endOfString(bytes, p, until) : endOfWord(bytes, p, until);
      expected = AFTER_VALUE;
    }
    if (p === BROKEN) return false;
  }
  return false;
}

/** Behind the closing quote of the string at `start`. */
function endOfString(bytes: Uint8Array, start: number, until: number): number {
  for (let p = start + 1; p < until; p++) {
    const byte = bytes[p]!;
    if (byte === QUOTE) return p + 1;
    if (byte < 0x20) return BROKEN;
    if (byte !== BACKSLASH) continue;
    p++;
    if (bytes[p] === SMALL_U) {
      for (const end = p + 4; p < end; ) if (!isHexDigit(bytes[++p])) return BROKEN;
    } else if (!SHORT_ESCAPES.has(bytes[p]!)) return BROKEN;
  }
  return BROKEN;
}

/** Behind the number, or the `true`, `false` or `null`, at `start`. */
function endOfWord(bytes: Uint8Array, start: number, until: number): number {
  for (const word of WORDS) {
    if (word.every((letter, i) => bytes[start + i] === letter)) return start + word.length;
  }
  const first = bytes[start] === MINUS ? start + 1 : start;
  let p = endOfDigits(bytes, first);
  if (p === first || (bytes[first] === 0x30 && p > first + 1)) return BROKEN;
  if (bytes[p] === DOT) {
    const fraction = p + 1;
    p = endOfDigits(bytes, fraction);
    if (p === fraction) return BROKEN;
  }
  if (bytes[p] === 0x65 || bytes[p] === 0x45) {
    const sign = bytes[p + 1];
    const exponent = sign === PLUS || sign === MINUS ? p + 2 : p + 1;
    p = endOfDigits(bytes, exponent);
    if (p === exponent) return BROKEN;
  }
  return p <= until ? p : BROKEN;
}

function endOfDigits(bytes: Uint8Array, start: number): number {
  let p = start;
  while (bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p++;
  return p;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
