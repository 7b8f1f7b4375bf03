import type { BucketName, InfluxConnection } from './influx-connection.ts';
import { InfluxRefusal } from './influx-http.ts';
import { type RowReader, RowScanner } from './row-scanner.ts';

/** Rows of one line of an answer: small enough that reading them never holds others up. */
const CHUNK_ROWS = 10_000;
const LINE_FEED = 0x0a;
const ERROR = Buffer.from('"error":"');

/** Asks in InfluxQL, one statement or several, and hands over the rows as they come. */
export async function readRows(
  { http, bucket }: InfluxConnection,
  name: BucketName,
  question: string,
  reader: RowReader,
): Promise<void> {
  const answer = await http.send({
    method: 'POST',
    path: `/query?epoch=ns&chunked=true&chunk_size=${CHUNK_ROWS}&db=${encodeURIComponent(bucket(name))}`,
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ q: question }).toString(),
  });
  const scanner = new RowScanner();
  let rest: Buffer[] = [];
  for await (const piece of http.pieces(answer)) {
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      const line = piece.subarray(from, end);
      scanLine(scanner, rest.length === 0 ? line : Buffer.concat([...rest, line]), reader);
      rest = [];
      from = end + 1;
    }
    if (from < piece.length) rest.push(piece.subarray(from));
  }
  if (rest.length > 0) scanLine(scanner, Buffer.concat(rest), reader);
}

function scanLine(scanner: RowScanner, line: Buffer, reader: RowReader): void {
  // A text of ours has its quotes escaped, so this is the server's own word.
  if (line.indexOf(ERROR) >= 0) throw refusalIn(line);
  scanner.scan(line, reader);
}

function refusalIn(line: Buffer): Error {
  const said = JSON.parse(line.toString('utf8')) as { error?: string; results?: { error?: string }[] };
  const message = said.error ?? said.results?.find(({ error }) => error !== undefined)?.error;
  return new InfluxRefusal(200, 'query failed', message ?? line.toString('utf8', 0, 200));
}
