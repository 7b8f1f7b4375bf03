import type { HourTotals } from '../terms.ts';
import type { Ask, AskedDay, ServedMall } from './answers.ts';
import { rowsOfDays } from './days.ts';
import { heardShop } from './shop-names.ts';

/** The hours with a device of every day, index for index; of one shop, or of the whole mall. */
export async function hoursOfDays(
  ask: Ask,
  { mall, codebook }: ServedMall,
  days: readonly AskedDay[],
  shop?: string,
): Promise<(readonly HourTotals[])[]> {
  const number = shop === undefined ? undefined : heardShop(codebook, shop);
  if (shop !== undefined && number === undefined) return days.map(() => []);
  return rowsOfDays(ask, days, {
    of: number === undefined ? `hours of ${mall.code}` : undefined,
    fromStore: (kept) => ask.store.hourTotals(mall.code, kept, number),
    fromOpen: (open) => open.hours(number),
  });
}
