import type { Ask, HourlyFootfall } from './answers.ts';
import { askedDays, daysIn } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow } from './days.ts';
import { hoursOfDays } from './hours-of-days.ts';
import { drawRows } from './limits.ts';

/** Distinct devices of every hour of every day, empty hours too; of one shop, or of the whole mall. */
export async function hourlyFootfall(
  ask: Ask,
  args: { readonly mall: string; readonly from: string; readonly to: string; readonly shop?: string },
): Promise<HourlyFootfall[]> {
  const served = servedMall(ask, args.mall);
  const range = askedDays(args);
  drawRows(ask, daysIn(range) * 24, 'ask for fewer days');
  const days = await askDays(ask, served, range);
  const hours = await hoursOfDays(ask, served, days, args.shop);
  return days.flatMap((asked, i) => {
    const { day, settled, asOfS, stale } = dayRow(asked);
    const starts = served.calendar.hourStartsS(asked.day);
    const footfalls = new Array<number>(starts.length).fill(0);
    for (const { slot, footfall } of hours[i]!) footfalls[slot] = footfall;
    return starts.map((hourStartS, slot) => ({
      day,
      settled,
      asOfS,
      stale,
      hourStartS,
      footfall: footfalls[slot]!,
    }));
  });
}
