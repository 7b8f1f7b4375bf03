import type { Calendar } from '../calendar.ts';
import { addDropped, type DropCounts } from '../outcome.ts';
import type { KeptMall, Store } from '../store/store.ts';
import type { DayArrival, DaySettlement, DayState, EpochDay, IngestDay, Sightings } from '../terms.ts';

/** Bytes of a day's minute marks: 1,680 bits, 28 hours. */
const MINUTE_BYTES = 210;

/** What a batch adds to the books, ready to be committed; nothing of it counts before `accept`. */
export interface LedgerEntry {
  readonly commit: number;
  /** Newest receipt in the batch. */
  readonly receivedAtS: number;
  readonly arrivals: readonly DayArrival[];
  readonly ingestDays: readonly IngestDay[];
}

/** A batch as the ledger sees it. */
export interface LedgerBatch {
  readonly commit: number;
  readonly sightings: Sightings;
  /** Newest receipt in the batch. */
  readonly receivedAtS: number;
  /** By the local day of their receipt. */
  readonly droppedByDay: ReadonlyMap<EpochDay, DropCounts>;
}

/** The books of one mall: for every day its newest arrival, its settlement, and its counters of records. */
export class DayLedger {
  readonly #mall: string;
  readonly #store: Store;
  readonly #calendar: Calendar;
  readonly #arrivals = new Map<EpochDay, DayArrival>();
  readonly #settlements = new Map<EpochDay, DaySettlement>();
  readonly #counters = new Map<EpochDay, IngestDay>();

  #lastCommit: number;

  constructor(options: {
    mall: string;
    store: Store;
    calendar: Calendar;
    kept: Pick<KeptMall, 'commit' | 'arrivals' | 'settlements'>;
  }) {
    const { mall, store, calendar, kept } = options;
    this.#mall = mall;
    this.#store = store;
    this.#calendar = calendar;
    this.#lastCommit = kept.commit;
    for (const arrival of kept.arrivals) this.#arrivals.set(arrival.day, arrival);
    for (const settlement of kept.settlements) this.#settlements.set(settlement.day, settlement);
  }

  /** Number of the newest commit that is kept. */
  get lastCommit(): number {
    return this.#lastCommit;
  }

  state(day: EpochDay): DayState {
    return {
      day,
      arrival: this.#arrivals.get(day) ?? null,
      settlement: this.#settlements.get(day) ?? null,
    };
  }

  /** Every day with a record, ascending. */
  days(): EpochDay[] {
    return [...this.#arrivals.keys()].sort((a, b) => a - b);
  }

  settlements(): IterableIterator<DaySettlement> {
    return this.#settlements.values();
  }

  /** Whether the day has records that no settlement counts. */
  waits(day: EpochDay): boolean {
    const arrival = this.#arrivals.get(day);
    return arrival !== undefined && arrival.commit > (this.#settlements.get(day)?.upToCommit ?? 0);
  }

  /** The batch of an entry is kept. */
  accept(entry: LedgerEntry): void {
    this.#lastCommit = entry.commit;
    // Worked out again: the day may have been settled since the entry was made, and then waits only from now on.
    for (const { day } of entry.arrivals) this.#arrivals.set(day, this.#arrival(day, entry));
    for (const counters of entry.ingestDays) this.#counters.set(counters.day, counters);
  }

  settled(settlement: DaySettlement): void {
    this.#settlements.set(settlement.day, settlement);
    const arrival = this.#arrivals.get(settlement.day);
    if (arrival !== undefined && arrival.commit > settlement.upToCommit) {
      this.#arrivals.set(settlement.day, { ...arrival, waitingSinceS: arrival.newestReceiptS });
    }
  }

  /** Works out what a batch adds. Reads the counters of days it has not met from the store. */
  async enter(batch: LedgerBatch): Promise<LedgerEntry> {
    const kept = this.#tally(batch.sightings);
    await this.#load([...kept.keys(), ...batch.droppedByDay.keys()]);
    const ingestDays = new Map<EpochDay, IngestDay>();
    for (const [day, tally] of kept) ingestDays.set(day, addKept(this.#countersOf(day), tally));
    for (const [day, counts] of batch.droppedByDay) {
      const before = ingestDays.get(day) ?? this.#countersOf(day);
      const dropped = { ...before.dropped };
      addDropped(dropped, counts);
      ingestDays.set(day, { ...before, dropped });
    }
    const arrivals = [...kept.keys()].map((day) => this.#arrival(day, batch));
    const { commit, receivedAtS } = batch;
    return { commit, receivedAtS, arrivals, ingestDays: [...ingestDays.values()] };
  }

  #arrival(day: EpochDay, batch: { commit: number; receivedAtS: number }): DayArrival {
    const before = this.#arrivals.get(day);
    return {
      day,
      commit: batch.commit,
      newestReceiptS: Math.max(before?.newestReceiptS ?? 0, batch.receivedAtS),
      waitingSinceS: before !== undefined && this.waits(day) ? before.waitingSinceS : batch.receivedAtS,
    };
  }

  #tally(sightings: Sightings): Map<EpochDay, DayTally> {
    const tallies = new Map<EpochDay, DayTally>();
    let tally: DayTally | undefined;
    for (let i = 0; i < sightings.length; i++) {
      const day = sightings.day[i]!;
      if (tally?.day !== day) {
        tally = tallies.get(day);
        if (tally === undefined) {
          tally = new DayTally(day, this.#calendar.range(day).fromS);
          tallies.set(day, tally);
        }
      }
      tally.add(sightings.occurredAtS[i]!);
    }
    return tallies;
  }

  async #load(days: readonly EpochDay[]): Promise<void> {
    const missing = days.filter((day) => !this.#counters.has(day));
    if (missing.length === 0) return;
    const range = { from: Math.min(...missing), to: Math.max(...missing) };
    const known = new Map<EpochDay, IngestDay>();
    for (const row of await this.#store.ingestDays(this.#mall, range)) known.set(row.day, row);
    for (const day of missing) this.#counters.set(day, known.get(day) ?? emptyCounters(day));
  }

  #countersOf(day: EpochDay): IngestDay {
    return this.#counters.get(day) ?? emptyCounters(day);
  }
}

/** Kept records of one day in one batch. */
class DayTally {
  readonly day: EpochDay;
  readonly #startS: number;
  readonly minutes = new Uint8Array(MINUTE_BYTES);
  kept = 0;
  lastRecordS = 0;

  constructor(day: EpochDay, startS: number) {
    this.day = day;
    this.#startS = startS;
  }

  add(occurredAtS: number): void {
    const minute = ((occurredAtS - this.#startS) / 60) | 0;
    this.minutes[minute >> 3]! |= 1 << (minute & 7);
    this.kept++;
    if (occurredAtS > this.lastRecordS) this.lastRecordS = occurredAtS;
  }
}

function emptyCounters(day: EpochDay): IngestDay {
  return { day, kept: 0, dropped: {}, minutes: new Uint8Array(MINUTE_BYTES), lastRecordS: null };
}

function addKept(before: IngestDay, tally: DayTally): IngestDay {
  const minutes = new Uint8Array(MINUTE_BYTES);
  for (let i = 0; i < MINUTE_BYTES; i++) minutes[i] = (before.minutes[i] ?? 0) | tally.minutes[i]!;
  return {
    ...before,
    kept: before.kept + tally.kept,
    minutes,
    lastRecordS: Math.max(before.lastRecordS ?? 0, tally.lastRecordS),
  };
}
