import type { Customer, Customers } from '../../terms.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText, timeRange } from './influx-ql.ts';
import { readRows } from './influx-query.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';
import type { ScannedRow } from './row-scanner.ts';

/** The customer record: one slot a customer, on a day long before any record. */

/** 2000-01-01. */
const SLOT_DAY_S = 946_684_800;
const DEVICES = 2 ** 46;
const FIRST_SEEN = fieldName('first_seen');
const LAST_SEEN = fieldName('last_seen');
const IMPORTED = fieldName('imported');
const FIELDS = 'first_seen, last_seen, imported';
/** Customers asked for in one question, each a range of one nanosecond. */
const ASKED_MAX = 50;
/** Customers of which the record is read at a time: a part of all pseudonyms. */
const PARTS = 64;

export function putCustomers(lines: LineBuffer, mall: string, customers: Customers): void {
  const series = seriesKey('visitor', { mall });
  const { length, device, firstSeenS, lastSeenS, imported } = customers;
  for (let i = 0; i < length; i++) {
    lines.begin(series);
    lines.integer(FIRST_SEEN, firstSeenS[i]!);
    lines.integer(LAST_SEEN, lastSeenS[i]!);
    lines.integer(IMPORTED, imported[i]!);
    lines.end(SLOT_DAY_S, device[i]!);
  }
}

export async function customersOf(
  connection: InfluxConnection,
  { code }: InfluxMall,
  devices: readonly number[],
): Promise<Customer[]> {
  const found: Customer[] = [];
  for (let from = 0; from < devices.length; from += ASKED_MAX) {
    const asked = devices.slice(from, from + ASKED_MAX);
    const questions = asked.map((device) => question(code, device, device + 1));
    await readRows(connection, 'registry', questions.join(';'), {
      row: (row) => void found.push(customerOf(row)),
    });
  }
  return found;
}

export async function* allCustomers(
  connection: InfluxConnection,
  { code }: InfluxMall,
): AsyncGenerator<Customers> {
  const width = DEVICES / PARTS;
  for (let part = 0; part < PARTS; part++) {
    const rows: Customer[] = [];
    const asked = question(code, part * width, (part + 1) * width);
    await readRows(connection, 'registry', asked, { row: (row) => void rows.push(customerOf(row)) });
    if (rows.length > 0) yield columnsOf(rows);
  }
}

function question(mall: string, from: number, until: number): string {
  const range = timeRange({ second: SLOT_DAY_S, offset: from }, { second: SLOT_DAY_S, offset: until });
  return `SELECT ${FIELDS} FROM visitor WHERE mall = ${quotedText(mall)} AND ${range}`;
}

function customerOf({
  second,
  nanosecond,
  numbers: [, firstSeenS, lastSeenS, imported],
}: ScannedRow): Customer {
  const device = (second - SLOT_DAY_S) * 1_000_000_000 + nanosecond;
  return { device, firstSeenS: firstSeenS!, lastSeenS: lastSeenS!, imported: imported === 1 };
}

function columnsOf(rows: readonly Customer[]): Customers {
  return {
    length: rows.length,
    device: Float64Array.from(rows, ({ device }) => device),
    firstSeenS: Uint32Array.from(rows, ({ firstSeenS }) => firstSeenS),
    lastSeenS: Uint32Array.from(rows, ({ lastSeenS }) => lastSeenS),
    imported: Uint8Array.from(rows, ({ imported }) => Number(imported)),
  };
}
