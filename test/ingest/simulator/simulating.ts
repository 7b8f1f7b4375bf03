import { expect } from '@jest/globals';
import { Calendar, parseDay } from '../../../src/calendar.ts';
import { createMallPlan, type MallPlan } from '../../../src/ingest/simulator/mall-plan.ts';
import { Simulator } from '../../../src/ingest/simulator/simulator.ts';
import {
  SIMULATOR_DEFAULTS,
  type SimulatorOptions,
} from '../../../src/ingest/simulator/simulator-options.ts';
import type { TimeRange } from '../../../src/terms.ts';

export const TIME_ZONE = 'Europe/Berlin';
export const FAULTLESS = { lateRate: 0, repeatedRate: 0, damagedRate: 0 };
export const WEDNESDAY = daysOf('2024-06-12');

/** A small mall, with the zones that its shop list does not know unless told otherwise. */
export function planWith(changes: Partial<Parameters<typeof createMallPlan>[0]> = {}): MallPlan {
  return createMallPlan({
    seed: 7,
    name: 'Test mall',
    timeZone: TIME_ZONE,
    shops: 20,
    accessPointsPerShop: 3,
    floors: 2,
    zones: 3,
    knownCustomers: 40,
    knownBeforeS: 1_704_067_200,
    ...changes,
  });
}

export function simulatorWith(changes: Partial<SimulatorOptions> = {}): Simulator {
  return new Simulator({ plan: planWith(), ...SIMULATOR_DEFAULTS, devicesPerDay: 400, ...changes });
}

/** The seconds of local days, both ends inside. */
export function daysOf(from: string, to = from): TimeRange {
  const calendar = new Calendar(TIME_ZONE);
  return { fromS: calendar.range(parseDay(from)!).fromS, untilS: calendar.range(parseDay(to)!).untilS };
}

/** Hours of a local day without a change of clocks; the last one is not inside. */
export function hoursOf(date: string, from: number, until: number): TimeRange {
  const { fromS } = daysOf(date);
  return { fromS: fromS + from * 3_600, untilS: fromS + until * 3_600 };
}

export function textOf(simulator: Simulator, range: TimeRange): string {
  let text = '';
  for (const { bytes } of simulator.chunks(range)) text += Buffer.from(bytes).toString();
  return text;
}

export function linesOf(simulator: Simulator, range: TimeRange): string[] {
  return textOf(simulator, range).split('\n').slice(0, -1);
}

/** Undamaged ones alone are sure to be read. */
export function recordsOf(simulator: Simulator, range: TimeRange): Record<string, string>[] {
  return linesOf(simulator, range).map((line) => JSON.parse(line));
}

/** A Wednesday on which nothing goes wrong, made once. */
let ordinary: Record<string, string>[] | undefined;
export const ordinaryRecords = () => {
  ordinary ??= recordsOf(simulatorWith(FAULTLESS), WEDNESDAY);
  return ordinary;
};

/** Independent chances make such a share of `of`, give or take five standard deviations. */
export function expectShare(found: number, of: number, share: number): void {
  const deviation = Math.sqrt((share * (1 - share)) / of);
  expect(of).toBeGreaterThan(500);
  expect(Math.abs(found / of - share)).toBeLessThanOrEqual(5 * deviation);
}
