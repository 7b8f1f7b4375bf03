import { FIELD_NAMES, type RecordFields } from './record-fields.ts';

/** Each reads one token of a text that is known to be JSON, with the white space before it. */
const STRING = /\s*("[^"\\]*(?:\\.[^"\\]*)*")/y;
const NUMBER = /\s*(-?\d[\d.eE+-]*)/y;
const WORD = /\s*(true|false|null)/y;
const PUNCTUATION = /\s*([:,{}[\]])/y;

/**
 * Reads any text that JSON.parse takes for an object: JSON.parse decides that, and the walk that follows only fetches
 * the values, because a number counts as it is written and the last of a repeated key wins. The slow path: 3 to 5 µs.
 * False when the text, which has no white space around it, is no JSON object.
 */
export function readJsonRecord(text: string, fields: RecordFields): boolean {
  if (!isObject(text)) return false;
  fields.startOwn();
  const tokens = new Tokens(text);
  tokens.take(PUNCTUATION);
  for (;;) {
    const key = tokens.take(STRING);
    if (key === undefined) return true;
    tokens.take(PUNCTUATION);
    const value = textOf(tokens);
    const field = (FIELD_NAMES as readonly string[]).indexOf(JSON.parse(key));
    if (field >= 0) fields.setText(field, value);
    tokens.take(PUNCTUATION);
  }
}

/** The braces are looked at first: to have JSON.parse throw costs more than all the rest. */
function isObject(text: string): boolean {
  if (!text.startsWith('{') || !text.endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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
