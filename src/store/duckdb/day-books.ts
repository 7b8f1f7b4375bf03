import type { DuckDBDataChunk } from '@duckdb/node-api';
import { DROP_REASONS, type DropCounts } from '../../outcome.ts';
import type { DayArrival, DayRange, DaySettlement, IngestDay } from '../../terms.ts';
import { blobs, numbers, numbersOrNull } from './column-values.ts';
import { KeyedTable } from './keyed-table.ts';
import type { Session } from './session.ts';

/** The books of a mall's days: what arrived, what was settled, what was counted at the door. */

const ARRIVAL = ['commit_number', 'newest_receipt', 'waiting_since'];
const SETTLEMENT = ['version', 'settled_at', 'up_to_commit', 'late_settlements', 'visit_gap_seconds'];
const INGEST = ['kept', ...DROP_REASONS, 'minutes', 'last_record'];

const arrivals = new KeyedTable('day_arrival', ['mall', 'day'], ARRIVAL);
const settlements = new KeyedTable('day_settlement', ['mall', 'day'], SETTLEMENT);
const ingestDays = new KeyedTable('ingest_day', ['mall', 'day'], INGEST);

const ARRIVALS = `SELECT day, ${ARRIVAL.join(', ')} FROM day_arrival WHERE mall = $1 ORDER BY day`;
const SETTLEMENTS = `SELECT day, ${SETTLEMENT.join(', ')} FROM day_settlement WHERE mall = $1 ORDER BY day`;

const INGEST_DAYS = `
  SELECT day, kept, ${DROP_REASONS.join(', ')}, last_record, minutes
  FROM ingest_day WHERE mall = $1 AND day BETWEEN $2 AND $3 ORDER BY day`;

export function putArrival(session: Session, mall: number, arrival: DayArrival): Promise<void> {
  const { day, commit, newestReceiptS, waitingSinceS } = arrival;
  return arrivals.put(session, [mall, day, commit, newestReceiptS, waitingSinceS]);
}

export function putSettlement(session: Session, mall: number, settlement: DaySettlement): Promise<void> {
  const { day, version, settledAtS, upToCommit, lateSettlements, visitGapS } = settlement;
  return settlements.put(session, [mall, day, version, settledAtS, upToCommit, lateSettlements, visitGapS]);
}

export function putIngestDay(session: Session, mall: number, counters: IngestDay): Promise<void> {
  const { day, kept, dropped, minutes, lastRecordS } = counters;
  const counts = DROP_REASONS.map((reason) => dropped[reason] ?? 0);
  return ingestDays.put(session, [mall, day, kept, ...counts, minutes, lastRecordS]);
}

export function readArrivals(session: Session, mall: number): Promise<DayArrival[]> {
  return session.rows(ARRIVALS, [mall], (chunk) => arrivalOf(chunk));
}

export function readSettlements(session: Session, mall: number): Promise<DaySettlement[]> {
  return session.rows(SETTLEMENTS, [mall], (chunk) => settlementOf(chunk));
}

export function readIngestDays(session: Session, mall: number, days: DayRange): Promise<IngestDay[]> {
  return session.rows(INGEST_DAYS, [mall, days.from, days.to], (chunk) => {
    const day = numbers(chunk, 0);
    const kept = numbers(chunk, 1);
    const counts = DROP_REASONS.map((_, i) => numbers(chunk, 2 + i));
    const lastRecord = numbersOrNull(chunk, 2 + DROP_REASONS.length);
    const minutes = blobs(chunk, 3 + DROP_REASONS.length);
    return (row) => ({
      day: day[row]!,
      kept: kept[row]!,
      dropped: dropCounts(counts.map((column) => column[row]!)),
      minutes: minutes[row]!,
      lastRecordS: lastRecord[row] ?? null,
    });
  });
}

/** The day in column 0, the rest from column 1 on. */
function arrivalOf(chunk: DuckDBDataChunk): (row: number) => DayArrival {
  const day = numbers(chunk, 0);
  const commit = numbers(chunk, 1);
  const newestReceipt = numbers(chunk, 2);
  const waitingSince = numbers(chunk, 3);
  return (row) => ({
    day: day[row]!,
    commit: commit[row]!,
    newestReceiptS: newestReceipt[row]!,
    waitingSinceS: waitingSince[row]!,
  });
}

/** The day in column 0, the rest from column 1 on. */
function settlementOf(chunk: DuckDBDataChunk): (row: number) => DaySettlement {
  const day = numbers(chunk, 0);
  const columns = SETTLEMENT.map((_, i) => numbers(chunk, 1 + i));
  return (row) => {
    const [version, settledAtS, upToCommit, lateSettlements, visitGapS] = columns.map((c) => c[row]!);
    return {
      day: day[row]!,
      version: version!,
      settledAtS: settledAtS!,
      upToCommit: upToCommit!,
      lateSettlements: lateSettlements!,
      visitGapS: visitGapS!,
    };
  };
}

function dropCounts(counts: readonly number[]): DropCounts {
  const dropped: DropCounts = {};
  DROP_REASONS.forEach((reason, i) => {
    if (counts[i]! > 0) dropped[reason] = counts[i]!;
  });
  return dropped;
}
