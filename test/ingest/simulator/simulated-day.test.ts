import { describe, expect, test } from '@jest/globals';
import { parseDay } from '../../../src/calendar.ts';
import { equipmentMac, FIRST_STAFF_PHONE, phoneMac } from '../../../src/ingest/simulator/addresses.ts';
import { loadOf } from '../../../src/ingest/simulator/day-curve.ts';
import type { Simulator } from '../../../src/ingest/simulator/simulator.ts';
import type { SimulatorOptions } from '../../../src/ingest/simulator/simulator-options.ts';
import { formatMac } from '../../../src/mac.ts';
import type { TimeRange } from '../../../src/terms.ts';
import {
  daysOf,
  expectShare,
  FAULTLESS,
  hoursOf,
  ordinaryRecords,
  planWith,
  recordsOf,
  simulatorWith,
  WEDNESDAY,
} from './simulating.ts';

describe('a day', () => {
  test.each([
    ['a weekday', '2024-06-12', 20],
    ['a Saturday', '2024-06-15', 100],
    ['a day of 25 hours', '2024-10-27', 100],
    ['a day of 23 hours', '2024-03-31', 100],
  ])('has no hour without a device: %s', (_, date, devicesPerDay) => {
    const range = daysOf(date);
    const hours = devicesByHour(simulatorWith({ ...FAULTLESS, devicesPerDay }), range);
    expect(hours).toHaveLength((range.untilS - range.fromS) / 3_600);
    expect(Math.min(...hours)).toBeGreaterThan(0);
  });

  test('on weekdays is quiet at night, fills as shops open, has a rush at noon and its peak after work', () => {
    const hours = devicesByHour(simulatorWith({ ...FAULTLESS, devicesPerDay: 1_500 }), WEDNESDAY);
    const between = (from: number, to: number) => hours.slice(from, to);
    expect(Math.max(...between(0, 6))).toBeLessThan(Math.max(...hours) / 10);
    expect(between(5, 13)).toEqual(between(5, 13).sort((a, b) => a - b));
    expect(sum(between(10, 12))).toBeGreaterThan(1.5 * sum(between(7, 9)));
    expect(sum(between(12, 14))).toBeGreaterThan(sum(between(14, 16)));
    expect(hours.indexOf(Math.max(...hours))).toBeGreaterThanOrEqual(17);
    expect(hours.indexOf(Math.max(...hours))).toBeLessThanOrEqual(19);
    expect(between(19, 24)).toEqual(between(19, 24).sort((a, b) => b - a));
  });

  test('on Saturdays brings more people, and its peak comes in the afternoon', () => {
    const changes = { ...FAULTLESS, devicesPerDay: 1_000, recordsPerDevice: 10 };
    const saturday = devicesByHour(simulatorWith(changes), daysOf('2024-06-15'));
    const wednesday = devicesByHour(simulatorWith(changes), WEDNESDAY);
    expect(sum(saturday)).toBeGreaterThan(1.2 * sum(wednesday));
    expect(saturday.indexOf(Math.max(...saturday))).toBeGreaterThanOrEqual(12);
    expect(saturday.indexOf(Math.max(...saturday))).toBeLessThanOrEqual(16);
  });

  test.each([
    [1_000, 30, 0.3],
    [1_500, 10, 0.3],
    [1_500, 10, 1],
    [500, 60, 0],
  ])(
    'has the devices and records asked for: %d devices of %d records, rotating share %d',
    (devicesPerDay, recordsPerDevice, rotatingShare) => {
      const options = { ...FAULTLESS, devicesPerDay, recordsPerDevice, rotatingShare };
      const records = recordsOf(simulatorWith(options), WEDNESDAY);
      const devices = new Set(records.map((record) => record.user_device_mac)).size;
      const expected = devicesPerDay * loadOf(planWith().seed, parseDay('2024-06-12')!);
      // Who came the day before and is still there counts too: night staff and equipment among a thousand.
      expect(Math.abs(devices / expected - 1)).toBeLessThan(0.02);
      expect(Math.abs(records.length / (expected * recordsPerDevice) - 1)).toBeLessThan(0.03);
    },
  );

  test('is as busy as asked for on the average of a year', () => {
    const year = { from: parseDay('2024-01-01')!, to: parseDay('2024-12-29')! };
    let load = 0;
    for (let day = year.from; day <= year.to; day++) load += loadOf(7, day);
    expect(Math.abs(load / (year.to - year.from + 1) - 1)).toBeLessThan(0.01);
  });

  test('brings regular customers back, the mall’s known ones among them, and strangers', () => {
    const plan = planWith({ knownCustomers: 200 });
    const simulator = simulatorWith({ ...FAULTLESS, plan, devicesPerDay: 600, recordsPerDevice: 10 });
    // Days apart, so that nobody who is there at midnight counts as coming back.
    const days = ['2024-06-10', '2024-06-12', '2024-06-14'].map((date) => {
      return new Set(recordsOf(simulator, daysOf(date)).map((record) => record.user_device_mac!));
    });
    const again = [...days[2]!].filter((mac) => days[0]!.has(mac) || days[1]!.has(mac));
    expect(again.length).toBeGreaterThan(20);
    expect(again.length).toBeLessThan(days[2]!.size / 2);
    expect(again.filter(isRandomized)).toEqual([]);
    const known = new Set(plan.knownCustomers.map(({ mac }) => formatMac(mac)));
    expect([...days[0]!].some((mac) => known.has(mac))).toBe(true);
  });

  test('hears the same equipment all round the clock, and nobody else', () => {
    const hours = new Map<string, Set<number>>();
    for (const { user_device_mac: mac, occur_time } of ordinaryRecords()) {
      const heard = hours.get(mac!) ?? new Set();
      hours.set(mac!, heard.add(Math.floor((Number(occur_time) - WEDNESDAY.fromS) / 3_600)));
    }
    const allDay = [...hours].filter(([, { size }]) => size === 24).map(([mac]) => mac);
    expect(allDay.length).toBeGreaterThan(0);
    const pieces = Array.from({ length: 20 }, (_, piece) => formatMac(equipmentMac(planWith().seed, piece)));
    expect(pieces).toEqual(expect.arrayContaining(allDay));
  });

  test('draws more devices to some shops than to others', () => {
    const heard = new Map<string, Set<string>>();
    for (const { shop_code: shop, user_device_mac: mac } of ordinaryRecords()) {
      heard.set(shop!, (heard.get(shop!) ?? new Set()).add(mac!));
    }
    const sizes = [...heard.values()].map(({ size }) => size).sort((a, b) => b - a);
    expect(sizes[0]!).toBeGreaterThan(3 * sizes.at(-1)!);
  });
});

describe('addresses that phones make up', () => {
  const range = hoursOf('2024-06-12', 10, 18);
  const macsHeard = (changes: Partial<SimulatorOptions>) => {
    const heard = new Map<string, { firstS: number; lastS: number }>();
    const simulator = simulatorWith({ ...FAULTLESS, devicesPerDay: 500, ...changes });
    for (const { user_device_mac: mac, occur_time } of recordsOf(simulator, range)) {
      const atS = Number(occur_time);
      heard.set(mac!, { firstS: heard.get(mac!)?.firstS ?? atS, lastS: atS });
    }
    return [...heard];
  };

  test.each([0, 0.3, 0.6, 0.9])('are the share of strangers’ phones that was asked for: %d', (share) => {
    // A stranger who does not rotate shows one address.
    const changes = { devicesPerDay: 1_500, recordsPerDevice: 5, randomizedShare: share, rotatingShare: 0 };
    const strangers = macsHeard(changes).filter(([mac]) => {
      return isRandomized(mac) || !comesOften(mac);
    });
    expectShare(strangers.filter(([mac]) => isRandomized(mac)).length, strangers.length, share);
  });

  test.each([600, 1_800])('last for %d s, at most twice as long, when all of them rotate', (rotationS) => {
    const changes = { rotatingShare: 1, randomizedShare: 1, rotationS, recordsPerDevice: 60 };
    const lasted = macsHeard(changes)
      .filter(([mac]) => isRandomized(mac))
      .map(([, { firstS, lastS }]) => lastS - firstS);
    expect(Math.max(...lasted)).toBeLessThan(2 * rotationS);
    expect(Math.max(...lasted)).toBeGreaterThan(rotationS / 2);
  });

  test('last for a visit, when none of them rotates', () => {
    const lasted = macsHeard({ rotatingShare: 0, rotationS: 600 })
      .filter(([mac]) => isRandomized(mac))
      .map(([, { firstS, lastS }]) => lastS - firstS);
    expect(Math.max(...lasted)).toBeGreaterThan(2 * 3_600);
  });
});

function devicesByHour(simulator: Simulator, range: TimeRange): number[] {
  const hours = Array.from({ length: (range.untilS - range.fromS) / 3_600 }, () => new Set<string>());
  for (const { user_device_mac, occur_time } of recordsOf(simulator, range)) {
    hours[Math.floor((Number(occur_time) - range.fromS) / 3_600)]?.add(user_device_mac!);
  }
  return hours.map(({ size }) => size);
}

/** Regular customers, staff and equipment: everybody who is not seen on one day alone. */
const comesOften = (() => {
  const { seed } = planWith();
  const often = new Set<string>();
  for (let nth = 0; nth < 2_000; nth++) {
    for (const mac of [
      phoneMac(seed, nth),
      phoneMac(seed, FIRST_STAFF_PHONE + nth),
      equipmentMac(seed, nth),
    ]) {
      often.add(formatMac(mac));
    }
  }
  return (mac: string) => often.has(mac);
})();

function isRandomized(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
