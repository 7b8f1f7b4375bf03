import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decoded } from '../../../src/decode/record-decoder.ts';
import type { Simulator } from '../../../src/ingest/simulator/simulator.ts';
import { formatMac } from '../../../src/mac.ts';
import { setUp } from '../../decode/decoding.ts';
import { daysOf, linesOf, planWith, recordsOf, simulatorWith, TIME_ZONE, textOf } from './simulating.ts';

const FAULTLESS = { lateRate: 0, repeatedRate: 0, damagedRate: 0 };
/** The night in which clocks are set back: from Saturday noon to Monday noon. */
const AUTUMN = { fromS: daysOf('2024-10-26').fromS + 43_200, untilS: daysOf('2024-10-28').fromS + 43_200 };

describe('the same lines', () => {
  test('come for the same options', () => {
    const range = daysOf('2024-06-14');
    expect(textOf(simulatorWith(), range)).toBe(textOf(simulatorWith(), range));
  });

  test('do not come for another seed', () => {
    const range = daysOf('2024-06-14');
    const other = simulatorWith({ plan: planWith({ seed: 8 }) });
    expect(textOf(simulatorWith(), range)).not.toBe(textOf(other, range));
  });

  test('come however the time is cut, over midnight and a change of the clocks', () => {
    const changes = { devicesPerDay: 150, lateRate: 0.2, latenessSMax: 900, repeatedRate: 0.1 };
    const uncut = textOf(simulatorWith(changes), AUTUMN);
    const simulator = simulatorWith(changes);
    const instants = fc.array(fc.integer({ min: AUTUMN.fromS, max: AUTUMN.untilS }), { maxLength: 12 });
    fc.assert(
      fc.property(instants, (cuts) => {
        const ends = [AUTUMN.fromS, ...cuts.sort((a, b) => a - b), AUTUMN.untilS];
        const pieces = ends.slice(1).map((untilS, index) => ({ fromS: ends[index]!, untilS }));
        expect(pieces.map((piece) => textOf(simulator, piece)).join('')).toBe(uncut);
      }),
      { numRuns: 15 },
    );
  });

  test('come from a simulator that begins anywhere, jumping back and ahead', () => {
    const simulator = simulatorWith();
    const hours = [30, 3, 47, 0, 4, 5, 29].map((hour) => {
      const fromS = AUTUMN.fromS + hour * 3_600 + 17;
      return { fromS, untilS: fromS + 3_600 };
    });
    for (const hour of hours) expect(textOf(simulator, hour)).toBe(textOf(simulatorWith(), hour));
  });

  test('are counted without being written', () => {
    const range = { fromS: AUTUMN.fromS + 31, untilS: AUTUMN.untilS - 1_777 };
    expect(simulatorWith().count(range)).toBe(linesOf(simulatorWith(), range).length);
  });
});

describe('chunks', () => {
  test('hold as many lines as they say, and end at the second that they say', () => {
    const range = daysOf('2024-06-15');
    const simulator = simulatorWith({ devicesPerDay: 1_500 });
    let fromS = range.fromS;
    let chunks = 0;
    const pieces = simulatorWith({ devicesPerDay: 1_500 });
    for (const { bytes, records, untilS } of simulator.chunks(range)) {
      const text = Buffer.from(bytes).toString();
      expect(text.split('\n')).toHaveLength(records + 1);
      expect(text).toBe(textOf(pieces, { fromS, untilS }));
      fromS = untilS;
      chunks++;
    }
    expect(chunks).toBeGreaterThan(10);
    expect(fromS).toBe(range.untilS);
  });

  test('of an empty range are none', () => {
    expect([...simulatorWith().chunks({ fromS: AUTUMN.fromS, untilS: AUTUMN.fromS })]).toEqual([]);
  });
});

describe('what goes wrong on the way', () => {
  const range = daysOf('2024-06-14', '2024-06-15');
  const sent = (changes: object) => simulatorWith({ ...FAULTLESS, ...changes });

  test('without faults every record arrives once, in the second in which it occurs, and is kept', () => {
    const decoded = decodedFrom(sent({}), range);
    expect(decoded.dropped).toEqual({});
    const records = recordsOf(sent({}), range);
    const times = records.map((record) => Number(record.occur_time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
  });

  test('late records are as many as asked for, and the same records', () => {
    const onTime = linesOf(sent({}), range);
    // What arrives in the range occurred in it or shortly before: look at its inner part.
    const late = linesOf(sent({ lateRate: 0.05 }), { ...range, untilS: range.untilS + 1_800 });
    const occurredIn = new Set(onTime);
    expect(late.filter((line) => occurredIn.has(line)).length).toBe(onTime.length);
    let newest = 0;
    let overtaken = 0;
    for (const line of late) {
      const occurredAtS = Number(JSON.parse(line).occur_time);
      if (occurredAtS < newest) overtaken++;
      newest = Math.max(newest, occurredAtS);
    }
    expect(overtaken / late.length).toBeGreaterThan(0.042);
    expect(overtaken / late.length).toBeLessThan(0.056);
  });

  test('repeated records are as many as asked for', () => {
    const lines = linesOf(sent({ repeatedRate: 0.04 }), range);
    const repeated = lines.length - new Set(lines).size;
    expect(repeated / new Set(lines).size).toBeGreaterThan(0.037);
    expect(repeated / new Set(lines).size).toBeLessThan(0.043);
  });

  test('damaged records are as many as asked for, and are dropped for every reason that a record can have', () => {
    const { lines, dropped } = decodedFrom(sent({ damagedRate: 0.03 }), range);
    const { malformed, bad_device, bad_time, too_old, from_future, ...others } = dropped;
    expect(others).toEqual({});
    const counts = [malformed, bad_device, bad_time, too_old, from_future].map((count) => count ?? 0);
    for (const count of counts) expect(count / lines).toBeGreaterThan(0.002);
    const share = counts.reduce((sum, count) => sum + count) / lines;
    expect(share).toBeGreaterThan(0.0275);
    expect(share).toBeLessThan(0.0325);
  });
});

describe('a day', () => {
  test.each([
    ['a weekday', '2024-06-12', 20],
    ['a Saturday', '2024-06-15', 400],
    ['a day of 25 hours', '2024-10-27', 400],
    ['a day of 23 hours', '2024-03-31', 400],
  ])('has no hour without a device: %s', (_, date, devicesPerDay) => {
    const range = daysOf(date);
    const hours = devicesByHour(simulatorWith({ ...FAULTLESS, devicesPerDay }), range);
    expect(hours).toHaveLength((range.untilS - range.fromS) / 3_600);
    expect(Math.min(...hours)).toBeGreaterThan(0);
  });

  test('is quiet at night, and on weekdays has a rush at noon and a peak in the evening', () => {
    const hours = devicesByHour(simulatorWith({ ...FAULTLESS, devicesPerDay: 3_000 }), daysOf('2024-06-12'));
    const busiest = hours.indexOf(Math.max(...hours));
    expect(busiest).toBeGreaterThanOrEqual(17);
    expect(busiest).toBeLessThanOrEqual(19);
    expect(hours[12]!).toBeGreaterThan(hours[14]!);
    expect(hours[10]!).toBeGreaterThan(2 * hours[8]!);
    expect(hours[3]!).toBeLessThan(hours[18]! / 10);
  });

  test.each([
    [3_000, 30],
    [5_000, 10],
    [1_000, 60],
  ])(
    'has about the devices and records asked for: %d devices of %d records',
    (devicesPerDay, recordsPerDevice) => {
      const week = daysOf('2024-06-10', '2024-06-16');
      const simulator = simulatorWith({ ...FAULTLESS, devicesPerDay, recordsPerDevice });
      expect(ratio(simulator.count(week), 7 * devicesPerDay * recordsPerDevice)).toBeLessThan(0.05);
      const wednesday = recordsOf(simulator, daysOf('2024-06-12'));
      const devices = new Set(wednesday.map((record) => record.user_device_mac)).size;
      expect(ratio(devices, 0.89 * devicesPerDay)).toBeLessThan(0.12);
    },
  );

  test('brings regular customers back, the mall’s known ones among them, and strangers whose addresses are made up', () => {
    const plan = planWith({ knownCustomers: 200 });
    const simulator = simulatorWith({ ...FAULTLESS, plan, devicesPerDay: 1_000, randomizedShare: 0.5 });
    const days = ['2024-06-11', '2024-06-12', '2024-06-13'].map((date) => {
      return new Set(recordsOf(simulator, daysOf(date)).map((record) => record.user_device_mac!));
    });
    const again = [...days[2]!].filter((mac) => days[0]!.has(mac) || days[1]!.has(mac));
    expect(again.length).toBeGreaterThan(20);
    expect(again.filter(isRandomized)).toEqual([]);
    const share = [...days[0]!].filter(isRandomized).length / days[0]!.size;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.6);
    const known = new Set(plan.knownCustomers.map(({ mac }) => formatMac(mac)));
    expect([...days[0]!].some((mac) => known.has(mac))).toBe(true);
  });

  test('hears the same equipment all round the clock', () => {
    const range = daysOf('2024-06-12');
    const hours = new Map<string, Set<number>>();
    for (const { user_device_mac: mac, occur_time } of recordsOf(simulatorWith(FAULTLESS), range)) {
      const heard = hours.get(mac!) ?? new Set();
      hours.set(mac!, heard.add(Math.floor((Number(occur_time) - range.fromS) / 3_600)));
    }
    const allDay = [...hours.values()].filter(({ size }) => size === 24);
    expect(allDay.length).toBeGreaterThan(0);
  });

  test('draws more devices to some shops than to others', () => {
    const simulator = simulatorWith({ ...FAULTLESS, devicesPerDay: 2_000 });
    const strongest = new Map<string, Set<string>>();
    for (const { shop_code: shop, user_device_mac: mac } of recordsOf(simulator, daysOf('2024-06-12'))) {
      strongest.set(shop!, (strongest.get(shop!) ?? new Set()).add(mac!));
    }
    const sizes = [...strongest.values()].map(({ size }) => size).sort((a, b) => b - a);
    expect(sizes[0]!).toBeGreaterThan(3 * sizes.at(-1)!);
  });
});

describe('a record', () => {
  const range = daysOf('2024-06-12');

  test('names shops and access points that the directory knows, when there are no zones', () => {
    const plan = planWith({ zones: 0 });
    const codes = new Set(plan.places.map(({ code }) => code));
    const macs = new Set(plan.accessPoints.map(({ mac }) => formatMac(mac)));
    const records = recordsOf(simulatorWith({ ...FAULTLESS, plan }), range);
    expect(records.filter((record) => !codes.has(record.shop_code!))).toEqual([]);
    expect(records.filter((record) => !macs.has(record.ap_mac!))).toEqual([]);
    expect(new Set(records.map((record) => record.shop_code)).size).toBe(plan.places.length);
  });

  test('names zones that no shop list knows, and access points that no directory knows, when there are some', () => {
    const plan = planWith();
    const records = recordsOf(simulatorWith({ ...FAULTLESS, plan }), range);
    expect(records.some((record) => record.shop_code === 'Z01')).toBe(true);
    const unlisted = new Set(
      plan.accessPoints.filter(({ listed }) => !listed).map(({ mac }) => formatMac(mac)),
    );
    expect(records.some((record) => unlisted.has(record.ap_mac!))).toBe(true);
  });

  test('is a text in every field, with its local date', () => {
    const records = recordsOf(simulatorWith(FAULTLESS), range);
    for (const record of records) {
      expect(Object.keys(record)).toEqual(WIRE_KEYS);
      expect(record).toMatchObject({
        id: expect.stringMatching(/^\d{15}$/),
        ap_ip: expect.stringMatching(/^10\.\d+\.\d+\.\d+$/),
        user_device_mac: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
        rssi: expect.stringMatching(/^-[3-9]\d$/),
        pt: '20240612',
      });
    }
    expect(records.length).toBeGreaterThan(5_000);
  });

  test('is mostly heard by several access points in one second, the nearest of them strongest', () => {
    const seconds = new Map<string, number[]>();
    for (const { user_device_mac, occur_time, rssi } of recordsOf(simulatorWith(FAULTLESS), range)) {
      const key = `${user_device_mac} ${occur_time}`;
      seconds.set(key, [...(seconds.get(key) ?? []), Number(rssi)]);
    }
    const several = [...seconds.values()].filter(({ length }) => length > 1);
    expect(several.length / seconds.size).toBeGreaterThan(0.5);
    const nearestFirst = several.filter((signals) => signals[0] === Math.max(...signals));
    expect(nearestFirst.length / several.length).toBeGreaterThan(0.8);
  });
});

test.each([
  [{ devicesPerDay: 5 }, 'devicesPerDay is 5; it must lie between 20 and 10000000'],
  [{ lateRate: 1.5 }, 'lateRate is 1.5; it must lie between 0 and 1'],
  [{ latenessSMax: Number.NaN }, 'latenessSMax is NaN; it must lie between 1 and 86400'],
  [{ lateRate: 0.7, repeatedRate: 0.7 }, 'lateRate, repeatedRate and damagedRate together are more than 1'],
])('options that cannot be are refused: %j', (changes, message) => {
  expect(() => simulatorWith(changes)).toThrow(new RangeError(message));
});

const WIRE_KEYS = ['id', 'shop_code', 'ap_ip', 'occur_time', 'user_device_mac', 'rssi', 'ap_mac', 'pt'];

function decodedFrom(simulator: Simulator, range: { fromS: number; untilS: number }): Decoded {
  const { decoder } = setUp({ timeZone: TIME_ZONE });
  const decoded = new Decoded();
  for (const { bytes } of simulator.chunks(range)) decoder.decode(bytes, range.untilS, decoded);
  return decoded;
}

function devicesByHour(simulator: Simulator, range: { fromS: number; untilS: number }): number[] {
  const hours = Array.from({ length: (range.untilS - range.fromS) / 3_600 }, () => new Set<string>());
  for (const { user_device_mac, occur_time } of recordsOf(simulator, range)) {
    hours[Math.floor((Number(occur_time) - range.fromS) / 3_600)]?.add(user_device_mac!);
  }
  return hours.map(({ size }) => size);
}

function isRandomized(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

function ratio(found: number, wanted: number): number {
  return Math.abs(found / wanted - 1);
}
