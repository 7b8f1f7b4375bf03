import { isSpace, LINE_FEED } from './body-reader.ts';
import { BROKEN, ElementScan } from './element-scan.ts';
import { startOfContent } from './record-decoder.ts';

const OPEN_BRACKET = 0x5b;
const COMMA = 0x2c;

/**
 * Whether a body holds more records than so many: lines that are not blank, or elements of its array. Counts no
 * further than that, and makes nothing of what it counts: a body of millions of ones and commas is seen through
 * before anything of it is decoded.
 */
export function hasMoreRecordsThan(recordsMax: number, body: Uint8Array): boolean {
  // Each has a comma, or a line feed, behind it.
  if (body.length <= recordsMax) return false;
  const start = startOfContent(body, body.length);
  return body[start] === OPEN_BRACKET
    ? hasMoreElements(recordsMax, body, start + 1)
    : hasMoreLines(recordsMax, body, start);
}

function hasMoreLines(linesMax: number, body: Uint8Array, start: number): boolean {
  let lines = 0;
  let p = start;
  while (p < body.length) {
    if (isSpace(body[p]!)) {
      p++;
      continue;
    }
    if (++lines > linesMax) return true;
    const end = body.indexOf(LINE_FEED, p);
    p = end < 0 ? body.length : end + 1;
  }
  return false;
}

/** Behind what breaks an array nothing is read, so nothing is counted. */
function hasMoreElements(elementsMax: number, body: Uint8Array, start: number): boolean {
  const scan = new ElementScan();
  let elements = 0;
  let p = start;
  while (p < body.length) {
    if (++elements > elementsMax) return true;
    scan.restart();
    const end = scan.scan(body, p, body.length);
    if (end === BROKEN || body[end] !== COMMA) return false;
    p = end + 1;
  }
  return false;
}
