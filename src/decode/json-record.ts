import { DEVICE, FIELD_NAMES, type RecordFields } from './record-fields.ts';

/** Each reads one token of a text that is known to be JSON, with the white space before it. */
const STRING = /\s*("[^"\\]*(?:\\.[^"\\]*)*")/y;
const NUMBER = /\s*(-?\d[\d.eE+-]*)/y;
const WORD = /\s*(true|false|null)/y;
const PUNCTUATION = /\s*([:,{}[\]])/y;

/**
 * Reads a text that is known to be a JSON object, whatever it holds: a number counts as it is written, and the last of
 * a repeated key wins. The slow path: 1 to 4 µs.
 */
export function readJsonRecord(text: string, fields: RecordFields): void {
  fields.startOwn();
  // Without a device nothing else of a record matters, and most of what is no record has none. A letter of its name
  // can be escaped in one way only.
  if (!text.includes(FIELD_NAMES[DEVICE]) && !text.includes('\\u')) return;
  const tokens = new Tokens(text);
  tokens.take(PUNCTUATION);
  for (;;) {
    const key = tokens.take(STRING);
    if (key === undefined) return;
    tokens.take(PUNCTUATION);
    const value = textOf(tokens);
    const field = (FIELD_NAMES as readonly string[]).indexOf(JSON.parse(key));
    if (field >= 0) fields.setText(field, value);
    tokens.take(PUNCTUATION);
  }
}

/** The text of a value; empty where it has none. */
function textOf(tokens: Tokens): string {
  const string = tokens.take(STRING);
  if (string !== undefined) return JSON.parse(string);
  const number = tokens.take(NUMBER);
  if (number !== undefined) return number;
  if (tokens.take(WORD) === undefined) tokens.skipNested();
  return '';
}

class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token, if it is of this kind. */
  take(kind: RegExp): string | undefined {
    kind.lastIndex = this.#at;
    const token = kind.exec(this.#text)?.[1];
    if (token !== undefined) this.#at = kind.lastIndex;
    return token;
  }

  /** Goes past an object or an array. */
  skipNested(): void {
    let depth = 0;
    do {
      if (this.take(STRING) ?? this.take(NUMBER) ?? this.take(WORD)) continue;
      const mark = this.take(PUNCTUATION);
      if (mark === '{' || mark === '[') depth++;
      else if (mark === '}' || mark === ']') depth--;
    } while (depth > 0);
  }
}
