import type { Customer, CustomerChanges, Customers } from '../../terms.ts';
import type { DayCorrection } from '../store.ts';
import { appendRows } from './append-rows.ts';
import { itemsOf, joinHalves, numbers } from './column-values.ts';
import type { Database } from './database.ts';
import { streamChunks } from './row-stream.ts';
import type { Session } from './session.ts';
import { staged } from './staged.ts';

const CHUNK_ROWS = 2_048;
const COLUMNS = 'device, first_seen, last_seen, imported';
const ALL = `SELECT ${COLUMNS} FROM customer WHERE mall = $1`;
const SOME = `${ALL} AND device IN (SELECT unnest($2::BIGINT[]))`;

const CORRECTED = '(SELECT unnest($2::BIGINT[]) AS day, unnest($3::BIGINT[]) AS value) AS corrected';
const CORRECT_TOTALS = `
  UPDATE day_total SET new_customers = corrected.value FROM ${CORRECTED}
  WHERE mall = $1 AND day_total.day = corrected.day`;
const CORRECT_VERSIONS = `
  UPDATE day_settlement SET version = corrected.value FROM ${CORRECTED}
  WHERE mall = $1 AND day_settlement.day = corrected.day`;

export function readCustomers(
  session: Session,
  mall: number,
  devices: readonly number[],
): Promise<Customer[]> {
  return session.rows(SOME, [mall, devices], (chunk) => {
    const device = numbers(chunk, 0);
    const firstSeen = numbers(chunk, 1);
    const lastSeen = numbers(chunk, 2);
    const imported = numbers(chunk, 3);
    return (row) => ({
      device: device[row]!,
      firstSeenS: firstSeen[row]!,
      lastSeenS: lastSeen[row]!,
      imported: imported[row] === 1,
    });
  });
}

export async function* allCustomers(database: Database, mall: number): AsyncGenerator<Customers> {
  const device = new Float64Array(CHUNK_ROWS);
  const firstSeenS = new Uint32Array(CHUNK_ROWS);
  const lastSeenS = new Uint32Array(CHUNK_ROWS);
  const imported = new Uint8Array(CHUNK_ROWS);
  for await (const chunk of streamChunks(database, ALL, [mall])) {
    joinHalves(itemsOf(chunk, 0) as BigInt64Array, device, 0);
    firstSeenS.set(numbers(chunk, 1));
    lastSeenS.set(numbers(chunk, 2));
    imported.set(numbers(chunk, 3));
    yield { length: chunk.rowCount, device, firstSeenS, lastSeenS, imported };
  }
}

/**
 * Inside a transaction. Added customers are looked for as changed ones are, so that a change that is made a
 * second time leaves one row a customer.
 */
export async function changeCustomers(
  session: Session,
  mall: number,
  changes: CustomerChanges,
): Promise<void> {
  const { added, changed } = changes;
  if (added.length + changed.length === 0) return;
  await staged(session, 'customer', async (stage) => {
    for (const { length, device, firstSeenS, lastSeenS, imported } of [added, changed]) {
      await appendRows(session, stage, length, [mall, device, firstSeenS, lastSeenS, imported]);
    }
    await session.run(`DELETE FROM customer WHERE mall = $1 AND device IN (SELECT device FROM ${stage})`, [
      mall,
    ]);
  });
}

/** Inside a transaction. Days that were never settled have nothing to correct. */
export async function correctDays(
  session: Session,
  mall: number,
  corrections: readonly DayCorrection[],
): Promise<void> {
  if (corrections.length === 0) return;
  const days = corrections.map(({ day }) => day);
  await session.run(CORRECT_TOTALS, [mall, days, corrections.map(({ newCustomers }) => newCustomers)]);
  await session.run(CORRECT_VERSIONS, [mall, days, corrections.map(({ version }) => version)]);
}
