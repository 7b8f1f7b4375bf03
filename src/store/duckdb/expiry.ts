import type { EpochDay } from '../../terms.ts';
import { numbersOrNull } from './column-values.ts';
import { KeyedTable } from './keyed-table.ts';
import type { Session } from './session.ts';

/** Rows of days before these are forgotten; null = none are. */
export interface ExpiryDays {
  readonly raw: EpochDay | null;
  readonly customers: EpochDay | null;
}

const expiries = new KeyedTable('mall_expiry', ['mall'], ['raw_before', 'customers_before']);

const EXPIRED = 'SELECT raw_before, customers_before FROM mall_expiry WHERE mall = $1';

/**
 * Deletes rows, and keeps from which day on there are any: a limit that was reached never moves back. Inside a
 * transaction.
 */
export async function expireDays(session: Session, mall: number, before: ExpiryDays): Promise<void> {
  if (before.raw !== null) await deleteBefore(session, 'raw', mall, before.raw);
  if (before.customers !== null) {
    await deleteBefore(session, 'device_day', mall, before.customers);
    await deleteBefore(session, 'shop_day', mall, before.customers);
  }
  const { raw, customers } = await readExpired(session, mall);
  await expiries.put(session, [mall, later(raw, before.raw), later(customers, before.customers)]);
}

export async function readExpired(session: Session, mall: number): Promise<ExpiryDays> {
  const [expired] = await session.rows(EXPIRED, [mall], (chunk) => {
    const raw = numbersOrNull(chunk, 0);
    const customers = numbersOrNull(chunk, 1);
    return (row) => ({ raw: raw[row] ?? null, customers: customers[row] ?? null });
  });
  return expired ?? { raw: null, customers: null };
}

async function deleteBefore(session: Session, table: string, mall: number, day: EpochDay): Promise<void> {
  await session.run(`DELETE FROM ${table} WHERE mall = $1 AND day < $2`, [mall, day]);
}

function later(a: EpochDay | null, b: EpochDay | null): EpochDay | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
