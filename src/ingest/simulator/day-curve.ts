import type { EpochDay } from '../../terms.ts';
import { mixPair, unitOf } from './chance.ts';
import { CumulativeWeights } from './cumulative-weights.ts';

/** Arrivals per hour of the wall clock, from midnight, in proportion. */
const SHOPPERS_ON_WEEKDAYS = [
  0.15, 0.08, 0.05, 0.04, 0.04, 0.1, 0.4, 1, 2.2, 4.5, 7.8, 6.2, 9.2, 7.4, 5.2, 5.4, 6.5, 8.6, 10.8, 9.6, 6.2,
  2.8, 1, 0.4,
];
const SHOPPERS_ON_WEEKENDS = [
  0.3, 0.15, 0.08, 0.05, 0.05, 0.06, 0.2, 0.5, 1.5, 4.2, 9.8, 9, 9.8, 10.4, 11.2, 11.6, 10.8, 9.6, 8.2, 6.8,
  4.6, 2.6, 1.3, 0.6,
];
const PASSERS_BY_ON_WEEKDAYS = [
  0.8, 0.5, 0.4, 0.3, 0.4, 1, 2.5, 5.5, 8, 6, 5, 5, 7, 6.5, 5, 5, 6, 8.5, 8.5, 6, 4.5, 3, 2, 1.2,
];
const PASSERS_BY_ON_WEEKENDS = [
  1.6, 1.2, 0.8, 0.5, 0.4, 0.6, 1, 1.8, 3, 4.5, 6, 6.5, 7, 7.5, 7.5, 7.5, 7, 6.5, 6, 5.5, 5, 4, 3, 2.2,
];

/** Monday is busier than nothing, Saturday busiest; the mean is 1. Sunday first. */
const WEEKDAY_LOADS = [1.14, 0.86, 0.87, 0.89, 0.91, 1.04, 1.29] as const;
const WEATHER_SPREAD = 0.12;

/** When people arrive on one local day. */
export interface DayCurve {
  /** Minute of the day, counted from its first second, at which arrivals of a kind reach a share in [0, 1). */
  readonly shoppers: CumulativeWeights;
  readonly passersBy: CumulativeWeights;
}

/** `minutes`: length of the day, 1,440 but for clock changes. */
export function createDayCurve(day: EpochDay, minutes: number): DayCurve {
  const isWeekend = weekdayOf(day) % 6 === 0;
  return {
    shoppers: perMinute(isWeekend ? SHOPPERS_ON_WEEKENDS : SHOPPERS_ON_WEEKDAYS, minutes),
    passersBy: perMinute(isWeekend ? PASSERS_BY_ON_WEEKENDS : PASSERS_BY_ON_WEEKDAYS, minutes),
  };
}

/** How busy a day is: 1 = as busy as the average day. */
export function loadOf(seed: number, day: EpochDay): number {
  const weather = 1 + WEATHER_SPREAD * (unitOf(mixPair(seed, day)) - 0.5);
  return WEEKDAY_LOADS[weekdayOf(day)]! * weather;
}

/**
 * What the wall clock shows, in minutes since midnight, in a minute of a day of any length: clocks are taken to
 * change at two, so that the afternoon keeps its hours on days of 23 and 25 hours.
 */
export function wallMinute(minute: number, minutes: number): number {
  return minute < 120 ? minute : Math.max(120, minute + 1_440 - minutes);
}

/** 0 = Sunday. 1970-01-01 was a Thursday. */
function weekdayOf(day: EpochDay): number {
  return (day + 4) % 7;
}

/** Hours are joined by straight lines, so that no minute is a step. */
function perMinute(hours: readonly number[], minutes: number): CumulativeWeights {
  const weights = Array.from({ length: minutes }, (_, minute) => {
    const hour = wallMinute(minute, minutes) / 60;
    const before = hours[Math.floor(hour) % 24]!;
    const after = hours[(Math.floor(hour) + 1) % 24]!;
    return before + (after - before) * (hour % 1);
  });
  return new CumulativeWeights(weights);
}
