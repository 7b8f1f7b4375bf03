import { FIRST_INSTANT_S, LAST_INSTANT_S } from '../calendar.ts';
import type { Ask, ServedMall } from './answers.ts';
import { Refusal } from './refusal.ts';

/** The whole second of a past instant. One that is ahead of now is refused, but for what clocks may differ. */
export function askedSecond(ask: Ask, { mall }: ServedMall, atS: number): number {
  refuseInstantOutside('at', atS);
  if (atS > ask.clock.nowS() + mall.settings.futureSkewSeconds) {
    throw new Refusal(
      'BAD_ARGUMENT',
      `at ${formatInstant(atS)} is in the future; ask for an instant that has passed, or leave it out for now`,
    );
  }
  return Math.floor(atS);
}

/** Refuses an instant at which no record can have occurred: the days of other centuries are in nobody's calendar. */
export function refuseInstantOutside(argument: string, atS: number): void {
  if (atS >= FIRST_INSTANT_S && atS <= LAST_INSTANT_S) return;
  const [first, last] = [FIRST_INSTANT_S, LAST_INSTANT_S].map(formatInstant);
  throw new Refusal(
    'BAD_DATE',
    `${argument} ${formatInstant(atS)} cannot be asked about; give an instant from ${first} to ${last}`,
  );
}

/** `2024-06-14T09:00:00Z` for an instant. */
export function formatInstant(atS: number): string {
  return new Date(atS * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
