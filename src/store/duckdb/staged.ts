import type { Session } from './session.ts';

/**
 * Lets `fill` append rows to a temporary copy of a table's shape, then inserts them into the table. Inside a
 * transaction. Rows that go straight into the table are compressed by the caller's thread, 55 ms at a time; this
 * way the database's own threads do it.
 */
export async function staged(
  session: Session,
  table: string,
  fill: (stage: string) => Promise<void>,
): Promise<void> {
  const stage = `staged_${table}`;
  await session.run(`CREATE TEMP TABLE ${stage} AS FROM ${table} LIMIT 0`);
  await fill(stage);
  await session.run(`INSERT INTO ${table} FROM ${stage}`);
  await session.run(`DROP TABLE ${stage}`);
}
