import { firstNumber } from './column-values.ts';
import { inTransaction, type Writer } from './writer.ts';

/**
 * The tables, as numbered steps: a file holds the steps up to its number, and opening it takes the rest. A step
 * that was released is never changed.
 *
 * No table has a primary key: replacing a day's rows under one takes fifteen times as long and six times the
 * file. Rows of a mall and day are found by the smallest and largest values that every block of rows keeps.
 * Times are epoch seconds, days are days since 1970-01-01, devices are 46-bit pseudonyms.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE mall (number USMALLINT NOT NULL, code VARCHAR NOT NULL);
  CREATE TABLE mall_identity (mall USMALLINT NOT NULL, fingerprint VARCHAR NOT NULL, time_zone VARCHAR NOT NULL);
  CREATE TABLE mall_commit (mall USMALLINT NOT NULL, commit_number BIGINT NOT NULL);
  CREATE TABLE mall_expiry (mall USMALLINT NOT NULL, raw_before INTEGER, customers_before INTEGER);
  CREATE TABLE checkpoint (mall USMALLINT NOT NULL, source VARCHAR NOT NULL, position VARCHAR NOT NULL);
  CREATE TABLE shop (mall USMALLINT NOT NULL, number UINTEGER NOT NULL, code VARCHAR NOT NULL);
  CREATE TABLE access_point (mall USMALLINT NOT NULL, number UINTEGER NOT NULL, mac BIGINT NOT NULL);

  CREATE TABLE raw (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, device BIGINT NOT NULL, occurred_at UINTEGER NOT NULL,
    shop UINTEGER NOT NULL, access_point UINTEGER NOT NULL, rssi TINYINT NOT NULL);
  CREATE TABLE day_arrival (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, commit_number BIGINT NOT NULL,
    newest_receipt UINTEGER NOT NULL, waiting_since UINTEGER NOT NULL);
  CREATE TABLE ingest_day (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, kept BIGINT NOT NULL,
    unknown_mall BIGINT NOT NULL, malformed BIGINT NOT NULL, bad_device BIGINT NOT NULL,
    bad_time BIGINT NOT NULL, too_old BIGINT NOT NULL, from_future BIGINT NOT NULL,
    minutes BLOB NOT NULL, last_record UINTEGER);

  CREATE TABLE day_settlement (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, version UINTEGER NOT NULL, settled_at UINTEGER NOT NULL,
    up_to_commit BIGINT NOT NULL, late_settlements UINTEGER NOT NULL, visit_gap_seconds UINTEGER NOT NULL);
  CREATE TABLE day_total (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, footfall UINTEGER NOT NULL, new_customers UINTEGER NOT NULL);
  CREATE TABLE hour_total (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, slot UINTEGER NOT NULL, footfall UINTEGER NOT NULL);
  CREATE TABLE shop_total (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, shop UINTEGER NOT NULL, footfall UINTEGER NOT NULL,
    entered UINTEGER NOT NULL, visits BIGINT NOT NULL, dwell_seconds BIGINT NOT NULL);
  CREATE TABLE shop_hour_total (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, shop UINTEGER NOT NULL, slot UINTEGER NOT NULL,
    footfall UINTEGER NOT NULL);
  CREATE TABLE access_point_day (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, access_point UINTEGER NOT NULL,
    last_heard UINTEGER NOT NULL, shop UINTEGER NOT NULL, records BIGINT NOT NULL);

  CREATE TABLE device_day (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, device BIGINT NOT NULL, first_heard UINTEGER NOT NULL,
    last_heard UINTEGER NOT NULL, hours UINTEGER NOT NULL);
  CREATE TABLE shop_day (
    mall USMALLINT NOT NULL, day INTEGER NOT NULL, device BIGINT NOT NULL, shop UINTEGER NOT NULL,
    visits UINTEGER NOT NULL, dwell_seconds UINTEGER NOT NULL, first_position UINTEGER NOT NULL,
    last_position UINTEGER NOT NULL, hours UINTEGER NOT NULL);
  CREATE TABLE customer (
    mall USMALLINT NOT NULL, device BIGINT NOT NULL, first_seen UINTEGER NOT NULL, last_seen UINTEGER NOT NULL,
    imported UTINYINT NOT NULL);

  CREATE TABLE dead_letter (
    mall VARCHAR NOT NULL, received_at UINTEGER NOT NULL, reason VARCHAR NOT NULL, detail VARCHAR NOT NULL,
    body VARCHAR NOT NULL);
  `,
  `
  CREATE TABLE api_key (
    id VARCHAR NOT NULL, name VARCHAR NOT NULL, hash VARCHAR NOT NULL, malls VARCHAR NOT NULL, scopes VARCHAR NOT NULL,
    created_at UINTEGER NOT NULL, expires_at UINTEGER, revoked_at UINTEGER);
  `,
];

/** The file was written by a newer release, whose tables this one does not know. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
  readonly code = 'SCHEMA_TOO_NEW';
  constructor(found: number) {
    super(
      `the data were written by a newer release (tables of version ${found}, this one knows ${MIGRATIONS.length}): ` +
        'start that release, or use another data folder',
    );
  }
}

/** Brings the tables up to date, wholly or not at all. */
export function migrate(writer: Writer): Promise<void> {
  return writer.turn((session) =>
    inTransaction(session, async () => {
      await session.run('CREATE TABLE IF NOT EXISTS schema_version (version UINTEGER NOT NULL)');
      const [found] = await session.rows('SELECT version FROM schema_version', [], firstNumber);
      if (found === undefined) await session.run('INSERT INTO schema_version VALUES (0)');
      const version = found ?? 0;
      if (version > MIGRATIONS.length) throw new SchemaTooNew(version);
      for (const migration of MIGRATIONS.slice(version)) await session.run(migration);
      await session.run('UPDATE schema_version SET version = $1', [MIGRATIONS.length]);
    }),
  );
}
