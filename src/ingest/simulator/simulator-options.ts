import type { DayRange } from '../../terms.ts';
import { loadOf } from './day-curve.ts';
import type { MallPlan } from './mall-plan.ts';

export interface SimulatorOptions {
  readonly plan: MallPlan;
  /** Distinct addresses on an average day: phones that change theirs count with each. At least 20. */
  readonly devicesPerDay: number;
  /** Records of an average address and day. Below about 4, each still sends one burst. */
  readonly recordsPerDevice: number;
  /** Share of phones that make their addresses up. */
  readonly randomizedShare: number;
  /** Share of those that make up a new one about every `rotationS` seconds; the others keep one for a visit. */
  readonly rotatingShare: number;
  readonly rotationS: number;
  /** Share of records that arrive after they occurred: most within a minute, some up to `latenessSMax` after. */
  readonly lateRate: number;
  /** Whole seconds, at most a day. */
  readonly latenessSMax: number;
  /** Share of records that arrive once more, within 5 minutes. */
  readonly repeatedRate: number;
  /** Share of records that arrive in a state in which they are dropped. */
  readonly damagedRate: number;
}

/** A mall of a hundred thousand records a day. */
export const SIMULATOR_DEFAULTS = {
  devicesPerDay: 3_000,
  recordsPerDevice: 30,
  randomizedShare: 0.6,
  rotatingShare: 0.3,
  rotationS: 900,
  lateRate: 0.02,
  latenessSMax: 1_800,
  repeatedRate: 0.01,
  damagedRate: 0.002,
} as const satisfies Omit<SimulatorOptions, 'plan'>;

/** Throws a RangeError that names the option and what would be right. */
export function checkOptions(options: SimulatorOptions): void {
  check(options, 'devicesPerDay', 20, 10_000_000);
  check(options, 'recordsPerDevice', 1, 10_000);
  check(options, 'rotationS', 60, 86_400);
  check(options, 'latenessSMax', 1, 86_400);
  for (const share of [
    'randomizedShare',
    'rotatingShare',
    'lateRate',
    'repeatedRate',
    'damagedRate',
  ] as const) {
    check(options, share, 0, 1);
  }
  const { lateRate, repeatedRate, damagedRate } = options;
  if (lateRate + repeatedRate + damagedRate > 1) {
    throw new RangeError('lateRate, repeatedRate and damagedRate together are more than 1');
  }
}

/**
 * How many devices a day make a run of so many records. The estimate lies a little high, by 2 % and three times
 * the square root, so that a run that stops after `records` is all but complete.
 */
export function devicesPerDayFor(run: {
  readonly plan: MallPlan;
  readonly days: DayRange;
  readonly records: number;
  readonly recordsPerDevice: number;
}): number {
  const { plan, days, records, recordsPerDevice } = run;
  let load = 0;
  for (let day = days.from; day <= days.to; day++) load += loadOf(plan.seed, day);
  const wanted = records * 1.02 + 3 * Math.sqrt(records);
  return Math.max(20, Math.ceil(wanted / recordsPerDevice / load));
}

type NumberOption = Exclude<keyof SimulatorOptions, 'plan'>;

function check(options: SimulatorOptions, name: NumberOption, min: number, max: number): void {
  const value = options[name];
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} is ${value}; it must lie between ${min} and ${max}`);
  }
}
