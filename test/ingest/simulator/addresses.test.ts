import { expect, test } from '@jest/globals';
import { parseDay } from '../../../src/calendar.ts';
import {
  equipmentMac,
  FIRST_PASSING_PHONE,
  FIRST_STAFF_PHONE,
  phoneMac,
  randomizedMac,
} from '../../../src/ingest/simulator/addresses.ts';
import { loadOf } from '../../../src/ingest/simulator/day-curve.ts';

const RANDOMIZED = 2 ** 41;
const GROUP = 2 ** 40;

function has(mac: number, bit: number): boolean {
  return Math.floor(mac / bit) % 2 === 1;
}

test.each([
  ['regular phones', (index: number) => phoneMac(9, index)],
  ['phones of the staff', (index: number) => phoneMac(9, FIRST_STAFF_PHONE + index)],
  ['passing phones', (index: number) => phoneMac(9, FIRST_PASSING_PHONE + index)],
  ['equipment', (index: number) => equipmentMac(9, index)],
])('%s have addresses of their own, from a maker', (_, macOf) => {
  const macs = Array.from({ length: 20_000 }, (_, index) => macOf(index));
  expect(new Set(macs).size).toBe(20_000);
  expect(macs.some((mac) => has(mac, RANDOMIZED) || has(mac, GROUP))).toBe(false);
});

test('addresses that are made up say so, and are new with every visit and every period', () => {
  const macs = Array.from({ length: 20_000 }, (_, n) => randomizedMac((n >> 2) * 7_919, n >> 2, n & 3));
  expect(new Set(macs).size).toBe(20_000);
  expect(macs.every((mac) => has(mac, RANDOMIZED) && !has(mac, GROUP) && mac < 2 ** 48)).toBe(true);
});

test('the average day is as busy as the average day, and Saturday busiest', () => {
  const monday = parseDay('2024-06-10')!;
  const loads = Array.from({ length: 700 }, (_, day) => loadOf(3, monday + day));
  const mean = loads.reduce((sum, load) => sum + load) / loads.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(loads[5]).toBe(Math.max(...loads.slice(0, 7)));
});
