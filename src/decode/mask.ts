import { addressSpans, type Span, spansAfterOctets } from './address-shapes.ts';

/** What a dead letter keeps of a record, in bytes of UTF-8. */
const BODY_BYTES_MAX = 4_096;
/** Read beyond that before the cut, so that an address which the cut would split is masked first. */
const MARGIN_BYTES = 256;

/** A field that holds an address, where even a damaged one says too much; and what stands before its value. */
const ADDRESS_FIELD = /(?:user_device_mac|ap_mac)["'\\]*\s*[:=]?\s*["'\\]*/gi;
/** Where the value of a damaged record ends at the latest: the record, the line, or the next field begins. */
const NEXT_FIELD = /[}\r\n]|,\s*(?:\\?"|[a-z_]{2,}\s*[:=])/i;
const VALUE_CHARACTERS_MAX = 256;

const ALNUM = /[\da-z]/gi;
/** A character that stays because it is an escape of no letter or digit, or one that is crossed out. */
const ESCAPED_OR_ALNUM =
  /(\\u00(?:[01][\da-f]|2[\da-f]|3[a-f]|40|5[b-f]|60|7[b-f])|\\u(?!00)[\da-f]{4}|\\["\\/nrt]|%(?:2[\da-f]|3[a-f]|40|5[b-f]|60|7[b-e]))|\\u00[\da-f]{2}|[\da-z]/gi;

/**
 * The text with everything that looks like a MAC address cut to its first three octets, its length unchanged. It is
 * read twice where it has escapes, since `%2d` may be a dash or an octet behind a percent sign. Each reading looks at
 * every character once, whatever the text.
 */
export function masked(text: string): string {
  const escapes = /[\\%]/.test(text);
  const read = crossOut(text, [...fieldSpans(text, escapes), ...addressSpans(text, escapes)], escapes);
  return escapes ? crossOut(read, addressSpans(read, false), false) : read;
}

/** The value of a field that should be an address: nothing of it is shown after its sixth hexadecimal digit. */
export function maskedPart(value: string): string {
  return crossOut(value, spansAfterOctets(value, 0, value.length, false), false);
}

/** What a dead letter keeps of the bytes between `from` and `until`: text, masked, at most 4 KiB. */
export function maskedBody(bytes: Uint8Array, from: number, until: number): string {
  const end = Math.min(until, from + BODY_BYTES_MAX + MARGIN_BYTES);
  const text = masked(Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString());
  return cutToBytes(text, BODY_BYTES_MAX).trimEnd();
}

function fieldSpans(text: string, escapes: boolean): Span[] {
  const spans: Span[] = [];
  const fields = [...text.matchAll(ADDRESS_FIELD)];
  for (const [i, field] of fields.entries()) {
    const from = field.index + field[0].length;
    const next = fields[i + 1]?.index ?? text.length;
    const value = text.slice(from, Math.min(from + VALUE_CHARACTERS_MAX, next));
    const end = value.search(NEXT_FIELD);
    spans.push(...spansAfterOctets(text, from, from + (end < 0 ? value.length : end), escapes));
  }
  return spans;
}

/** Replaces every letter and digit in the spans by as many `x` as it has characters. */
function crossOut(text: string, spans: readonly Span[], escapes: boolean): string {
  if (spans.length === 0) return text;
  let result = '';
  let done = 0;
  for (const { from, until } of [...spans].sort((a, b) => a.from - b.from)) {
    if (until <= done) continue;
    const start = Math.max(from, done);
    const hidden = text.slice(start, until);
    result += text.slice(done, start);
    result += escapes ? hidden.replace(ESCAPED_OR_ALNUM, crossed) : hidden.replace(ALNUM, 'x');
    done = until;
  }
  return result + text.slice(done);
}

function crossed(character: string, kept: string | undefined): string {
  return kept ?? 'x'.repeat(character.length);
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
