import { formatDay, parseDay, WRITTEN_DAY } from '../calendar.ts';
import { quoted } from '../config/quoted.ts';
import type { DayRange, EpochDay } from '../terms.ts';
import { grouped } from './limits.ts';
import { Refusal } from './refusal.ts';

const DAYS_MAX = 1_100;

/** The day of a `YYYY-MM-DD` text; `argument` names it in the refusal of one that does not exist. */
export function askedDay(argument: string, text: string): EpochDay {
  const day = parseDay(text);
  if (day !== undefined) return day;
  throw new Refusal('BAD_DATE', `${argument} ${quoted(text)} is not a date; write ${WRITTEN_DAY}`);
}

/** Both ends are inside. */
export function askedDays({ from, to }: { readonly from: string; readonly to: string }): DayRange {
  const range = { from: askedDay('from', from), to: askedDay('to', to) };
  if (range.from > range.to) {
    throw new Refusal('BAD_RANGE', `from ${from} is after to ${to}; the earlier day comes first`);
  }
  const days = daysIn(range);
  if (days > DAYS_MAX) {
    const last = formatDay(range.from + DAYS_MAX - 1);
    throw new Refusal(
      'RANGE_TOO_WIDE',
      `${from} to ${to} is ${grouped(days)} days; ask for at most ${grouped(DAYS_MAX)} at a time, such as ${from} to ${last}`,
    );
  }
  return range;
}

export function daysIn({ from, to }: DayRange): number {
  return to - from + 1;
}
