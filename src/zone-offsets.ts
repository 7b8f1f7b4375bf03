const DAY_S = 86_400;
/**
 * Offsets are compared so far apart. No zone has changed its clocks and changed them back within less than a week
 * (Recife in October 2000 and Gaza around Ramadan come nearest), so no pair of changes hides between two looks.
 */
const STEP_S = 3 * DAY_S;
/** Records and questions lie in the years 1970 to 2106; one more on each side for what looks a day back or ahead. */
const FIRST_YEAR = 1969;
const LAST_YEAR = 2107;

/** The clock changes of one year: from `fromS[i]` on the zone is `offsetS[i]` ahead of UTC. Ascending. */
interface YearOffsets {
  readonly fromS: readonly number[];
  readonly offsetS: readonly number[];
}

/**
 * How far a time zone is ahead of UTC, second by second. To ask the platform for one instant costs some 10 µs, so
 * each year's clock changes are found once, with about 160 questions, and looked up after that. Before 1969 and after
 * 2107 the offset is that of the nearest year covered: whatever is asked, the work stays bounded.
 */
export class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #years: (YearOffsets | undefined)[] = [];

  /** Throws a RangeError when the zone is not an IANA name that this Node knows. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Seconds to add to UTC at an instant to get local time. */
  at(atS: number): number {
    const { fromS, offsetS } = this.#ofYear(yearOf(atS));
    let change = fromS.length - 1;
    while (change > 0 && atS < fromS[change]!) change--;
    return offsetS[change]!;
  }

  #ofYear(year: number): YearOffsets {
    let found = this.#years[year - FIRST_YEAR];
    if (found === undefined) {
      found = this.#workOut(startOfYearS(year), startOfYearS(year + 1));
      this.#years[year - FIRST_YEAR] = found;
    }
    return found;
  }

  #workOut(startS: number, endS: number): YearOffsets {
    const fromS = [startS];
    const offsetS = [this.#ask(startS)];
    for (let low = startS; low < endS; low += STEP_S) {
      const high = Math.min(low + STEP_S, endS);
      const after = this.#ask(high);
      // Should two changes lie in one step, the second is found from the first on.
      for (let from = low; offsetS.at(-1) !== after; ) {
        from = this.#changeS(from, high, offsetS.at(-1)!);
        fromS.push(from);
        offsetS.push(this.#ask(from));
      }
    }
    return { fromS, offsetS };
  }

  /** An instant in (low, high] from which on the offset is no longer `offset`; it is at `low`, and is not at `high`. */
  #changeS(low: number, high: number, offset: number): number {
    let before = low;
    let after = high;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#ask(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }

  #ask(atS: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(atS * 1_000)) parts[type] = value;
    const { year, month, day, hour, minute, second } = parts;
    const localMs = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    return localMs / 1_000 - atS;
  }
}

function yearOf(atS: number): number {
  return Math.min(Math.max(new Date(atS * 1_000).getUTCFullYear(), FIRST_YEAR), LAST_YEAR);
}

function startOfYearS(year: number): number {
  return Date.UTC(year, 0, 1) / 1_000;
}
