import type { HourTotals } from '../../terms.ts';
import type { DayReplacement } from '../store.ts';
import { appendRows } from './append-rows.ts';
import { changeCustomers, correctDays } from './customers.ts';
import { putSettlement } from './day-books.ts';
import type { Session } from './session.ts';
import { staged } from './staged.ts';
import { inTransaction } from './writer.ts';

const TABLES_OF_A_DAY = [
  'day_total',
  'hour_total',
  'shop_total',
  'shop_hour_total',
  'access_point_day',
  'device_day',
  'shop_day',
] as const;

/** The answers of one day, the customers and the days that they moved: in one transaction. */
export function writeReplacement(session: Session, mall: number, replacement: DayReplacement): Promise<void> {
  const { settlement, customers, corrections } = replacement;
  return inTransaction(session, async () => {
    for (const table of TABLES_OF_A_DAY) {
      await session.run(`DELETE FROM ${table} WHERE mall = $1 AND day = $2`, [mall, settlement.day]);
    }
    await writeTotals(session, mall, replacement);
    await writeDevices(session, mall, replacement);
    await changeCustomers(session, mall, customers);
    await putSettlement(session, mall, settlement);
    await correctDays(session, mall, corrections);
  });
}

async function writeTotals(session: Session, mall: number, replacement: DayReplacement): Promise<void> {
  const { settlement, totals, shops, hours, shopHours, accessPoints } = replacement;
  const { day } = settlement;
  await appendRows(session, 'day_total', 1, [mall, day, totals.footfall, totals.newCustomers]);
  await appendRows(session, 'hour_total', hours.length, [mall, day, ...hourColumns(hours)]);
  await appendRows(session, 'shop_total', shops.length, [
    mall,
    day,
    Uint32Array.from(shops, (row) => row.shop),
    Uint32Array.from(shops, (row) => row.footfall),
    Uint32Array.from(shops, (row) => row.entered),
    Float64Array.from(shops, (row) => row.visits),
    Float64Array.from(shops, (row) => row.dwellS),
  ]);
  await appendRows(session, 'shop_hour_total', shopHours.length, [
    mall,
    day,
    Uint32Array.from(shopHours, (row) => row.shop),
    ...hourColumns(shopHours),
  ]);
  await appendRows(session, 'access_point_day', accessPoints.length, [
    mall,
    day,
    Uint32Array.from(accessPoints, (row) => row.accessPoint),
    Uint32Array.from(accessPoints, (row) => row.lastHeardS),
    Uint32Array.from(accessPoints, (row) => row.shop),
    Float64Array.from(accessPoints, (row) => row.records),
  ]);
}

async function writeDevices(session: Session, mall: number, replacement: DayReplacement): Promise<void> {
  const { day } = replacement.settlement;
  await staged(session, 'device_day', async (stage) => {
    for (const { length, device, firstS, lastS, hours } of replacement.deviceDays) {
      await appendRows(session, stage, length, [mall, day, device, firstS, lastS, hours]);
    }
  });
  await staged(session, 'shop_day', async (stage) => {
    for (const { length, device, shop, visits, dwellS, firstS, lastS, hours } of replacement.shopDays) {
      const columns = [mall, day, device, shop, visits, dwellS, firstS, lastS, hours];
      await appendRows(session, stage, length, columns);
    }
  });
}

function hourColumns(rows: readonly HourTotals[]): [Uint32Array, Uint32Array] {
  return [Uint32Array.from(rows, (row) => row.slot), Uint32Array.from(rows, (row) => row.footfall)];
}
