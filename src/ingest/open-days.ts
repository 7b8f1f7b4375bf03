import type { Calendar } from '../calendar.ts';
import type { DayFold } from '../fold/day-fold.ts';
import type { LastPositions } from '../fold/last-positions.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { Store } from '../store/store.ts';
import type { Clock, DayArrival, EpochDay, Sightings } from '../terms.ts';
import type { DayLedger } from './day-ledger.ts';

/** At most so many days of a mall are folded live; records of further days are kept, and count when they settle. */
export const OPEN_DAYS_MAX = 4;
/** Last positions are answered up to 25 hours back. */
const POSITIONS_BACK_S = 90_000;
/** "Present now" looks 600 s back, so a day that closed just after midnight is still looked at for a while. */
const CLOSED_KEPT_S = 1_200;

/** Which days of a mall are folded live: opened by their first record, read back after a restart, closed when settled. */
export class OpenDays {
  readonly #parts: OpenDaysParts;
  /** Days that gave way to newer ones: their counts so far, until they settle. */
  readonly #evicted = new Map<EpochDay, DayFold>();
  #closed: { readonly fold: DayFold; readonly untilS: number }[] = [];

  constructor(parts: OpenDaysParts) {
    this.#parts = parts;
  }

  find(day: EpochDay): DayFold | undefined {
    return this.#parts.fold.find(day) ?? this.#evicted.get(day);
  }

  /** The folds in which somebody heard lately may stand: open ones, and those closed a moment ago. */
  recent(): DayFold[] {
    const { fold } = this.#parts;
    return [...fold.openDays().map((day) => fold.find(day)!), ...this.#closed.map((closed) => closed.fold)];
  }

  /** Makes room for the days of a batch before it is committed, so that its records are folded once, after it. */
  async prepare(arrivals: readonly DayArrival[]): Promise<void> {
    const { fold, ledger } = this.#parts;
    for (const { day } of arrivals) {
      const { arrival, settlement } = ledger.state(day);
      if (settlement !== null || fold.isOpen(day) || this.#evicted.has(day) || !this.#makeRoom(day)) continue;
      if (arrival === null) fold.openDay(day);
      else await this.refold(day);
    }
  }

  fold(sightings: Sightings, receivedAtS: number): void {
    this.#parts.fold.fold(sightings, receivedAtS);
  }

  /** Folds a day again from its raw records, and leaves it open. No commit of the mall may run meanwhile. */
  async refold(day: EpochDay): Promise<void> {
    const { fold, store, mall, ledger } = this.#parts;
    const [counters] = await store.ingestDays(mall, { from: day, to: day });
    const { arrival } = ledger.state(day);
    const dayFold = fold.isOpen(day) ? fold.reopenDay(day) : fold.openDay(day);
    fold.restoreWatermark(arrival?.newestReceiptS ?? 0, counters?.lastRecordS ?? 0);
    for await (const chunk of store.rawOfDay(mall, day)) fold.restore(chunk);
    dayFold.asOfS = arrival?.newestReceiptS ?? 0;
  }

  async refoldAll(): Promise<void> {
    for (const day of this.#parts.fold.openDays()) await this.refold(day);
  }

  /** As `refold`, of a day that may not be folded yet; does nothing when four newer days are. */
  async open(day: EpochDay): Promise<void> {
    if (this.#parts.fold.isOpen(day) || this.#makeRoom(day)) await this.refold(day);
  }

  /** After a restart: the newest days that wait for their first settlement, and the last positions before them. */
  async restore(): Promise<void> {
    const { ledger, clock, isFrozen, positions, store, mall } = this.#parts;
    const nowS = clock.nowS();
    const waiting = ledger.days().filter((day) => ledger.state(day).settlement === null && !isFrozen(day));
    const opening = waiting.slice(-OPEN_DAYS_MAX);
    for (const day of opening) await this.refold(day);
    const range = { fromS: nowS - POSITIONS_BACK_S, untilS: nowS + 1 };
    for await (const chunk of store.lastSecondsBetween(mall, range)) {
      for (let i = 0; i < chunk.length; i++) {
        if (!opening.includes(chunk.day[i]!)) positions.hear(chunk, i);
      }
    }
  }

  /** The day has settled: its answers are the store's from now on. */
  close(day: EpochDay): void {
    const closed = this.#parts.fold.closeDay(day);
    this.#evicted.delete(day);
    const untilS = this.#parts.calendar.range(day).untilS + CLOSED_KEPT_S;
    const nowS = this.#parts.clock.nowS();
    this.#closed = this.#closed.filter((kept) => kept.untilS > nowS);
    if (closed !== undefined && untilS > nowS) this.#closed.push({ fold: closed, untilS });
  }

  #makeRoom(day: EpochDay): boolean {
    const { fold } = this.#parts;
    const open = fold.openDays();
    if (open.length < OPEN_DAYS_MAX) return true;
    const oldest = Math.min(...open);
    if (day < oldest) return false;
    const evicted = fold.closeDay(oldest);
    if (evicted !== undefined) {
      evicted.drain();
      this.#evicted.set(oldest, evicted);
    }
    return true;
  }
}

export interface OpenDaysParts {
  readonly mall: string;
  readonly store: Store;
  readonly calendar: Calendar;
  readonly fold: MallFold;
  readonly positions: LastPositions;
  readonly ledger: DayLedger;
  readonly clock: Clock;
  /** Whether records of a day are refused now. */
  readonly isFrozen: (day: EpochDay) => boolean;
}
