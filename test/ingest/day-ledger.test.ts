import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar, parseDay } from '../../src/calendar.ts';
import { DayLedger, type LedgerEntry } from '../../src/ingest/day-ledger.ts';
import type { DropCounts } from '../../src/outcome.ts';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { DaySettlement, EpochDay, IngestDay } from '../../src/terms.ts';
import { columnsOf, commitOf, type Record } from '../store/examples.ts';

const MALL = 'm';
const calendar = new Calendar('Europe/Berlin');
const DAY = parseDay('2024-06-14')!;
/** Of 25 hours. */
const LONG_DAY = parseDay('2024-10-27')!;
const startOf = (day: EpochDay) => calendar.range(day).fromS;

const record = (day: EpochDay, afterS: number): Record => [day, 1, startOf(day) + afterS, 0, 0, -60];

const settlementOf = (day: EpochDay, upToCommit: number): DaySettlement => ({
  day,
  version: 1,
  settledAtS: startOf(day) + 100_000,
  upToCommit,
  lateSettlements: 0,
  visitGapS: 600,
});

const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/** A ledger of a mall that is new to its store. */
async function openLedger() {
  const { store } = await openDuckDbStore({ file: ':memory:' });
  opened.push(store);
  const kept = await store.openMall(MALL);
  const { codebook } = kept;
  const ledger = new DayLedger({ mall: MALL, store, calendar, kept });
  let commit = 0;
  const batch = (
    records: readonly Record[],
    receivedAtS: number,
    dropped: [EpochDay, DropCounts][] = [],
  ) => ({
    commit: ++commit,
    sightings: columnsOf(records),
    receivedAtS,
    droppedByDay: new Map(dropped),
  });
  /** Enters a batch and keeps it. */
  const enter = async (...given: Parameters<typeof batch>): Promise<LedgerEntry> => {
    const entering = batch(...given);
    const entry = await ledger.enter(entering);
    await store.commit(commitOf(MALL, entering.commit, codebook, given[0], entry));
    ledger.accept(entry);
    return entry;
  };
  /** The ledger of a process that starts with what this one kept. */
  const restarted = async () => {
    const states = await store.dayStates(MALL, { from: 0, to: 40_000 });
    const arrivals = states.flatMap(({ arrival }) => arrival ?? []);
    const kept = { commit, arrivals, settlements: [] };
    return new DayLedger({ mall: MALL, store, calendar, kept });
  };
  return { ledger, batch, enter, restarted };
}

function minutesOf({ minutes }: IngestDay): number[] {
  return Array.from({ length: minutes.length * 8 }, (_, m) => m).filter((m) => {
    return (minutes[m >> 3]! >> (m & 7)) & 1;
  });
}

describe('what a batch adds', () => {
  test('counts for nothing until it is accepted', async () => {
    const { ledger, batch } = await openLedger();
    const entering = batch([record(DAY, 60)], startOf(DAY) + 61, [[DAY, { malformed: 1 }]]);
    const entry = await ledger.enter(entering);
    expect(ledger.days()).toEqual([]);
    expect(await ledger.enter(entering)).toEqual(entry);
    ledger.accept(entry);
    expect(ledger.days()).toEqual([DAY]);
    const [counters] = (await ledger.enter(batch([record(DAY, 60)], startOf(DAY) + 62))).ingestDays;
    expect(counters).toMatchObject({ kept: 2, dropped: { malformed: 1 } });
  });

  test('is counted on the day of each record, dropped ones on the day of their receipt', async () => {
    const { enter } = await openLedger();
    const records = [record(DAY, 0), record(DAY - 1, 86_399), record(DAY, 59), record(DAY, 61)];
    const dropped: [EpochDay, DropCounts][] = [
      [DAY, { bad_time: 2 }],
      [DAY + 1, { malformed: 1 }],
    ];
    const { ingestDays, arrivals } = await enter(records, startOf(DAY) + 70, dropped);
    expect(
      ingestDays.map(({ day, kept, dropped, lastRecordS }) => [day, kept, dropped, lastRecordS]),
    ).toEqual([
      [DAY, 3, { bad_time: 2 }, startOf(DAY) + 61],
      [DAY - 1, 1, {}, startOf(DAY) - 1],
      [DAY + 1, 0, { malformed: 1 }, null],
    ]);
    expect(ingestDays.map(minutesOf)).toEqual([[0, 1], [1_439], []]);
    expect(arrivals.map(({ day }) => day)).toEqual([DAY, DAY - 1]);
  });

  test('marks the minutes of a day of 25 hours up to its end', async () => {
    const { enter } = await openLedger();
    const records = [7_200, 10_800, 89_999].map((afterS) => record(LONG_DAY, afterS));
    const { ingestDays } = await enter(records, startOf(LONG_DAY + 1));
    expect(minutesOf(ingestDays[0]!)).toEqual([120, 180, 1_499]);
  });

  test('goes on from the counters that the store has', async () => {
    const { enter, restarted, batch } = await openLedger();
    await enter([record(DAY, 60), record(DAY, 7_200)], startOf(DAY) + 7_200, [[DAY, { too_old: 3 }]]);
    const later = batch([record(DAY, 120)], startOf(DAY) + 7_300, [[DAY, { too_old: 1, bad_time: 1 }]]);
    const [counters] = (await (await restarted()).enter(later)).ingestDays;
    expect(counters).toMatchObject({ kept: 3, dropped: { too_old: 4, bad_time: 1 } });
    expect(counters!.lastRecordS).toBe(startOf(DAY) + 7_200);
    expect(minutesOf(counters!)).toEqual([1, 2, 120]);
  });

  test('comes to the same counters however the records are cut into batches', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -1, max: 1 }), fc.integer({ min: 0, max: 86_399 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 }),
        async (occurred, sizes) => {
          const records = occurred.map(([day, afterS]) => record(DAY + day, afterS));
          const whole = await (await openLedger()).enter(records, startOf(DAY + 2));
          const { enter } = await openLedger();
          const last = new Map<EpochDay, IngestDay>();
          for (let at = 0, cut = 0; at < records.length; cut++) {
            const size = sizes[cut % sizes.length]!;
            const { ingestDays } = await enter(records.slice(at, at + size), startOf(DAY + 2));
            for (const counters of ingestDays) last.set(counters.day, counters);
            at += size;
          }
          expect(last).toEqual(new Map(whole.ingestDays.map((counters) => [counters.day, counters])));
        },
      ),
      { numRuns: 15 },
    ));
});

describe('a day', () => {
  test('waits from its first record that no settlement counts; its newest receipt never goes back', async () => {
    const { ledger, enter } = await openLedger();
    await enter([record(DAY, 0)], 1_000);
    await enter([record(DAY, 0)], 1_200);
    await enter([record(DAY, 0)], 1_100);
    expect(ledger.state(DAY).arrival).toEqual({
      day: DAY,
      commit: 3,
      newestReceiptS: 1_200,
      waitingSinceS: 1_000,
    });
    expect(ledger.waits(DAY)).toBe(true);
    ledger.settled(settlementOf(DAY, 3));
    expect(ledger.waits(DAY)).toBe(false);
    await enter([record(DAY, 0)], 9_000);
    await enter([record(DAY, 0)], 9_500);
    expect(ledger.state(DAY).arrival).toMatchObject({
      commit: 5,
      newestReceiptS: 9_500,
      waitingSinceS: 9_000,
    });
    expect(ledger.waits(DAY)).toBe(true);
  });

  test('that got records while it settled waits again, from the newest of them', async () => {
    const { ledger, enter } = await openLedger();
    await enter([record(DAY, 0)], 1_000);
    await enter([record(DAY, 0)], 5_000);
    ledger.settled(settlementOf(DAY, 1));
    expect(ledger.waits(DAY)).toBe(true);
    expect(ledger.state(DAY).arrival).toMatchObject({ waitingSinceS: 5_000 });
  });

  test('that settles while a batch is being kept waits from the receipt of that batch', async () => {
    const { ledger, enter, batch } = await openLedger();
    await enter([record(DAY, 0)], 1_000);
    const entry = await ledger.enter(batch([record(DAY, 1)], 5_000));
    ledger.settled(settlementOf(DAY, 1));
    ledger.accept(entry);
    expect(ledger.state(DAY).arrival).toMatchObject({ commit: 2, waitingSinceS: 5_000 });
  });

  test('is not touched by records of other days, nor by dropped ones', async () => {
    const { ledger, enter } = await openLedger();
    await enter([record(DAY, 0)], 1_000);
    const before = ledger.state(DAY);
    await enter([record(DAY - 1, 0)], 2_000, [[DAY, { malformed: 1 }]]);
    expect(ledger.state(DAY)).toEqual(before);
    expect(ledger.days()).toEqual([DAY - 1, DAY]);
  });

  test('without a record is unknown, and waits for nothing', async () => {
    const { ledger } = await openLedger();
    expect(ledger.state(DAY)).toEqual({ day: DAY, arrival: null, settlement: null });
    expect(ledger.waits(DAY)).toBe(false);
  });
});
