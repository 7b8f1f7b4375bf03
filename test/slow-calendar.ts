import type { TimeRange } from '../src/terms.ts';

const DAY_S = 86_400;
const HOUR_S = 3_600;

/** Local days and hours by asking the platform for every instant that matters: slow, and plainly right. */
export class SlowCalendar {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  range(day: number): TimeRange {
    return { fromS: this.#startOf(day), untilS: this.#startOf(day + 1) };
  }

  hourStartsS(day: number): number[] {
    const { fromS, untilS } = this.range(day);
    const starts: number[] = [];
    for (let atS = fromS; atS < untilS; ) {
      starts.push(atS);
      const offset = this.#offsetS(atS);
      const nextS = atS + HOUR_S - ((((atS + offset) % HOUR_S) + HOUR_S) % HOUR_S);
      atS = this.#first(atS, nextS, (middle) => this.#offsetS(middle) !== offset);
    }
    return starts;
  }

  /** The first second whose local date is the day, or a later one where the day was skipped. */
  #startOf(day: number): number {
    const midnightS = day * DAY_S;
    return this.#first(midnightS - 15 * HOUR_S, midnightS + 13 * HOUR_S, (atS) => this.#dateOf(atS) >= day);
  }

  /** The first second in (low, high] of which something is true, or `high`; once true it stays true. */
  #first(low: number, high: number, isTrue: (atS: number) => boolean): number {
    let before = low;
    let after = high;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (isTrue(middle)) after = middle;
      else before = middle;
    }
    return after;
  }

  #dateOf(atS: number): number {
    return Math.floor((atS + this.#offsetS(atS)) / DAY_S);
  }

  #offsetS(atS: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(atS * 1_000)) parts[type] = Number(value);
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) / 1_000 - atS;
  }
}
