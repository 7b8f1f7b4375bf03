import type { DayBook } from './day-books.ts';
import { quotedText } from './influx-ql.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';
import type { RowReader } from './row-scanner.ts';

/**
 * One point a mall and owner, written last in every commit: with it the commit counts, without it nothing of it does.
 * It holds what the commit changed in the books of days, because those rows could not change in the same instant.
 */
export interface Checkpoint {
  readonly epoch: number;
  readonly commit: number;
  readonly positions: ReadonlyMap<string, string>;
  readonly days: readonly DayBook[];
}

/** A text field may hold 64 KiB; a sign of ours is one byte, or two as the protocol escapes it. */
const PART_LENGTH = 30_000;
const COMMIT = fieldName('commit');
const PARTS = fieldName('parts');
const partName = (part: number) => `part${part}`;

export function putCheckpoint(
  lines: LineBuffer,
  mall: string,
  { epoch, commit, positions, days }: Checkpoint,
): void {
  const text = JSON.stringify({
    positions: [...positions],
    days: days.map(({ day, arrival, ingest }) => ({ day, arrival, ingest: ingest && written(ingest) })),
  });
  const escaped = text.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const parts = Math.ceil(escaped.length / PART_LENGTH);
  lines.begin(seriesKey('checkpoint', { mall }));
  lines.integer(COMMIT, commit);
  // Of a point that is written again, fields that are not given stay: further parts are of an earlier commit.
  lines.integer(PARTS, parts);
  for (let part = 0; part < parts; part++) {
    lines.text(fieldName(partName(part)), escaped.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH));
  }
  lines.end(epoch, 0);
}

/** The checkpoint of the highest epoch. */
export function checkpointQuestion(mall: string): string {
  return `SELECT * FROM checkpoint WHERE mall = ${quotedText(mall)} ORDER BY time DESC LIMIT 1`;
}

export function readCheckpoint(take: (checkpoint: Checkpoint) => void): RowReader {
  let columns: readonly string[] = [];
  return {
    begin: (series) => {
      columns = series.columns;
    },
    row: ({ second, numbers, texts }) => {
      const parts = numbers[columns.indexOf('parts')]!;
      const text = Array.from({ length: parts }, (_, part) => texts[columns.indexOf(partName(part))]).join(
        '',
      );
      const { positions, days } = JSON.parse(text) as { positions: [string, string][]; days: WrittenDay[] };
      take({
        epoch: second,
        commit: numbers[columns.indexOf('commit')]!,
        positions: new Map(positions),
        days: days.map(({ day, arrival, ingest }) => ({ day, arrival, ingest: ingest && read(ingest) })),
      });
    },
  };
}

type WrittenIngest = Omit<NonNullable<DayBook['ingest']>, 'minutes'> & { readonly minutes: string };
type WrittenDay = Omit<DayBook, 'ingest'> & { readonly ingest: WrittenIngest | null };

function written(ingest: NonNullable<DayBook['ingest']>): WrittenIngest {
  return { ...ingest, minutes: Buffer.from(ingest.minutes).toString('base64') };
}

function read(ingest: WrittenIngest): NonNullable<DayBook['ingest']> {
  return { ...ingest, minutes: Uint8Array.from(Buffer.from(ingest.minutes, 'base64')) };
}
