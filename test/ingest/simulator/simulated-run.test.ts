import { describe, expect, test } from '@jest/globals';
import { parseDay } from '../../../src/calendar.ts';
import { firstRecords } from '../../../src/ingest/simulator/simulated-run.ts';
import { SimulatedSource } from '../../../src/ingest/simulator/simulated-source.ts';
import { devicesPerDayFor } from '../../../src/ingest/simulator/simulator-options.ts';
import type { SourceBody } from '../../../src/ingest/source.ts';
import { daysOf, FAULTLESS, linesOf, planWith, simulatorWith, TIME_ZONE, textOf } from './simulating.ts';

const DAYS = { from: parseDay('2024-06-12')!, to: parseDay('2024-06-13')! };
const RANGE = daysOf('2024-06-12', '2024-06-13');

describe('the first records of some days', () => {
  const changes = { devicesPerDay: 60 };
  const first = (records: number) =>
    Buffer.concat([...firstRecords(simulatorWith(changes), TIME_ZONE, DAYS, records)]).toString();
  const all = linesOf(simulatorWith(changes), RANGE);

  test.each([1, 999, all.length - 1, all.length])('are exactly as many as asked for: %d', (records) => {
    expect(first(records)).toBe(`${all.slice(0, records).join('\n')}\n`);
  });

  test('are all there are, when more are asked for', () => {
    expect(first(all.length + 1)).toBe(`${all.join('\n')}\n`);
  });
});

test.each([20_000, 60_000])(
  'a run of %d records is all but complete with the devices worked out for it',
  (records) => {
    const plan = planWith();
    const devicesPerDay = devicesPerDayFor({ plan, days: DAYS, records, recordsPerDevice: 30 });
    const made = simulatorWith({ ...FAULTLESS, plan, devicesPerDay, recordsPerDevice: 30 }).count(RANGE);
    expect(made).toBeGreaterThanOrEqual(records);
    expect(made).toBeLessThan(1.1 * records);
  },
);

describe('a simulated mall as a source', () => {
  const startS = RANGE.fromS + 12 * 3_600;

  /** Reads a source whose clock goes on by so many seconds at each pause, for some pauses. */
  async function readFor(pauses: number, stepS: number, after?: string): Promise<SourceBody[]> {
    let nowS = after === undefined ? startS : Number(after);
    let paused = 0;
    const source = new SimulatedSource(simulatorWith(), { nowS: () => nowS }, async () => {
      nowS += stepS;
      if (++paused > pauses) await source.close();
    });
    const bodies: SourceBody[] = [];
    for await (const body of source.bodies(after))
      bodies.push({ ...body, bytes: new Uint8Array(body.bytes) });
    return bodies;
  }

  const textFrom = (bodies: readonly SourceBody[]) => bodies.map(({ bytes }) => Buffer.from(bytes)).join('');

  test('hands over what arrives as the clock goes on, received at that moment', async () => {
    const bodies = await readFor(60, 1);
    expect(textFrom(bodies)).toBe(textOf(simulatorWith(), { fromS: startS, untilS: startS + 60 }));
    for (const { receivedAtS, position } of bodies) expect(receivedAtS).toBe(Number(position));
  });

  test('goes on exactly where it was left off, and makes up for the time it was away', async () => {
    const before = await readFor(20, 3);
    const { position } = before.at(-1)!;
    const after = await readFor(1, 600, position);
    const untilS = Number(position) + 600;
    expect(textFrom([...before, ...after])).toBe(textOf(simulatorWith(), { fromS: startS, untilS }));
  });
});
