import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { EpochDay, Sightings } from '../terms.ts';
import type { CustomerRecord } from './customer-record.ts';
import { DayFold } from './day-fold.ts';
import type { LastPositions } from './last-positions.ts';
import { WaitingSightings } from './waiting-sightings.ts';

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

  /** Begins to fold a day. Whoever opens days closes one before there are too many: this throws. */
  openDay(day: EpochDay): DayFold {
    const { openDaysMax = 4 } = this.#options;
    if (this.#days.has(day)) throw new Error(`day ${day} is open already`);
    if (this.#days.size >= openDaysMax) throw new Error(`${openDaysMax} days are open: close one first`);
    return this.#begin(day);
  }

  /** Begins an open day again, empty and with the settings of now: its records are to be restored. */
  reopenDay(day: EpochDay): DayFold {
    if (!this.#days.has(day)) throw new Error(`day ${day} is not open`);
    this.#waiting.drop(day);
    return this.#begin(day);
  }

  /** Lets go of a day, with the answers that it has; undefined when it is not open. */
  closeDay(day: EpochDay): DayFold | undefined {
    const fold = this.#days.get(day);
    if (fold === undefined) return undefined;
    this.#waiting.drop(day);
    this.#days.delete(day);
    this.#changedDays.add(day);
    return fold;
  }

  /** Folds a batch that is kept, and moves the watermark. Returns how many records were of days that are not open. */
  fold(sightings: Sightings, receivedAtS: number): number {
    this.#newestReceiptS = Math.max(this.#newestReceiptS, receivedAtS);
    this.#quietSinceS = Math.max(this.#newestReceiptS, this.#clockS);
    let skipped = 0;
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
      if (fold === undefined) {
        skipped++;
        continue;
      }
      this.#hear(fold, sightings, i);
      if (atS > this.#watermarkS) this.#waiting.add(sightings, i);
    }
    this.#followRecords();
    return skipped;
  }

  /** The clock, about once a second: when no record has come for the lateness allowance, it moves the watermark. */
  advance(nowS: number): void {
    this.#clockS = nowS;
    this.#quietSinceS ??= nowS;
    const latenessS = this.#options.latenessS();
    if (nowS - this.#quietSinceS >= latenessS) this.#moveWatermark(nowS - latenessS);
  }

  /** Before records are restored: what the records so far say about the watermark. */
  restoreWatermark(newestReceiptS: number, latestOccurredS: number): void {
    this.#newestReceiptS = Math.max(this.#newestReceiptS, newestReceiptS);
    this.#latestOccurredS = Math.max(this.#latestOccurredS, latestOccurredS);
    this.#followRecords();
  }

  /** Records of open days, read back from the store: ordered by device, then second, across all chunks of a day. */
  restore(sightings: Sightings): void {
    for (let i = 0; i < sightings.length; i++) {
      const day = sightings.day[i]!;
      const fold = this.#days.get(day);
      if (fold === undefined) continue;
      this.#hear(fold, sightings, i);
      if (sightings.occurredAtS[i]! > this.#watermarkS) this.#waiting.add(sightings, i);
      else fold.place(sightings, i);
      this.#changedDays.add(day);
    }
  }

  /** Days whose answers may have changed since the last call, ascending; those opened or closed are among them. */
  takeChangedDays(): EpochDay[] {
    const days = [...this.#changedDays].sort((a, b) => a - b);
    this.#changedDays.clear();
    return days;
  }

  #begin(day: EpochDay): DayFold {
    const { calendar, codebook, customers, visitGapS } = this.#options;
    const newCustomers = () => customers.newOn(day);
    const fold = new DayFold({ day, calendar, codebook, visitGapS: visitGapS(), newCustomers });
    this.#days.set(day, fold);
    this.#changedDays.add(day);
    return fold;
  }

  #hear(fold: DayFold, sightings: Sightings, i: number): void {
    const { customers, positions } = this.#options;
    fold.hear(sightings, i);
    customers.see(sightings.device[i]!, sightings.occurredAtS[i]!);
    positions.hear(sightings, i);
  }

  #followRecords(): void {
    const latestS = Math.min(this.#newestReceiptS, this.#latestOccurredS);
    this.#moveWatermark(latestS - this.#options.latenessS());
  }

  #moveWatermark(toS: number): void {
    if (toS <= this.#watermarkS) return;
    this.#watermarkS = toS;
    this.#waiting.release(toS, (second) => {
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
}
