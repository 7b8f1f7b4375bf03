import { FIELD_NAMES, type RecordFields } from './record-fields.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;

const UNKNOWN_KEY = -1;

/** The scanner leaves the text to somebody more patient. It says nothing about whether it is a record. */
export const DECLINED = -1;

/**
 * Reads one JSON object of plain values without making a single string: `fields` then names where the values of the
 * known keys lie, and the position after the closing brace is returned.
 *
 * It is quick because it is modest. Whatever is not ordinary it declines: escapes, nested values, any error. What
 * it accepts, JSON.parse accepts too, with the same values. `bytes` must hold a line feed somewhere after `p`: no
 * step goes past one inside a record's own tokens, so no step has to ask whether the bytes have ended.
 */
export function scanRecord(bytes: Uint8Array, start: number, fields: RecordFields): number {
  let p = start;
  if (bytes[p] !== OPEN) return DECLINED;
  fields.startIn(bytes);
  p = skipSpace(bytes, p + 1);
  if (bytes[p] === CLOSE) return p + 1;
  for (;;) {
    if (bytes[p] !== QUOTE) return DECLINED;
    p++;
    const field = fieldAt(bytes, p);
    p = field === UNKNOWN_KEY ? endOfText(bytes, p) : p + KEY_BYTES[field]!;
    if (p === DECLINED) return DECLINED;
    p++;
    if (bytes[p] !== COLON) {
      p = skipSpace(bytes, p);
      if (bytes[p] !== COLON) return DECLINED;
    }
    p++;
    if (bytes[p] !== QUOTE) p = skipSpace(bytes, p);
    const isText = bytes[p] === QUOTE;
    const from = isText ? p + 1 : p;
    const until = isText ? endOfText(bytes, from) : endOfNumberOrWord(bytes, from);
    if (until === DECLINED) return DECLINED;
    if (field !== UNKNOWN_KEY) {
      const isMissing = !isText && !isNumberStart(bytes[from]!);
      fields.set(field, from, isMissing ? from : until);
    }
    p = isText ? until + 1 : until;
    let byte = bytes[p]!;
    if (byte !== COMMA && byte !== CLOSE) {
      p = skipSpace(bytes, p);
      byte = bytes[p]!;
    }
    p++;
    if (byte === CLOSE) return p;
    if (byte !== COMMA) return DECLINED;
    if (bytes[p] !== QUOTE) p = skipSpace(bytes, p);
  }
}

/** Space and tab; a line feed or carriage return inside a record is left to the patient path. */
function skipSpace(bytes: Uint8Array, start: number): number {
  let p = start;
  while (bytes[p] === 0x20 || bytes[p] === 0x09) p++;
  return p;
}

/** Bytes at which a plain text stops being plain: its closing quote, an escape, a control character. */
const STOPS = new Uint8Array(256).fill(1, 0, 0x20);
STOPS[QUOTE] = 1;
STOPS[BACKSLASH] = 1;

/** Where the closing quote lies. */
function endOfText(bytes: Uint8Array, start: number): number {
  let p = start;
  while (STOPS[bytes[p]!] === 0) p++;
  return bytes[p] === QUOTE ? p : DECLINED;
}

function isNumberStart(byte: number): boolean {
  return byte === MINUS || (byte >= ZERO && byte <= NINE);
}

function endOfNumberOrWord(bytes: Uint8Array, start: number): number {
  if (isNumberStart(bytes[start]!)) return endOfNumber(bytes, start);
  if (isWord(bytes, start, NULL)) return start + NULL.length;
  if (isWord(bytes, start, TRUE)) return start + TRUE.length;
  if (isWord(bytes, start, FALSE)) return start + FALSE.length;
  return DECLINED;
}

/** A number without exponent, as JSON writes it: no leading zero, digits on both sides of the dot. */
function endOfNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let p = skipDigits(bytes, first);
  if (p === first || (bytes[first] === ZERO && p > first + 1)) return DECLINED;
  if (bytes[p] === DOT) {
    const fraction = p + 1;
    p = skipDigits(bytes, fraction);
    if (p === fraction) return DECLINED;
  }
  return p;
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let p = start;
  while (bytes[p]! >= ZERO && bytes[p]! <= NINE) p++;
  return p;
}

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function isWord(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

/** The keys as they lie in a record, closing quote included. */
const KEYS = FIELD_NAMES.map((name) => Buffer.from(`${name}"`));
const KEY_BYTES = Int32Array.from(FIELD_NAMES, (name) => name.length);

/** The field whose key begins at `p`. The first letters differ, so one comparison is enough. */
function fieldAt(bytes: Uint8Array, p: number): number {
  const field = FIELD_BY_LETTER[bytes[p]!]!;
  return field !== UNKNOWN_KEY && isWord(bytes, p, KEYS[field]!) ? field : UNKNOWN_KEY;
}

const FIELD_BY_LETTER = new Int8Array(256).fill(UNKNOWN_KEY);
for (const [field, name] of FIELD_NAMES.entries()) FIELD_BY_LETTER[name.charCodeAt(0)] = field;
