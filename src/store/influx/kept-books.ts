import type { DayRange, DaySettlement, DayState, EpochDay } from '../../terms.ts';
import type { MallIdentity } from '../store.ts';
import { type Checkpoint, checkpointQuestion, readCheckpoint } from './checkpoint.ts';
import {
  type DayBook,
  dayBooksQuestion,
  readDayBooks,
  readSettlements,
  settlementsQuestion,
} from './day-books.ts';
import type { InfluxConnection } from './influx-connection.ts';
import { readRows } from './influx-query.ts';
import { IDENTITIES_QUESTION, identityQuestion, readIdentities } from './registry.ts';

/** Every day on which a time of 32 bits can lie. */
export const EVER: DayRange = { from: 0, to: 49_711 };

/** What commits wrote of days: their rows, and over them what only the newest checkpoint holds. Ascending. */
export async function dayBooksOf(
  connection: InfluxConnection,
  mall: string,
  days: DayRange,
): Promise<{ books: DayBook[]; checkpoint: Checkpoint | undefined }> {
  const found = new Map<EpochDay, DayBook>();
  const [checkpoint] = await Promise.all([
    newestCheckpoint(connection, mall),
    readRows(connection, 'registry', dayBooksQuestion(mall, days), readDayBooks(found)),
  ]);
  for (const { day, arrival, ingest } of checkpoint?.days ?? []) {
    if (day < days.from || day > days.to) continue;
    const before = found.get(day);
    const newest = { arrival: arrival ?? before?.arrival ?? null, ingest: ingest ?? before?.ingest ?? null };
    found.set(day, { day, ...newest });
  }
  return { books: [...found.values()].sort((a, b) => a.day - b.day), checkpoint };
}

/** Ascending. */
export async function settlementsOf(
  connection: InfluxConnection,
  mall: string,
  days: DayRange,
): Promise<Map<EpochDay, DaySettlement>> {
  const found = new Map<EpochDay, DaySettlement>();
  await readRows(connection, 'registry', settlementsQuestion(mall, days), readSettlements(found));
  return found;
}

/** Of days that have either; ascending. */
export async function dayStatesOf(
  connection: InfluxConnection,
  mall: string,
  days: DayRange,
): Promise<DayState[]> {
  const [{ books }, settlements] = await Promise.all([
    dayBooksOf(connection, mall, days),
    settlementsOf(connection, mall, days),
  ]);
  const arrivals = new Map(books.map(({ day, arrival }) => [day, arrival]));
  const known = new Set([...arrivals.keys(), ...settlements.keys()]);
  return [...known]
    .sort((a, b) => a - b)
    .map((day) => ({
      day,
      arrival: arrivals.get(day) ?? null,
      settlement: settlements.get(day) ?? null,
    }))
    .filter(({ arrival, settlement }) => arrival !== null || settlement !== null);
}

/** Of one mall, or of every mall that has one. */
export async function identitiesOf(
  connection: InfluxConnection,
  mall?: string,
): Promise<Map<string, MallIdentity>> {
  const found = new Map<string, MallIdentity>();
  const question = mall === undefined ? IDENTITIES_QUESTION : identityQuestion(mall);
  await readRows(connection, 'registry', question, readIdentities(found));
  return found;
}

async function newestCheckpoint(connection: InfluxConnection, mall: string): Promise<Checkpoint | undefined> {
  let found: Checkpoint | undefined;
  const reader = readCheckpoint((checkpoint) => {
    found = checkpoint;
  });
  await readRows(connection, 'registry', checkpointQuestion(mall), reader);
  return found;
}
