import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar } from '../../src/calendar.ts';
import type { EpochDay } from '../../src/terms.ts';
import { answersOf, byDevice, drained } from './folding.ts';
import { createLiveFold, type LiveFold, lastPositionsByTheRules, positionsSince } from './live-fold.ts';
import { type RandomDays, randomDays, shuffled, visitGapS } from './random-records.ts';
import { type DayAnswers, dayByTheRules, devicesByTheRules, type Heard } from './reference.ts';

const RUNS = { numRuns: 150 };

function openedAll({ zone }: RandomDays, options: { latenessS: number; visitGapS: number }): LiveFold {
  const live = createLiveFold({ calendar: new Calendar(zone.timeZone), ...options });
  for (const { day } of zone.days) live.fold.openDay(day);
  return live;
}

/** The answers of every day by the rules. */
function expectedDays(
  { zone }: RandomDays,
  heard: readonly Heard[],
  placed: readonly Heard[],
  gapS: number,
): DayAnswers[] {
  return zone.days.map(({ fromS, hourStartsS }) => {
    const untilS = fromS + hourStartsS.length * 3_600;
    const ofDay = ({ atS }: Heard) => atS >= fromS && atS < untilS;
    return dayByTheRules(heard.filter(ofDay), placed.filter(ofDay), { visitGapS: gapS, hourStartsS });
  });
}

function livedDays({ zone }: RandomDays, { fold, codebook }: LiveFold): DayAnswers[] {
  return zone.days.map(({ day }) => answersOf(fold.find(day)!, codebook));
}

/** Rebuilds a day record by record; in the middle of it, the watermark moves. */
function restoreDay(
  live: LiveFold,
  day: EpochDay,
  records: readonly Heard[],
  receivedAtS: number,
  latestS: number,
): void {
  const rebuild = live.fold.rebuild(day);
  const { calendar } = live;
  const ofDay = byDevice(records).filter(({ atS }) => calendar.dayOf(atS) === day);
  for (const [i, record] of ofDay.entries()) {
    if (i === ofDay.length >> 1) live.fold.restoreWatermark(receivedAtS, latestS);
    live.take(rebuild, [record]);
  }
  live.fold.adopt(rebuild);
}

/** A record, and how long after its second it arrives: before it, where its clock is ahead. */
interface Arrival {
  readonly record: Heard;
  readonly receivedAtS: number;
}

describe('records that come within the lateness allowance, in any order', () => {
  const latenessS = fc.constantFrom(1, 5, 60, 3_600);
  const days = fc.tuple(randomDays, latenessS, visitGapS).chain(([random, allowedS, gapS]) => {
    const delaysS = fc.array(fc.integer({ min: -30, max: allowedS - 1 }), {
      minLength: random.records.length,
      maxLength: random.records.length,
    });
    const arrivals = fc
      .tuple(shuffled(random.records), delaysS)
      .map(([records, delayS]): Arrival[] =>
        records
          .map((record, i) => ({ record, receivedAtS: record.atS + delayS[i]! }))
          .sort((a, b) => a.receivedAtS - b.receivedAtS),
      );
    return fc.record({
      random: fc.constant(random),
      latenessS: fc.constant(allowedS),
      visitGapS: fc.constant(gapS),
      arrivals,
    });
  });

  test('end in the answers of the rules, live, restored and drained', () =>
    fc.assert(
      fc.property(days, ({ random, arrivals, ...settings }) => {
        const { records } = random;
        const live = openedAll(random, settings);
        let lastS = 0;
        for (const { record, receivedAtS } of arrivals) {
          live.fold.advance(receivedAtS);
          live.receive([record], receivedAtS);
          lastS = receivedAtS;
        }
        const latestS = Math.max(lastS, ...records.map(({ atS }) => atS));
        live.fold.advance(latestS + settings.latenessS);
        live.fold.advance(latestS + 2 * settings.latenessS);
        expect(live.fold.waiting).toBe(0);
        const expected = expectedDays(random, records, records, settings.visitGapS);
        expect(livedDays(random, live)).toEqual(expected);

        const restored = openedAll(random, settings);
        for (const { day } of random.zone.days) restoreDay(restored, day, records, lastS, latestS);
        restored.fold.advance(latestS);
        restored.fold.advance(latestS + settings.latenessS);
        expect(livedDays(random, restored)).toEqual(expected);
        expect(positionsSince(restored, 0, 0)).toEqual(lastPositionsByTheRules(records, 0));

        for (const [i, { day, fromS, hourStartsS }] of random.zone.days.entries()) {
          const ofDay = records.filter(({ atS }) => atS >= fromS && atS < fromS + hourStartsS.length * 3_600);
          expect(drained(live.fold.find(day)!, live.codebook)).toEqual({
            devices: devicesByTheRules(ofDay, hourStartsS),
            shopDays: expected[i]!.shopDays,
          });
        }
      }),
      RUNS,
    ));
});

/** Devices whose first second of all lies on a day. */
function newOn(calendar: Calendar, day: EpochDay, heard: readonly Heard[]): number {
  const firstS = new Map<number, number>();
  for (const { device, atS } of heard) firstS.set(device, Math.min(atS, firstS.get(device) ?? atS));
  return [...firstS.values()].filter((atS) => calendar.dayOf(atS) === day).length;
}

/** A batch that is received, or nothing but the clock, so many seconds after the step before. */
interface Step {
  readonly afterS: number;
  readonly records: readonly Heard[] | undefined;
}

/** The watermark by its rule, of everything that happened so far. */
class Watermark {
  atS = 0;
  readonly #latenessS: number;
  #receiptS = 0;
  #occurredS = 0;
  #lookedAtS: number | undefined;

  constructor(latenessS: number) {
    this.#latenessS = latenessS;
  }

  received(records: readonly Heard[], receivedAtS: number): void {
    this.#receiptS = receivedAtS;
    this.#occurredS = Math.max(this.#occurredS, ...records.map(({ atS }) => atS));
    this.#lookedAtS = receivedAtS;
    this.atS = Math.max(this.atS, Math.min(this.#receiptS, this.#occurredS) - this.#latenessS);
  }

  looked(nowS: number): void {
    this.#lookedAtS ??= nowS;
    if (nowS - this.#lookedAtS >= this.#latenessS) this.atS = Math.max(this.atS, nowS - this.#latenessS);
  }
}

describe('records that come however late, between looks at the clock', () => {
  const steps = fc.tuple(randomDays, visitGapS).chain(([random, gapS]) =>
    fc
      .tuple(
        shuffled(random.records),
        fc.array(
          fc.record({
            afterS: fc.oneof(fc.constantFrom(0, 1, 19, 20), fc.nat(4_000)),
            size: fc.option(fc.nat(6)),
          }),
          { minLength: 3, maxLength: 12 },
        ),
      )
      .map(([records, planned]) => {
        let taken = 0;
        const steps: Step[] = planned.map(({ afterS, size }) => {
          const batch = size === null ? undefined : records.slice(taken, taken + size);
          taken += batch?.length ?? 0;
          return { afterS, records: batch };
        });
        return { random, visitGapS: gapS, steps };
      }),
  );

  test('count at once as sets, and as visits unless they come behind the watermark, at every moment', () =>
    fc.assert(
      fc.property(steps, ({ random, visitGapS: gapS, steps }) => {
        const live = openedAll(random, { latenessS: 20, visitGapS: gapS });
        const watermark = new Watermark(20);
        const heard: Heard[] = [];
        const inTime: Heard[] = [];
        let nowS = random.zone.days[1]!.fromS;
        let before = livedDays(random, live);
        live.fold.takeChangedDays();
        for (const { afterS, records } of steps) {
          nowS += afterS;
          if (records === undefined) {
            live.fold.advance(nowS);
            watermark.looked(nowS);
          } else {
            live.receive(records, nowS);
            heard.push(...records);
            inTime.push(...records.filter(({ atS }) => atS > watermark.atS));
            watermark.received(records, nowS);
          }
          expect(live.fold.watermarkS).toBe(watermark.atS);
          const placed = inTime.filter(({ atS }) => atS <= watermark.atS);
          const after = livedDays(random, live);
          expect(after).toEqual(expectedDays(random, heard, placed, gapS));
          expect(live.fold.waiting).toBe(inTime.length - placed.length);
          expect(positionsSince(live, 0, watermark.atS)).toEqual(
            lastPositionsByTheRules(heard, watermark.atS),
          );
          const changed = live.fold.takeChangedDays();
          for (const [i, { day }] of random.zone.days.entries()) {
            expect(live.fold.find(day)!.totals().newCustomers).toBe(newOn(live.calendar, day, heard));
            if (JSON.stringify(before[i]) !== JSON.stringify(after[i])) expect(changed).toContain(day);
          }
          before = after;
        }
      }),
      RUNS,
    ));
});
