import { formatDay } from '../calendar.ts';
import type { EpochDay, ShopDays, ShopDaysPage } from '../terms.ts';
import type { Ask, DayRow, ServedMall } from './answers.ts';
import { askDays, dayRow } from './days.ts';
import { refuseForgottenCustomers } from './expired.ts';
import { Refusal } from './refusal.ts';

/** The customers of one day and their shops. */
export interface CustomerRows {
  /** What every row of the day begins with. */
  readonly row: DayRow;
  readonly shopDays: ShopDays;
}

/**
 * A page of them: the store's once the day has settled, the fold's before. Rows that the page does not ask for
 * count for nothing, so a page holds fewer devices than `devicesMax` only when there are no more.
 */
export async function readCustomerRows(
  ask: Ask,
  served: ServedMall,
  day: EpochDay,
  page: ShopDaysPage,
): Promise<CustomerRows> {
  refuseForgottenCustomers(ask, served, day);
  const [asked] = await askDays(ask, served, { from: day, to: day });
  const { kept, open } = asked!;
  if (open?.hasRows === false) throw notCounted(day);
  const shopDays =
    kept !== undefined ? await ask.store.shopDays(served.mall.code, day, page) : await open?.shopDays(page);
  const row = dayRow(asked!);
  const asOfS =
    open === undefined || row.asOfS === null ? row.asOfS : Math.min(row.asOfS, open.rowsAsOfS) || null;
  return { row: { ...row, asOfS }, shopDays: shopDays ?? NONE };
}

function notCounted(day: EpochDay): Refusal {
  const text = formatDay(day);
  return new Refusal(
    'NOT_SETTLED',
    `more days are open than are counted customer by customer; those of ${text} are there once it has settled`,
  );
}

/** Rows of one device alone. */
export async function readCustomer(
  ask: Ask,
  served: ServedMall,
  day: EpochDay,
  device: number,
  rows: { readonly visitsMin: number; readonly shops?: readonly number[] },
): Promise<CustomerRows> {
  const page = { ...rows, afterDevice: device - 1, devicesMax: 1 };
  const found = await readCustomerRows(ask, served, day, page);
  return found.shopDays.device[0] === device ? found : { ...found, shopDays: NONE };
}

const NONE: ShopDays = {
  length: 0,
  device: new Float64Array(),
  shop: new Uint32Array(),
  visits: new Uint32Array(),
  dwellS: new Uint32Array(),
  firstS: new Uint32Array(),
  lastS: new Uint32Array(),
  hours: new Uint32Array(),
};
