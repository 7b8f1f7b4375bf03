import type { Ask, MallFootfall } from './answers.ts';
import { askedDays, daysIn } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow, rowsOfDays } from './days.ts';
import { drawRows } from './limits.ts';

/** Distinct devices of every day; those that were new, and those that had been there before. */
export async function mallFootfall(
  ask: Ask,
  args: { readonly mall: string; readonly from: string; readonly to: string },
): Promise<MallFootfall[]> {
  const served = servedMall(ask, args.mall);
  const range = askedDays(args);
  drawRows(ask, daysIn(range), 'ask for fewer days');
  const days = await askDays(ask, served, range);
  const totals = await rowsOfDays(ask, days, {
    of: `totals of ${args.mall}`,
    fromStore: (kept) => ask.store.dayTotals(args.mall, kept),
    fromOpen: (open) => [open.totals()],
  });
  return days.map((asked, i) => {
    const { footfall, newCustomers } = totals[i]![0] ?? { footfall: 0, newCustomers: 0 };
    const { day, settled, asOfS, stale } = dayRow(asked);
    const returningCustomers = footfall - newCustomers;
    return { day, settled, asOfS, stale, footfall, newCustomers, returningCustomers };
  });
}
