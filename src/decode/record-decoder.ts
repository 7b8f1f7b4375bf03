import { ArrayReader } from './array-reader.ts';
import { type BodyReader, isSpace, LINE_FEED } from './body-reader.ts';
import type { Decoded } from './decoded.ts';
import { LineReader } from './line-reader.ts';
import { type BodyLimits, type JudgeOptions, RecordJudge } from './record-judge.ts';

export { Decoded } from './decoded.ts';

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Bodies of one mall in, kept records and dead letters out. Never throws, whatever the bytes; one bad record never
 * affects its neighbours; a kept record allocates nothing.
 */
export class RecordDecoder {
  /** For readers of bodies that come in pieces. */
  readonly judge: RecordJudge;

  constructor(options: JudgeOptions) {
    this.judge = new RecordJudge(options);
  }

  /** Adds the records of one whole body to `into`: a JSON array, or NDJSON. */
  decode(body: Uint8Array, receivedAtS: number, into: Decoded, limits?: BodyLimits): void {
    this.judge.begin(receivedAtS, into, limits);
    const bytes = endingInLineFeed(body);
    const until = bytes.length - 1;
    const from = startOfContent(bytes, until);
    const isArray = bytes[from] === OPEN_BRACKET;
    const reader: BodyReader = isArray ? new ArrayReader(this.judge) : new LineReader(this.judge);
    reader.read(bytes, isArray ? from + 1 : from, until, true);
  }
}

/** Whether anything in a body begins like a record: an array, or a line with an object. */
export function looksLikeRecords(body: Uint8Array): boolean {
  const first = startOfContent(body, body.length);
  if (body[first] === OPEN_BRACKET) return true;
  for (let at = body.indexOf(OPEN_BRACE, first); at >= 0; at = body.indexOf(OPEN_BRACE, at + 1)) {
    let before = at - 1;
    while (before >= first && body[before] !== LINE_FEED && isSpace(body[before]!)) before--;
    if (before < first || body[before] === LINE_FEED) return true;
  }
  return false;
}

/** The first byte that is neither a byte order mark nor white space. */
export function startOfContent(bytes: Uint8Array, until: number): number {
  let start = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  while (start < until && isSpace(bytes[start]!)) start++;
  return start;
}

/** The readers want a line feed at the end, so that no step of theirs has to look for it. Copies if there is none. */
function endingInLineFeed(body: Uint8Array): Uint8Array {
  if (body.at(-1) === LINE_FEED) return new Uint8Array(body.buffer, body.byteOffset, body.length);
  const bytes = new Uint8Array(body.length + 1);
  bytes.set(body);
  bytes[body.length] = LINE_FEED;
  return bytes;
}
