import { DROP_REASONS, type DropCounts } from '../../outcome.ts';
import type { DayArrival, DayRange, DaySettlement, EpochDay, IngestDay } from '../../terms.ts';
import { quotedText, timeRange } from './influx-ql.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';
import type { RowReader } from './row-scanner.ts';

/**
 * The books of a mall's days. Rows of a day lie at its UTC midnight + the epoch of their writer in nanoseconds: an
 * owner writes beside those before it, never over them, and of every day the highest epoch counts.
 */

export const DAY_S = 86_400;

/** What one day has of commits: at least one of both. */
export interface DayBook {
  readonly day: EpochDay;
  readonly arrival: DayArrival | null;
  readonly ingest: IngestDay | null;
}

const ARRIVAL = ['arrival_commit', 'newest_receipt', 'waiting_since'] as const;
const INGEST = ['kept', ...DROP_REASONS, 'last_record'] as const;
const SETTLEMENT = [
  'version',
  'settled_at',
  'up_to_commit',
  'late_settlements',
  'visit_gap_seconds',
] as const;
const names = (fields: readonly string[]) => new Map(fields.map((field) => [field, fieldName(field)]));
const FIELDS = names([...ARRIVAL, ...INGEST, 'minutes', ...SETTLEMENT]);

export function putDayBook(
  lines: LineBuffer,
  mall: string,
  epoch: number,
  { day, arrival, ingest }: DayBook,
): void {
  lines.begin(seriesKey('day', { mall }));
  const integer = (name: string, value: number) => lines.integer(FIELDS.get(name)!, value);
  if (arrival !== null) {
    integer('arrival_commit', arrival.commit);
    integer('newest_receipt', arrival.newestReceiptS);
    integer('waiting_since', arrival.waitingSinceS);
  }
  if (ingest !== null) {
    integer('kept', ingest.kept);
    for (const reason of DROP_REASONS) integer(reason, ingest.dropped[reason] ?? 0);
    integer('last_record', ingest.lastRecordS ?? -1);
    lines.text(FIELDS.get('minutes')!, Buffer.from(ingest.minutes).toString('base64'));
  }
  lines.end(day * DAY_S, epoch);
}

export function putSettlement(
  lines: LineBuffer,
  mall: string,
  epoch: number,
  settlement: DaySettlement,
): void {
  const { day, version, settledAtS, upToCommit, lateSettlements, visitGapS } = settlement;
  lines.begin(seriesKey('settlement', { mall }));
  const values = [version, settledAtS, upToCommit, lateSettlements, visitGapS];
  SETTLEMENT.forEach((name, i) => {
    lines.integer(FIELDS.get(name)!, values[i]!);
  });
  lines.end(day * DAY_S, epoch);
}

export function dayBooksQuestion(mall: string, days: DayRange): string {
  return `SELECT ${[...ARRIVAL, ...INGEST, 'minutes'].join(', ')} FROM "day" WHERE ${ofDays(mall, days)}`;
}

export function settlementsQuestion(mall: string, days: DayRange): string {
  return `SELECT ${SETTLEMENT.join(', ')} FROM settlement WHERE ${ofDays(mall, days)}`;
}

/** Times come ascending, so the last row of a day is that of the highest epoch. */
export function readDayBooks(into: Map<EpochDay, DayBook>): RowReader {
  const arrivalAt = 1;
  const ingestAt = 1 + ARRIVAL.length;
  return {
    row: ({ second, numbers, texts }) => {
      const day = second / DAY_S;
      const before = into.get(day);
      const [commit, newestReceiptS, waitingSinceS] = numbers.subarray(arrivalAt, ingestAt);
      const arrival = Number.isNaN(commit!)
        ? (before?.arrival ?? null)
        : { day, commit: commit!, newestReceiptS: newestReceiptS!, waitingSinceS: waitingSinceS! };
      const minutes = texts[ingestAt + INGEST.length];
      const ingest =
        minutes === undefined ? (before?.ingest ?? null) : ingestDayOf(day, numbers, ingestAt, minutes);
      into.set(day, { day, arrival, ingest });
    },
  };
}

export function readSettlements(into: Map<EpochDay, DaySettlement>): RowReader {
  return {
    row: ({ second, numbers }) => {
      const day = second / DAY_S;
      const [version, settledAtS, upToCommit, lateSettlements, visitGapS] = numbers.subarray(
        1,
        1 + SETTLEMENT.length,
      );
      into.set(day, {
        day,
        version: version!,
        settledAtS: settledAtS!,
        upToCommit: upToCommit!,
        lateSettlements: lateSettlements!,
        visitGapS: visitGapS!,
      });
    },
  };
}

/** Rows of days, whatever the epoch in their times. */
function ofDays(mall: string, { from, to }: DayRange): string {
  const range = timeRange({ second: from * DAY_S }, { second: (to + 1) * DAY_S });
  return `mall = ${quotedText(mall)} AND ${range}`;
}

function ingestDayOf(day: EpochDay, numbers: Float64Array, at: number, minutes: string): IngestDay {
  const dropped: DropCounts = {};
  DROP_REASONS.forEach((reason, i) => {
    const count = numbers[at + 1 + i]!;
    if (count > 0) dropped[reason] = count;
  });
  const last = numbers[at + 1 + DROP_REASONS.length]!;
  return {
    day,
    kept: numbers[at]!,
    dropped,
    minutes: Uint8Array.from(Buffer.from(minutes, 'base64')),
    lastRecordS: last < 0 ? null : last,
  };
}
