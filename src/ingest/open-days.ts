import type { Calendar } from '../calendar.ts';
import type { DayFold } from '../fold/day-fold.ts';
import type { LastPositions } from '../fold/last-positions.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { Store } from '../store/store.ts';
import type { Clock, DayArrival, EpochDay, Sightings } from '../terms.ts';
import { POSITIONS_BACK_S, PRESENT_S } from '../windows.ts';
import type { DayLedger } from './day-ledger.ts';
import type { MallRules } from './mall-rules.ts';

/** At most so many days of a mall are folded live; records of further days are kept, and count when they settle. */
export const OPEN_DAYS_MAX = 4;
/** "Present now" looks back, so a day that closed just after midnight is still looked at for a while. */
const CLOSED_KEPT_S = 2 * PRESENT_S;

/** Which days of a mall are folded live: opened by their first record, read back after a restart, closed when settled. */
export class OpenDays {
  readonly #parts: OpenDaysParts;
  /** Days that gave way to newer ones: their totals so far, until they settle. */
  readonly #evicted = new Map<EpochDay, DayFold>();
  #closed: { readonly fold: DayFold; readonly untilS: number }[] = [];

  constructor(parts: OpenDaysParts) {
    this.#parts = parts;
  }

  find(day: EpochDay): DayFold | undefined {
    return this.#parts.fold.find(day) ?? this.#evicted.get(day);
  }

  /** Those that `find` finds, ascending. */
  days(): EpochDay[] {
    return [...this.#parts.fold.openDays(), ...this.#evicted.keys()].sort((a, b) => a - b);
  }

  /** The folds in which somebody heard lately may stand: open ones, and those closed a moment ago. */
  recent(): DayFold[] {
    const { fold, clock } = this.#parts;
    const nowS = clock.nowS();
    this.#closed = this.#closed.filter(({ untilS }) => untilS > nowS);
    return [...fold.openDays().map((day) => fold.find(day)!), ...this.#closed.map((closed) => closed.fold)];
  }

  /** Makes room for the days of a batch before it is committed, so that its records are folded once, after it. */
  async prepare(arrivals: readonly DayArrival[]): Promise<void> {
    const { fold, ledger } = this.#parts;
    for (const { day } of arrivals) {
      const { arrival, settlement } = ledger.state(day);
      if (settlement !== null || fold.isOpen(day) || this.#evicted.has(day)) continue;
      if (arrival !== null) await this.open(day);
      else if (this.#makeRoom(day)) fold.openDay(day);
    }
  }

  fold(sightings: Sightings, receivedAtS: number): void {
    this.#parts.fold.fold(sightings, receivedAtS);
  }

  /**
   * Folds a day from its raw records, and leaves it open; does nothing when four newer days are, or when it has
   * settled meanwhile. Until it is done, and if it fails, what is answered stays. No commit of the mall may run.
   */
  async open(day: EpochDay): Promise<void> {
    const { fold, store, mall, ledger } = this.#parts;
    if (!fold.isOpen(day) && !this.#hasRoom(day)) return;
    const [counters] = await store.ingestDays(mall, { from: day, to: day });
    const { arrival } = ledger.state(day);
    fold.restoreWatermark(arrival?.newestReceiptS ?? 0, counters?.lastRecordS ?? 0);
    const rebuild = fold.rebuild(day);
    rebuild.fold.asOfS = arrival?.newestReceiptS ?? 0;
    for await (const chunk of store.rawOfDay(mall, day, 'quickest')) rebuild.take(chunk);
    if (ledger.state(day).settlement !== null) return;
    if (fold.isOpen(day) || this.#makeRoom(day)) fold.adopt(rebuild);
  }

  async refoldAll(): Promise<void> {
    for (const day of this.#parts.fold.openDays()) await this.open(day);
  }

  /** After a restart: the newest days that wait for their first settlement, and the last positions before them. */
  async restore(): Promise<void> {
    const { ledger, clock, rules, positions, store, mall, calendar } = this.#parts;
    const nowS = clock.nowS();
    const waiting = ledger
      .days()
      .filter((day) => ledger.state(day).settlement === null && !rules.isFrozen(day, nowS));
    const opening = waiting.slice(-OPEN_DAYS_MAX);
    for (const day of opening) await this.open(day);
    // The days that were opened have told their positions: only what lies outside them is read once more.
    const sinceS = nowS - POSITIONS_BACK_S;
    for (let day = calendar.dayOf(sinceS); day <= calendar.dayOf(nowS); day++) {
      if (opening.includes(day)) continue;
      const { fromS, untilS } = calendar.range(day);
      const range = { fromS: Math.max(fromS, sinceS), untilS: Math.min(untilS, nowS + 1) };
      for await (const chunk of store.lastSecondsBetween(mall, range)) {
        for (let i = 0; i < chunk.length; i++) positions.hear(chunk, i);
      }
    }
  }

  /** While a day settles, its totals stay as they are, until the returned function is called or the day is closed. */
  hold(day: EpochDay): () => void {
    return this.find(day)?.holdTotals() ?? (() => undefined);
  }

  /** The day has settled: its answers are the store's from now on. */
  close(day: EpochDay): void {
    const { fold, calendar, clock } = this.#parts;
    const closed = fold.closeDay(day);
    this.#evicted.delete(day);
    const untilS = calendar.range(day).untilS + CLOSED_KEPT_S;
    if (closed !== undefined && untilS > clock.nowS()) this.#closed.push({ fold: closed, untilS });
  }

  #hasRoom(day: EpochDay): boolean {
    const open = this.#parts.fold.openDays();
    return open.length < OPEN_DAYS_MAX || day > open[0]!;
  }

  #makeRoom(day: EpochDay): boolean {
    const { fold } = this.#parts;
    if (!this.#hasRoom(day)) return false;
    const open = fold.openDays();
    if (open.length < OPEN_DAYS_MAX) return true;
    const oldest = open[0]!;
    const evicted = fold.closeDay(oldest)!;
    evicted.forgetRows();
    this.#evicted.set(oldest, evicted);
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
  readonly rules: MallRules;
}
