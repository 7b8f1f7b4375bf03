import { endOfContent, RECORD_BYTES_MAX, RECORD_SPAN_MAX } from './body-reader.ts';
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
 * Judges the record at `start` if it is whole and nothing but white space follows it in its span. The record ends
 * there, wherever the white space does: the limit is on the record alone, and nobody waits for more blanks than that.
 */
export function judgeBeforeSpace(judge: RecordJudge, bytes: Uint8Array, start: number): boolean {
  const end = endOfContent(bytes, start, start + RECORD_SPAN_MAX);
  return isJsonObject(bytes, start, end) && judgeJson(judge, bytes, start, end);
}

function textOf(bytes: Uint8Array, from: number, until: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, until - from).toString();
}
