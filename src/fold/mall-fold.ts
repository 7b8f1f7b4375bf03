import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { EpochDay, Sightings } from '../terms.ts';
import type { CustomerRecord } from './customer-record.ts';
import { DayFold } from './day-fold.ts';
import { DayRebuild } from './day-rebuild.ts';
import type { LastPositions } from './last-positions.ts';
import { WaitingSightings } from './waiting-sightings.ts';

/** What happened before, whoever folded the day until now has surely handed on. */
const LATELY_S = 900;

/**
 * One mall, live. A record is heard at once by the day it belongs to, by the customer record and by the last
 * positions. It is placed, that is, takes part in visits, once the watermark has passed its second:
 *
 *     watermark = min(newest receipt, latest occurrence) − lateness
 *
 * Until then it waits, so that the records of every device are placed in the order of their seconds, however
 * they arrived. A record that comes behind the watermark is not placed; the settlement of its day brings it in.
 * The watermark never goes back.
 */
export class MallFold {
  readonly #options: MallFoldOptions;
  readonly #days = new Map<EpochDay, DayFold>();
  readonly #changedDays = new Set<EpochDay>();
  /** New customers of the open days when they were told last. */
  readonly #newTold = new Map<EpochDay, number>();
  readonly #waiting = new WaitingSightings();
  #newestReceiptS = 0;
  #latestOccurredS = 0;
  #watermarkS = 0;
  /** Since when no record has come; undefined while nobody has looked at the clock and none came. */
  #quietSinceS: number | undefined;
  /** The clock when it was looked at last. */
  #clockS = 0;

  constructor(options: MallFoldOptions) {
    this.#options = options;
  }

  /** Seconds up to this one, itself included, are decided; 0 before the first record. */
  get watermarkS(): number {
    return this.#watermarkS;
  }

  /** Records that the watermark has not passed. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ascending. */
  openDays(): EpochDay[] {
    return [...this.#days.keys()].sort((a, b) => a - b);
  }

  isOpen(day: EpochDay): boolean {
    return this.#days.has(day);
  }

  find(day: EpochDay): DayFold | undefined {
    return this.#days.get(day);
  }

  /** Begins to fold a day that has no record yet. Whoever opens days closes one before there are too many. */
  openDay(day: EpochDay): DayFold {
    if (this.#days.has(day)) throw new Error(`day ${day} is open already`);
    const fold = this.#newFold(day);
    this.#open(fold);
    return fold;
  }

  /** Begins to fold a day from its raw records, with the settings of now. What is answered of it stays as it is. */
  rebuild(day: EpochDay): DayRebuild {
    return new DayRebuild(this.#newFold(day), this.#watermarkS, this.#options.positions);
  }

  /** Opens a day as it was rebuilt, or puts it in the place of what was open. No record may have been folded since. */
  adopt({ day, fold, waiting }: DayRebuild): void {
    const { customers } = this.#options;
    fold.changes?.defer(this.#latestOccurredS - LATELY_S);
    this.#waiting.drop(day);
    this.#open(fold);
    fold.forEachDevice((device, firstS, lastS) => customers.seeRange(device, firstS, lastS));
    waiting.release(Number.POSITIVE_INFINITY, (second) => {
      for (let i = 0; i < second.length; i++) this.#waiting.add(second, i);
    });
    this.#release();
  }

  /** Lets go of a day, with the answers that it has; undefined when it is not open. */
  closeDay(day: EpochDay): DayFold | undefined {
    const fold = this.#days.get(day);
    if (fold === undefined) return undefined;
    this.#waiting.drop(day);
    this.#days.delete(day);
    this.#newTold.delete(day);
    this.#changedDays.add(day);
    return fold;
  }

  /** The answers of all open days may have changed by what the fold does not see: another list of shops. */
  touch(): void {
    for (const day of this.#days.keys()) this.#changedDays.add(day);
  }

  /** Folds a batch that is kept, and moves the watermark. Records of days that are not open only move positions. */
  fold(sightings: Sightings, receivedAtS: number): void {
    const { customers, positions } = this.#options;
    this.#newestReceiptS = Math.max(this.#newestReceiptS, receivedAtS);
    this.#quietSinceS = Math.max(this.#newestReceiptS, this.#clockS);
    let day: EpochDay | undefined;
    let fold: DayFold | undefined;
    for (let i = 0; i < sightings.length; i++) {
      if (sightings.day[i] !== day) {
        day = sightings.day[i]!;
        fold = this.#days.get(day);
        if (fold !== undefined) {
          fold.asOfS = Math.max(fold.asOfS, receivedAtS);
          this.#changedDays.add(day);
        }
      }
      const atS = sightings.occurredAtS[i]!;
      if (atS > this.#latestOccurredS) this.#latestOccurredS = atS;
      positions.hear(sightings, i);
      if (fold === undefined) continue;
      fold.hear(sightings, i);
      customers.see(sightings.device[i]!, atS);
      if (atS > this.#watermarkS) this.#waiting.add(sightings, i);
    }
    this.#followRecords();
  }

  /** The clock, about once a second: when no record has come for the lateness allowance, it moves the watermark. */
  advance(nowS: number): void {
    this.#clockS = nowS;
    this.#quietSinceS ??= nowS;
    const latenessS = this.#options.latenessS();
    if (nowS - this.#quietSinceS >= latenessS) this.#moveWatermark(nowS - latenessS);
  }

  /** Before a day is rebuilt: what its records say about the watermark. */
  restoreWatermark(newestReceiptS: number, latestOccurredS: number): void {
    this.#newestReceiptS = Math.max(this.#newestReceiptS, newestReceiptS);
    this.#latestOccurredS = Math.max(this.#latestOccurredS, latestOccurredS);
    this.#followRecords();
  }

  /** Days whose answers may have changed since the last call, ascending; those opened or closed are among them. */
  takeChangedDays(): EpochDay[] {
    for (const day of this.#days.keys()) {
      // A late record of another day, or an imported customer, changes who is new without a record of this day.
      const newCustomers = this.#options.customers.newOn(day);
      if (this.#newTold.get(day) === newCustomers) continue;
      this.#newTold.set(day, newCustomers);
      this.#changedDays.add(day);
    }
    const days = [...this.#changedDays].sort((a, b) => a - b);
    this.#changedDays.clear();
    return days;
  }

  #newFold(day: EpochDay): DayFold {
    const { calendar, codebook, customers, visitGapS, tracksChanges = false } = this.#options;
    const newCustomers = () => customers.newOn(day);
    return new DayFold({ day, calendar, codebook, visitGapS: visitGapS(), newCustomers, tracksChanges });
  }

  #open(fold: DayFold): void {
    const { openDaysMax = 4 } = this.#options;
    if (!this.#days.has(fold.day) && this.#days.size >= openDaysMax) {
      throw new Error(`${openDaysMax} days are open: close one first`);
    }
    this.#days.set(fold.day, fold);
    this.#changedDays.add(fold.day);
  }

  #followRecords(): void {
    const latestS = Math.min(this.#newestReceiptS, this.#latestOccurredS);
    this.#moveWatermark(latestS - this.#options.latenessS());
  }

  #moveWatermark(toS: number): void {
    if (toS <= this.#watermarkS) return;
    this.#watermarkS = toS;
    this.#release();
  }

  /** Places what the watermark has passed. */
  #release(): void {
    this.#waiting.release(this.#watermarkS, (second) => {
      const day = second.day[0]!;
      const fold = this.#days.get(day)!;
      for (let i = 0; i < second.length; i++) fold.place(second, i);
      this.#changedDays.add(day);
    });
  }
}

export interface MallFoldOptions {
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly customers: CustomerRecord;
  readonly positions: LastPositions;
  /** The settings in force; a day keeps the visit gap that it was opened with. */
  readonly latenessS: () => number;
  readonly visitGapS: () => number;
  readonly openDaysMax?: number;
  /** Whether rows of open days that changed can be taken; it costs 5 bytes a row, and time. */
  readonly tracksChanges?: boolean;
}
