import type { EpochDay, TimeRange } from './terms.ts';

const DAY_S = 86_400;
const HOUR_S = 3_600;

interface LocalDay extends TimeRange {
  readonly day: EpochDay;
  readonly hourStartsS: readonly number[];
}

/**
 * The local days and hours of one time zone. Each day is worked out once and looked up after that: there is no
 * calendar arithmetic per record.
 *
 * A day begins with the first second whose local date is that day, and ends where the next begins; days of 23
 * or 25 hours come out by themselves. Where clocks are set back across midnight, the repeated minutes therefore
 * count to the day that had already begun. A local hour is named by the instant it begins, so the hour that
 * comes twice in autumn is two hours.
 */
export class Calendar {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<EpochDay, LocalDay>();
  #recent: LocalDay;

  /** Throws a RangeError when the zone is not an IANA name that this Node knows. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      calendar: 'iso8601',
      numberingSystem: 'latn',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    this.#recent = this.#lookUp(0);
  }

  /** The local day of an instant. */
  dayOf(atS: number): EpochDay {
    let recent = this.#recent;
    if (atS >= recent.fromS && atS < recent.untilS) return recent.day;
    recent = this.#lookUp(Math.floor(atS / DAY_S));
    while (atS >= recent.untilS) recent = this.#lookUp(recent.day + 1);
    while (atS < recent.fromS) recent = this.#lookUp(recent.day - 1);
    this.#recent = recent;
    return recent.day;
  }

  /** First second of the day, and first second after it. */
  range(day: EpochDay): TimeRange {
    return this.#lookUp(day);
  }

  /** The instants at which the hours of the day begin, ascending: 24, or 23 or 25 around a clock change. */
  hourStartsS(day: EpochDay): readonly number[] {
    return this.#lookUp(day).hourStartsS;
  }

  /** Index of the hour of `day` that holds an instant of that day. */
  slotOf(day: EpochDay, atS: number): number {
    const { fromS, hourStartsS } = this.#recent.day === day ? this.#recent : this.#lookUp(day);
    let slot = Math.min(Math.trunc((atS - fromS) / HOUR_S), hourStartsS.length - 1);
    while (slot > 0 && atS < hourStartsS[slot]!) slot--;
    while (slot + 1 < hourStartsS.length && atS >= hourStartsS[slot + 1]!) slot++;
    return slot;
  }

  #lookUp(day: EpochDay): LocalDay {
    let found = this.#days.get(day);
    if (found === undefined) {
      found = this.#workOut(day);
      this.#days.set(day, found);
    }
    return found;
  }

  #workOut(day: EpochDay): LocalDay {
    const fromS = this.#startOf(day);
    const untilS = this.#startOf(day + 1);
    const hourStartsS: number[] = [];
    let atS = fromS;
    while (atS < untilS) {
      hourStartsS.push(atS);
      const nextS = atS + HOUR_S - mod(atS + this.#offsetS(atS), HOUR_S);
      atS = this.#offsetS(nextS - 1) === this.#offsetS(atS) ? nextS : this.#changeS(atS, nextS);
    }
    return { day, fromS, untilS, hourStartsS };
  }

  /** Offsets lie between −12 and +14 hours, so midnight lies in this window, with one clock change at most. */
  #startOf(day: EpochDay): number {
    const midnightS = day * DAY_S;
    const beforeS = midnightS - 15 * HOUR_S;
    const afterS = midnightS + 13 * HOUR_S;
    const offsetBefore = this.#offsetS(beforeS);
    const offsetAfter = this.#offsetS(afterS);
    if (offsetBefore === offsetAfter) return midnightS - offsetBefore;
    const changeS = this.#changeS(beforeS, afterS);
    const startS = midnightS - offsetBefore;
    return startS < changeS ? startS : Math.max(changeS, midnightS - offsetAfter);
  }

  /** First instant in (fromS, untilS] whose offset is that of `untilS`. */
  #changeS(fromS: number, untilS: number): number {
    const offset = this.#offsetS(fromS);
    let low = fromS;
    let high = untilS;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetS(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  #offsetS(atS: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(atS * 1000)) parts[type] = value;
    const localMs = Date.UTC(
      Number(parts.year),
      Number(parts.month) - 1,
      Number(parts.day),
      Number(parts.hour),
      Number(parts.minute),
      Number(parts.second),
    );
    return localMs / 1000 - atS;
  }
}

function mod(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}

/** `2024-06-14` for a day. */
export function formatDay(day: EpochDay): string {
  return new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
}

/** The day of a `YYYY-MM-DD` text, years 1970 to 2105; undefined when it is not a date that exists. */
export function parseDay(text: string): EpochDay | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined;
  const day = ms / 1000 / DAY_S;
  return day >= 0 && day < 49_675 ? day : undefined;
}
