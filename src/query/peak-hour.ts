import type { Ask, PeakHour } from './answers.ts';
import { askedDays, daysIn } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow } from './days.ts';
import { hoursOfDays } from './hours-of-days.ts';
import { drawRows } from './limits.ts';

/** The hour of every day with most distinct devices in the whole mall; of equal ones the earlier. */
export async function peakHour(
  ask: Ask,
  args: { readonly mall: string; readonly from: string; readonly to: string },
): Promise<PeakHour[]> {
  const served = servedMall(ask, args.mall);
  const range = askedDays(args);
  drawRows(ask, daysIn(range), 'ask for fewer days');
  const days = await askDays(ask, served, range);
  const hours = await hoursOfDays(ask, served, days);
  return days.map((asked, i) => {
    let hourStartS: number | null = null;
    let most = 0;
    for (const { slot, footfall } of hours[i]!) {
      if (footfall <= most) continue;
      most = footfall;
      hourStartS = served.calendar.hourStartsS(asked.day)[slot] ?? null;
    }
    return { hourStartS, footfall: most, ...dayRow(asked) };
  });
}
