import { describe, expect, test } from '@jest/globals';
import { Decoded } from '../../../src/decode/record-decoder.ts';
import type { Simulator } from '../../../src/ingest/simulator/simulator.ts';
import type { SimulatorOptions } from '../../../src/ingest/simulator/simulator-options.ts';
import type { DropReason } from '../../../src/outcome.ts';
import type { TimeRange } from '../../../src/terms.ts';
import { setUp } from '../../decode/decoding.ts';
import { expectShare, FAULTLESS, hoursOf, linesOf, simulatorWith, TIME_ZONE } from './simulating.ts';

describe('what goes wrong on the way', () => {
  const range = hoursOf('2024-06-14', 9, 21);
  const changes = { ...FAULTLESS, devicesPerDay: 600 };
  const sent = (faults: Partial<SimulatorOptions>) => simulatorWith({ ...changes, ...faults });
  const onTime = linesOf(sent({}), range);

  test('without faults every record arrives once, in the second in which it occurs, and is kept', () => {
    const { kept, late, dropped } = arrivedIn(sent({}), range);
    expect(dropped).toEqual({});
    expect(late).toEqual([]);
    expect(new Set(onTime).size).toBe(onTime.length);
    expect(kept).toBe(onTime.length);
  });

  test.each([
    ['late', { lateRate: 0.3, latenessSMax: 900 }],
    ['late within a second', { lateRate: 0.3, latenessSMax: 1 }],
    ['all late', { lateRate: 1, latenessSMax: 900 }],
  ])('records that are %s are the same records', (_, faults) => {
    const { latenessSMax } = faults;
    const arrived = linesOf(sent(faults), { ...range, untilS: range.untilS + latenessSMax });
    const occurredAtS = (line: string) => Number(JSON.parse(line).occur_time);
    const occurred = arrived.filter((line) => {
      const atS = occurredAtS(line);
      return atS >= range.fromS && atS < range.untilS;
    });
    expect(occurred.sort()).toEqual([...onTime].sort());
  });

  test('late records are as many as asked for, most by less than a minute, none by more than the limit', () => {
    const { records, late } = arrivedIn(sent({ lateRate: 0.2, latenessSMax: 900 }), range);
    expectShare(late.length, records, 0.2);
    const slightly = late.filter((lateS) => lateS < 60).length;
    expect(slightly / late.length).toBeGreaterThan(0.8);
    expect(slightly / late.length).toBeLessThan(0.85);
    expect(Math.max(...late)).toBeLessThanOrEqual(900);
  });

  test('repeated records are as many as asked for, and come again within 5 minutes', () => {
    const lines = linesOf(sent({ repeatedRate: 0.1 }), { ...range, untilS: range.untilS + 300 });
    const times = new Map<string, number>();
    for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
    const inside = [...times].filter(([line]) => Number(JSON.parse(line).occur_time) < range.untilS);
    expectShare(inside.filter(([, count]) => count === 2).length, inside.length, 0.1);
    expect(Math.max(...times.values())).toBe(2);
  });

  test('damaged records are as many as asked for, and are dropped for every reason that a record can have', () => {
    const { records, dropped } = arrivedIn(sent({ damagedRate: 0.09 }), range);
    const byDamage: [DropReason, kinds: number][] = [
      ['malformed', 2],
      ['bad_device', 3],
      ['bad_time', 2],
      ['too_old', 1],
      ['from_future', 1],
    ];
    expect(Object.keys(dropped).sort()).toEqual(byDamage.map(([reason]) => reason).sort());
    for (const [reason, kinds] of byDamage) expectShare(dropped[reason] ?? 0, records, kinds * 0.01);
  });
});

/** What arrived, second by second: how many records, how many of them kept, and by how much the late ones were. */
function arrivedIn(simulator: Simulator, range: TimeRange) {
  const { decoder } = setUp({ timeZone: TIME_ZONE });
  const decoded = new Decoded();
  const late: number[] = [];
  for (let atS = range.fromS; atS < range.untilS; atS++) {
    const before = decoded.sightings.length;
    for (const { bytes } of simulator.chunks({ fromS: atS, untilS: atS + 1 })) {
      decoder.decode(bytes, range.untilS, decoded);
    }
    const { occurredAtS, length } = decoded.sightings;
    for (let i = before; i < length; i++) {
      if (occurredAtS[i]! < atS) late.push(atS - occurredAtS[i]!);
    }
  }
  return { records: decoded.lines, kept: decoded.sightings.length, late, dropped: decoded.dropped };
}
