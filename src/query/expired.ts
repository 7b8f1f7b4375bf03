import { formatDay } from '../calendar.ts';
import type { EpochDay } from '../terms.ts';
import type { Ask, ServedMall } from './answers.ts';
import { grouped } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Refuses a question about single customers on a day whose rows are gone. */
export function refuseForgottenCustomers(ask: Ask, served: ServedMall, day: EpochDay): void {
  const first = firstKept(ask, served, ask.keepCustomerDays);
  if (first === null || day >= first) return;
  throw forgotten('rows of single customers', ask.keepCustomerDays!, first);
}

/** Refuses a question that needs raw records which are gone; `fromS` is the first second that it looks at. */
export function refuseForgottenRecords(ask: Ask, served: ServedMall, fromS: number): void {
  const first = firstKept(ask, served, ask.keepRawDays);
  if (first === null || fromS >= served.calendar.range(first).fromS) return;
  throw forgotten('raw records', ask.keepRawDays!, first);
}

/** The oldest day of which everything is kept; null = everything is, for good. Ages count in whole local days. */
function firstKept(ask: Ask, { calendar }: ServedMall, keepDays: number | null): EpochDay | null {
  return keepDays === null ? null : calendar.dayOf(ask.clock.nowS()) - keepDays + 1;
}

function forgotten(what: string, keepDays: number, first: EpochDay): Refusal {
  const days = `${grouped(keepDays)} ${keepDays === 1 ? 'day' : 'days'}`;
  return new Refusal(
    'EXPIRED',
    `${what} are kept for ${days}; those asked for are gone, ask from ${formatDay(first)} on`,
  );
}
