import { endOfContent, RECORD_BYTES_MAX } from './body-reader.ts';
import { notAnObject, TOO_LONG } from './drop-details.ts';
import { isJsonObject } from './json-check.ts';
import { readJsonRecord } from './json-record.ts';
import type { RecordJudge } from './record-judge.ts';

/** Judges the text between `from` and `until`, whatever it is. False when it was no JSON object. */
export function judgeJson(judge: RecordJudge, bytes: Uint8Array, from: number, until: number): boolean {
  const end = endOfContent(bytes, from, until);
  if (end - from > RECORD_BYTES_MAX) {
    judge.dropMalformed(TOO_LONG, bytes, from, end);
    return false;
  }
  if (!isJsonObject(bytes, from, end)) {
    judge.dropMalformed(() => notAnObject(textOf(bytes, from, end)), bytes, from, end);
    return false;
  }
  readJsonRecord(textOf(bytes, from, end), judge.fields);
  judge.judge(bytes, from, end);
  return true;
}

/**
 * A copy of the record at `start`, if it is whole and nothing but white space follows it up to `limit`. Whether white
 * space is all that follows is known only where its line or its element ends, and that may be far away.
 */
export function recordBeforeSpace(bytes: Uint8Array, start: number, limit: number): Uint8Array | undefined {
  const end = endOfContent(bytes, start, limit);
  return isJsonObject(bytes, start, end) ? bytes.slice(start, end) : undefined;
}

function textOf(bytes: Uint8Array, from: number, until: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, until - from).toString();
}
