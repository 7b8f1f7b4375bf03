const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A brace closes that none opened: where elements end can no longer be told. */
export const BROKEN = -1;

/**
 * Finds where an element of an array ends, whether or not it is valid JSON: at the first comma or closing bracket
 * outside of strings and braces. Brackets count outside of braces only, so a damaged one inside a record costs that
 * record alone. Can be interrupted anywhere and go on with the next piece.
 */
export class ElementScan {
  #inString = false;
  #escaped = false;
  #braces = 0;
  #brackets = 0;

  /** A new element begins. */
  restart(): void {
    this.#inString = false;
    this.#escaped = false;
    this.#braces = 0;
    this.#brackets = 0;
  }

  /** The position of the comma or bracket that ends the element, or `until`, or BROKEN. */
  scan(bytes: Uint8Array, from: number, until: number): number {
    let p = from;
    while (p < until) {
      if (this.#inString) {
        p = this.#passText(bytes, p, until);
        continue;
      }
      const byte = bytes[p]!;
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE) this.#braces++;
      else if (byte === CLOSE_BRACE && --this.#braces < 0) return BROKEN;
      else if (this.#braces === 0 && this.#ends(byte)) return p;
      p++;
    }
    return until;
  }

  /** Behind the closing quote, or `until`. Most of a record is text: this loop alone looks at each byte of it. */
  #passText(bytes: Uint8Array, from: number, until: number): number {
    let p = this.#escaped ? from + 1 : from;
    this.#escaped = false;
    while (p < until) {
      const byte = bytes[p]!;
      p++;
      if (byte === QUOTE) {
        this.#inString = false;
        return p;
      }
      if (byte !== BACKSLASH) continue;
      if (p === until) this.#escaped = true;
      else p++;
    }
    return p;
  }

  #ends(byte: number): boolean {
    if (byte === OPEN_BRACKET) this.#brackets++;
    else if (byte === CLOSE_BRACKET) return --this.#brackets < 0;
    return byte === COMMA && this.#brackets === 0;
  }
}
