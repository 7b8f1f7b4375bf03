/** What a dead letter keeps of a record, in bytes of UTF-8. */
const BODY_BYTES_MAX = 4_096;
/** Read beyond that before the cut, so that an address which the cut would split is masked first. */
const MARGIN_BYTES = 256;

/** A hexadecimal digit, any letter or digit, and what may stand between them; each as it is or as a JSON escape. */
const HEX = String.raw`(?:\\u00(?:3\d|[46][1-6])|[\da-f])`;
const ALNUM = String.raw`(?:\\u00(?:3\d|[46][1-9a-f]|[57][\da])|[\da-z])`;
const BETWEEN = String.raw`(?:\\u00(?:3a|2[de])|[:.-])`;
const COLON_OR_DASH = String.raw`(?:\\u00(?:3a|2d)|[:-])`;

/** At least 12 hexadecimal digits in a row, in whatever way they are separated. */
const ADDRESS = new RegExp(`${HEX}(?:${BETWEEN}*${HEX}){11,}`, 'gi');
/** Four groups or more of one or two characters: an address that was cut off, or has a damaged digit. */
const SHAPED_LIKE_ADDRESS = new RegExp(
  `(?<![\\da-z])${ALNUM}{1,2}(?:${COLON_OR_DASH}${ALNUM}{1,2}){3,}`,
  'gi',
);
/** More than three octets in a field that holds an address, where even less than a whole one says too much. */
const ADDRESS_FIELD = /((?:user_device_mac|ap_mac)"?\s*:\s*"?)([^"\s,}]+)/gi;
const PART_OF_ADDRESS = new RegExp(`${HEX}(?:${BETWEEN}*${HEX}){6,}`, 'gi');
/** Epoch milliseconds and the like; exactly 12 digits might be an address. */
const PLAIN_NUMBER = /^\d+(?:\.\d+)?$/;

/** What may stand between two characters, as it is or as an escape. */
const SEPARATORS = new Set([':', '-', '.', '\\u003a', '\\u002d', '\\u002e']);
const ESCAPE_LENGTH = 6;

/** The text with everything that looks like a MAC address cut to its first three octets, its length unchanged. */
export function masked(text: string): string {
  return text
    .replace(ADDRESS_FIELD, (_all, key: string, value: string) => key + withoutPart(value))
    .replace(ADDRESS, (found) => (isPlainNumber(found) ? found : crossOut(found, 6)))
    .replace(SHAPED_LIKE_ADDRESS, (found) => crossOut(found, 6, 3));
}

/** The value of a field that should be an address: here seven hexadecimal digits in a row are too many. */
export function maskedPart(value: string): string {
  return masked(withoutPart(value));
}

/** What a dead letter keeps of the bytes between `from` and `until`: text, masked, at most 4 KiB. */
export function maskedBody(bytes: Uint8Array, from: number, until: number): string {
  const end = Math.min(until, from + BODY_BYTES_MAX + MARGIN_BYTES);
  const text = masked(Buffer.from(bytes.subarray(from, end)).toString());
  return cutToBytes(text, BODY_BYTES_MAX).trimEnd();
}

/** The text, or as many whole characters of it as fit. */
function cutToBytes(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text);
  let end = Math.min(bytes.length, bytesMax);
  while (isContinuation(bytes[end])) end--;
  return bytes.toString('utf8', 0, end);
}

/** Whether a byte of UTF-8 goes on with a character that began before it. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function withoutPart(value: string): string {
  return value.replace(PART_OF_ADDRESS, (found) => crossOut(found, 6));
}

function isPlainNumber(text: string): boolean {
  return PLAIN_NUMBER.test(text) && text.replace('.', '').length !== 12;
}

/**
 * Replaces the characters after the first `charactersMax`, or after as many groups as `groupsMax`, by as many `x`; what
 * stands between them stays.
 */
function crossOut(text: string, charactersMax: number, groupsMax = Number.POSITIVE_INFINITY): string {
  let characters = 0;
  let separators = 0;
  let result = '';
  for (let at = 0; at < text.length; ) {
    const character = text.slice(at, at + (text[at] === '\\' ? ESCAPE_LENGTH : 1));
    const isBetween = SEPARATORS.has(character.toLowerCase());
    if (isBetween) separators++;
    else characters++;
    const stays = isBetween || (characters <= charactersMax && separators < groupsMax);
    result += stays ? character : 'x'.repeat(character.length);
    at += character.length;
  }
  return result;
}
