import { formatDay } from '../calendar.ts';
import type { EpochDay } from '../terms.ts';
import type { Ask, ServedMall } from './answers.ts';
import { Refusal } from './refusal.ts';

/** Refuses a question about single customers on a day whose rows are gone. */
export function refuseForgottenCustomers(ask: Ask, served: ServedMall, day: EpochDay): void {
  const first = firstKept(ask, served, ask.keepCustomerDays, served.forgottenBefore.customers);
  if (day < first) throw forgotten('rows of single customers', first);
}

/** Refuses a question that needs raw records which are gone; `fromS` is the first second that it looks at. */
export function refuseForgottenRecords(ask: Ask, served: ServedMall, fromS: number): void {
  const first = firstKept(ask, served, ask.keepRawDays, served.forgottenBefore.raw);
  if (first > Number.NEGATIVE_INFINITY && fromS < served.calendar.range(first).fromS) {
    throw forgotten('raw records', first);
  }
}

/** The oldest day of which everything is kept, −∞ = everything is. Ages count in whole local days. */
function firstKept(
  ask: Ask,
  { calendar }: ServedMall,
  keepDays: number | null,
  forgottenBefore: EpochDay | null,
): EpochDay {
  const byAge = keepDays === null ? null : calendar.dayOf(ask.clock.nowS()) - keepDays + 1;
  return Math.max(byAge ?? Number.NEGATIVE_INFINITY, forgottenBefore ?? Number.NEGATIVE_INFINITY);
}

function forgotten(what: string, first: EpochDay): Refusal {
  return new Refusal(
    'EXPIRED',
    `${what} before ${formatDay(first)} are no longer kept; ask from that day on`,
  );
}
