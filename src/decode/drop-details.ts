import { masked, maskedPart } from './mask.ts';

const QUOTED_MAX = 40;
/** Of a long value no more than this is looked at: what is quoted, and an address across its end. */
const LOOKED_AT_MAX = 300;

/** What is wrong with a record, each in one sentence for the operator, with the value that is wrong. */
export function badDevice(value: string): string {
  if (value === '') return 'user_device_mac is missing or empty';
  const digits = value.replace(/[:.-]/g, '');
  const said = `user_device_mac ${quoted(maskedPart(value.slice(0, LOOKED_AT_MAX)))}`;
  if (!/^[\da-f]{12}$/i.test(digits)) return `${said} is not 12 hexadecimal digits`;
  if (/^0+$/.test(digits)) return `${said} is all zero, no device's address`;
  return `${said} is a group address (broadcast or multicast), no device's own`;
}

export function badTime(value: string): string {
  if (value === '') return 'occur_time is missing or empty';
  const said = `occur_time ${quoted(masked(value.slice(0, LOOKED_AT_MAX)))} is not 1 to 10 digits`;
  if (/^\d{13}(?:\.\d+)?$/.test(value)) return `${said}; send epoch seconds, not milliseconds`;
  return `${said}; send whole epoch seconds`;
}

/** `keepRawDays` null: before the date from which records of the mall are believed. */
export function tooOld(occurredAtS: number, keepRawDays: number | null): string {
  const said = `occur_time ${occurredAtS} (${instant(occurredAtS)})`;
  if (keepRawDays === null)
    return `${said} is before the mall's "since" date; was the clock of the sender ever set?`;
  return `${said} is older than raw records are kept (${keepRawDays} days)`;
}

export function fromFuture(occurredAtS: number, aheadS: number, allowedS: number): string {
  return `occur_time ${occurredAtS} (${instant(occurredAtS)}) is ${aheadS} s ahead of its receipt, ${allowedS} s are allowed; check the clock of the sender`;
}

export const TOO_LONG = 'the record is larger than 4 KiB';
export const ARRAY_CUT_OFF = 'the array breaks off: it has no closing ]';
export const ARRAY_BROKEN =
  'the array is broken here: a brace closes that none opened; the rest of the body was not read';
export const AFTER_ARRAY = 'something follows the closing ] of the array; it was not read';
export const CANNOT_SPLIT =
  'the CSV row cannot be split: it is larger than 4 KiB, or its quotes do not pair up (quote a value as a whole, and double the quotes inside it)';

export function wrongWidth(values: number, columns: number): string {
  return `the CSV row has ${values} values, but the header names ${columns} columns`;
}

/** Of a text that is not a JSON object. */
export function notAnObject(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'there is no record between two commas of the array, or after the last one';
  if (!trimmed.startsWith('{'))
    return `${quoted(masked(trimmed.slice(0, LOOKED_AT_MAX)))} is not a JSON object`;
  if (!trimmed.endsWith('}')) return 'the record breaks off: it has no closing }';
  return 'the record is not valid JSON';
}

function instant(atS: number): string {
  return new Date(atS * 1000).toISOString().replace('.000', '');
}

function quoted(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}
