/** A record, as it stands between the white space around it. */
export const RECORD_BYTES_MAX = 4_096;
/** A record with the white space after it that is looked through for its end. */
export const RECORD_SPAN_MAX = 8_192;

export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;

/**
 * Reads the records of one body, which comes in windows: whole, or piece by piece. What it makes of the body does
 * not depend on where the pieces were cut.
 */
export interface BodyReader {
  /**
   * Reads the records between `from` and `until`, and returns where the first one begins that is not whole yet (or
   * `until`): the next window begins there. At most RECORD_SPAN_MAX bytes are left over, none when `isLast`.
   * `bytes[until]` is a line feed that does not belong to the body.
   */
  read(bytes: Uint8Array, from: number, until: number, isLast: boolean): number;
}

/** White space as JSON has it. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === 0x09;
}

/** Where the text between `from` and `until` ends without the white space after it. */
export function endOfContent(bytes: Uint8Array, from: number, until: number): number {
  let end = until;
  while (end > from && isSpace(bytes[end - 1]!)) end--;
  return end;
}
