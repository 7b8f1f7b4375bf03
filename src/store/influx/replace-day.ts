import type { DayTotals, EpochDay, HourTotals, ShopTotals } from '../../terms.ts';
import type { DayCorrection, DayReplacement } from '../store.ts';
import { putAccessPoints } from './access-point-rows.ts';
import { DAY_S, putSettlement } from './day-books.ts';
import { deletePoints, slotsOf } from './delete-points.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { fieldName, LineBuffer, seriesKey } from './line-buffer.ts';
import { newDevices, putDeviceDays, putNotNew, putShopDays } from './presence-rows.ts';
import { dayTotalsOf, hourTotalsOf, shopHoursOf, shopTotalsOf } from './rollup-rows.ts';
import { runRollup } from './tasks/run-rollup.ts';
import { putCustomers } from './visitors.ts';
import type { LineWriter } from './write-lines.ts';

/** Rows that are built before they are sent. */
const ROWS_A_BUFFER = 50_000;

/** The day's rows do not add up to its totals, though every other row was deleted: a mistake in this program. */
export class RowsDoNotAddUp extends Error {
  override readonly name = 'RowsDoNotAddUp';
  readonly code = 'ROWS_DO_NOT_ADD_UP';
  constructor(mall: string, day: EpochDay, what: string) {
    super(
      `the rows of mall ${mall} on day ${day} do not add up to its ${what}: the rollup was counted otherwise`,
    );
  }
}

interface Parts {
  readonly connection: InfluxConnection;
  readonly writer: LineWriter;
  readonly mall: InfluxMall;
}

/**
 * Replaces a day in steps that can be repeated from the start after a crash anywhere: mark it unsettled, write its rows
 * over what is there, count them, and, when the counts are not those of the settlement, delete what was there before and
 * write again; correct other days; keep the customers; mark it settled.
 */
export async function replaceDay(parts: Parts, replacement: DayReplacement): Promise<void> {
  const { writer, mall, connection } = parts;
  const { settlement, customers, corrections, accessPoints } = replacement;
  const { day } = settlement;
  await writeSettlement(parts, { ...settlement, upToCommit: 0 });
  await writeRows(parts, replacement);
  await runRollup(connection, mall.code, day);
  if ((await differenceOf(parts, replacement)) !== undefined) await rewrite(parts, replacement);
  const registry = new LineBuffer();
  putAccessPoints(registry, mall, day, accessPoints);
  await writer.write('registry', registry);
  await correctDays(parts, corrections, replacement.customers);
  await writeCustomers(parts, customers);
  await writeSettlement(parts, settlement);
}

/** New customers of other days that moved: their rows say so first, then their rollups, then their versions. */
export async function correctDays(
  parts: Parts,
  corrections: readonly DayCorrection[],
  customers: DayReplacement['customers'],
): Promise<void> {
  const { connection, writer, mall } = parts;
  for (const { day, newCustomers } of corrections) {
    const marked = new Set(await newDevices(connection, mall, day));
    const moved: number[] = [];
    for (const { length, device, firstSeenS, imported } of [customers.added, customers.changed]) {
      for (let i = 0; i < length; i++) {
        const isNew = imported[i] === 0 && mall.calendar.dayOf(firstSeenS[i]!) === day;
        if (!isNew && marked.has(device[i]!)) moved.push(device[i]!);
      }
    }
    const presence = new LineBuffer();
    putNotNew(presence, mall.code, day, moved);
    await writer.write('presence', presence);
    await runRollup(connection, mall.code, day);
    const counted = (await dayTotalsOf(connection, mall, { from: day, to: day })).get(day);
    if ((counted?.newCustomers ?? 0) === newCustomers) continue;
    // The rows of single customers are gone, or lack some: nothing can count this number any more.
    const footfall = new LineBuffer();
    footfall.begin(seriesKey('mall_daily', { mall: mall.code }));
    footfall.integer(fieldName('new'), newCustomers);
    footfall.end(day * DAY_S, 0);
    await writer.write('footfall', footfall);
  }
}

export async function writeCustomers(
  { writer, mall }: Parts,
  customers: DayReplacement['customers'],
): Promise<void> {
  const lines = new LineBuffer();
  putCustomers(lines, mall.code, customers.added);
  putCustomers(lines, mall.code, customers.changed);
  await writer.write('registry', lines);
}

async function writeSettlement(
  { writer, mall }: Parts,
  settlement: DayReplacement['settlement'],
): Promise<void> {
  const lines = new LineBuffer();
  putSettlement(lines, mall.code, mall.epoch, settlement);
  await writer.write('registry', lines);
}

async function writeRows(
  { writer, mall }: Parts,
  { settlement, deviceDays, shopDays }: DayReplacement,
): Promise<void> {
  const { day } = settlement;
  const lines = new LineBuffer();
  const send = async (rowsMin: number) => {
    if (lines.lines < rowsMin) return;
    await writer.write('presence', lines);
    lines.clear();
  };
  for (const rows of deviceDays) {
    putDeviceDays(lines, mall.code, day, rows);
    await send(ROWS_A_BUFFER);
  }
  for (const rows of shopDays) {
    putShopDays(lines, mall, day, rows);
    await send(ROWS_A_BUFFER);
  }
  await send(1);
}

/** Rows, hours or shops that are gone still count: everything of the day goes, and what is right is written. */
async function rewrite(parts: Parts, replacement: DayReplacement): Promise<void> {
  const { connection, mall } = parts;
  const { day } = replacement.settlement;
  const range = slotsOf({ from: day, to: day });
  await deletePoints(connection, 'presence', mall.code, range);
  await deletePoints(connection, 'footfall', mall.code, range);
  await writeRows(parts, replacement);
  await runRollup(connection, mall.code, day);
  const what = await differenceOf(parts, replacement);
  if (what !== undefined) throw new RowsDoNotAddUp(mall.code, day, what);
}

/** What of the rollup is not as the settlement has it. */
async function differenceOf(
  { connection, mall }: Parts,
  replacement: DayReplacement,
): Promise<string | undefined> {
  const { settlement, totals, shops, hours, shopHours } = replacement;
  const { day } = settlement;
  const range = { from: day, to: day };
  const nothing: DayTotals = { day, footfall: 0, newCustomers: 0 };
  const counted = (await dayTotalsOf(connection, mall, range)).get(day) ?? nothing;
  if (counted.footfall !== totals.footfall || counted.newCustomers !== totals.newCustomers) return 'totals';
  if (!same(await shopTotalsOf(connection, mall, range), shops, shopText)) return 'shops';
  if (!same(await hourTotalsOf(connection, mall, range), hours, hourText)) return 'hours';
  const shopHourText = (row: HourTotals & { readonly shop: number }) => `${row.shop} ${hourText(row)}`;
  return same(await shopHoursOf(connection, mall, day), shopHours, shopHourText)
    ? undefined
    : 'hours of shops';
}

const hourText = ({ slot, footfall }: HourTotals) => `${slot} ${footfall}`;
const shopText = ({ shop, footfall, entered, visits, dwellS }: ShopTotals) =>
  `${shop} ${footfall} ${entered} ${visits} ${dwellS}`;

function same<Row>(a: readonly Row[], b: readonly Row[], text: (row: Row) => string): boolean {
  const texts = new Set(a.map(text));
  return a.length === b.length && b.every((row) => texts.has(text(row)));
}
