import { endOfContent, RECORD_BYTES_MAX } from './body-reader.ts';
import { notAnObject, TOO_LONG } from './drop-details.ts';
import { readJsonRecord } from './json-record.ts';
import type { RecordJudge } from './record-judge.ts';

/** Judges the text between `from` and `until`, whatever it is. False when it was no JSON object. */
export function judgeJson(judge: RecordJudge, bytes: Uint8Array, from: number, until: number): boolean {
  const end = endOfContent(bytes, from, until);
  if (end - from > RECORD_BYTES_MAX) {
    judge.dropMalformed(TOO_LONG, bytes, from, end);
    return false;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString();
  if (!readJsonRecord(text, judge.fields)) {
    judge.dropMalformed(notAnObject(text), bytes, from, end);
    return false;
  }
  judge.judge(bytes, from, end);
  return true;
}
