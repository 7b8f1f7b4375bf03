import { quoted } from '../config/quoted.ts';
import { Refusal } from './refusal.ts';

/** What a cursor belongs to: it continues no other question, mall or date. */
export interface CursorScope {
  readonly question: string;
  readonly mall: string;
  /** The date, or whatever else the pages are of. */
  readonly of: string;
}

/** The last row of a page, by what the rows are ordered by: rows may come and go, and none is listed twice. */
export type CursorKey = readonly (string | number | null)[];

export function writeCursor({ question, mall, of }: CursorScope, key: CursorKey): string {
  return Buffer.from(JSON.stringify([question, mall, of, ...key])).toString('base64url');
}

/** The key in a cursor; `isKey` says whether it is one of this question's. */
export function readCursor<Key extends CursorKey>(
  { question, mall, of }: CursorScope,
  text: string,
  isKey: (key: readonly unknown[]) => key is Key,
): Key {
  const content = parse(text);
  if (!Array.isArray(content)) throw noCursor(text);
  const [toQuestion, toMall, toOf, ...key] = content as unknown[];
  if (toQuestion !== question || toMall !== mall || toOf !== of) {
    throw new Refusal(
      'BAD_CURSOR',
      `after is a cursor of other pages, not of ${question} for mall ${quoted(mall)} and ${of}; leave it out to begin with the first page`,
    );
  }
  if (!isKey(key)) throw noCursor(text);
  return key;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function noCursor(text: string): Refusal {
  return new Refusal(
    'BAD_CURSOR',
    `after ${quoted(text)} is not a cursor; pass the endCursor of the page before, or leave it out to begin`,
  );
}
