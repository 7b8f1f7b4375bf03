import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatMac } from '../../../src/mac.ts';
import {
  daysOf,
  FAULTLESS,
  hoursOf,
  linesOf,
  ordinaryRecords,
  planWith,
  recordsOf,
  simulatorWith,
  textOf,
  WEDNESDAY,
} from './simulating.ts';

/** The night in which clocks are set back: from Saturday noon to Monday noon. */
const AUTUMN = { fromS: daysOf('2024-10-26').fromS + 43_200, untilS: daysOf('2024-10-28').fromS + 43_200 };

describe('the same lines', () => {
  test('come for the same options', () => {
    const range = hoursOf('2024-06-14', 10, 16);
    expect(textOf(simulatorWith(), range)).toBe(textOf(simulatorWith(), range));
  });

  test('do not come for another seed', () => {
    const range = hoursOf('2024-06-14', 10, 16);
    const other = simulatorWith({ plan: planWith({ seed: 8 }) });
    expect(textOf(simulatorWith(), range)).not.toBe(textOf(other, range));
  });

  test('come however the time is cut, over midnight and a change of the clocks', () => {
    const changes = { devicesPerDay: 60, lateRate: 0.2, latenessSMax: 900, repeatedRate: 0.1 };
    const uncut = textOf(simulatorWith(changes), AUTUMN);
    const simulator = simulatorWith(changes);
    const instants = fc.array(fc.integer({ min: AUTUMN.fromS, max: AUTUMN.untilS }), { maxLength: 12 });
    fc.assert(
      fc.property(instants, (cuts) => {
        const ends = [AUTUMN.fromS, ...cuts.sort((a, b) => a - b), AUTUMN.untilS];
        const pieces = ends.slice(1).map((untilS, index) => ({ fromS: ends[index]!, untilS }));
        expect(pieces.map((piece) => textOf(simulator, piece)).join('')).toBe(uncut);
      }),
      { numRuns: 10 },
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
    const range = { fromS: AUTUMN.fromS + 31, untilS: AUTUMN.fromS + 72_223 };
    expect(simulatorWith().count(range)).toBe(linesOf(simulatorWith(), range).length);
  });
});

describe('chunks', () => {
  test('hold as many lines as they say, and end at the second that they say', () => {
    const range = hoursOf('2024-06-15', 12, 20);
    const simulator = simulatorWith();
    const pieces = simulatorWith();
    let fromS = range.fromS;
    let chunks = 0;
    for (const { bytes, records, untilS } of simulator.chunks(range)) {
      const text = Buffer.from(bytes).toString();
      expect(text.split('\n')).toHaveLength(records + 1);
      expect(text).toBe(textOf(pieces, { fromS, untilS }));
      fromS = untilS;
      chunks++;
    }
    expect(chunks).toBeGreaterThan(3);
    expect(fromS).toBe(range.untilS);
  });

  test('of an empty range are none', () => {
    expect([...simulatorWith().chunks({ fromS: AUTUMN.fromS, untilS: AUTUMN.fromS })]).toEqual([]);
  });
});

describe('a record', () => {
  test('names shops and access points that the directory knows, when there are no zones', () => {
    const plan = planWith({ zones: 0 });
    const codes = new Set(plan.places.map(({ code }) => code));
    const macs = new Set(plan.accessPoints.map(({ mac }) => formatMac(mac)));
    const records = recordsOf(simulatorWith({ ...FAULTLESS, plan }), WEDNESDAY);
    expect(records.filter((record) => !codes.has(record.shop_code!))).toEqual([]);
    expect(records.filter((record) => !macs.has(record.ap_mac!))).toEqual([]);
    expect(new Set(records.map((record) => record.shop_code)).size).toBe(plan.places.length);
  });

  test('names zones that no shop list knows, and access points that no directory knows, when there are some', () => {
    const unlisted = planWith().accessPoints.filter(({ listed }) => !listed);
    const macs = new Set(unlisted.map(({ mac }) => formatMac(mac)));
    expect(ordinaryRecords().some((record) => record.shop_code === 'Z01')).toBe(true);
    expect(ordinaryRecords().some((record) => macs.has(record.ap_mac!))).toBe(true);
  });

  test('is a text in every field, with its local date', () => {
    const isAsOnTheWire = (record: Record<string, unknown>) =>
      Object.entries(WIRE).every(([key, pattern]) => pattern.test(String(record[key])));
    expect(ordinaryRecords().filter((record) => !isAsOnTheWire(record))).toEqual([]);
    const texts = ordinaryRecords().every((record) =>
      Object.values(record).every((v) => typeof v === 'string'),
    );
    expect(texts).toBe(true);
    expect(Object.keys(ordinaryRecords()[0]!)).toEqual(Object.keys(WIRE));
    expect(ordinaryRecords().length).toBeGreaterThan(5_000);
  });

  test('is mostly heard by several access points in one second, the nearest of them strongest', () => {
    const seconds = new Map<string, number[]>();
    for (const { user_device_mac, occur_time, rssi } of ordinaryRecords()) {
      const key = `${user_device_mac} ${occur_time}`;
      const signals = seconds.get(key);
      if (signals === undefined) seconds.set(key, [Number(rssi)]);
      else signals.push(Number(rssi));
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

const WIRE = {
  id: /^\d{15}$/,
  shop_code: /^[SZ]\d+$/,
  ap_ip: /^10\.\d+\.\d+\.\d+$/,
  occur_time: /^\d{10}$/,
  user_device_mac: /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
  rssi: /^-[3-9]\d$/,
  ap_mac: /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
  pt: /^20240612$/,
};
