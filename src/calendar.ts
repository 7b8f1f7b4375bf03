import type { EpochDay, TimeRange } from './terms.ts';
import { ZoneOffsets } from './zone-offsets.ts';

const DAY_S = 86_400;
const HOUR_S = 3_600;
/** Days are cheap to work out again, so those looked up are forgotten before they fill the memory. */
const DAYS_KEPT_MAX = 8_192;
/** Beyond this many days from 1970 there are no dates. */
const DAY_MAX = 100_000_000;

/** The first and the last instant that can be asked about: what 32 bits of seconds hold, 1970 to 2106. */
export const FIRST_INSTANT_S = 0;
export const LAST_INSTANT_S = 2 ** 32 - 1;

/** What `parseDay` understands, for messages that say what would be right. */
export const WRITTEN_DAY = 'a day from 1970 to 2105 that exists, as 2024-06-14';

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
  readonly #offsets: ZoneOffsets;
  readonly #days = new Map<EpochDay, LocalDay>();
  #recent: LocalDay;

  /** Throws a RangeError when the zone is not an IANA name that this Node knows. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#offsets = new ZoneOffsets(timeZone);
    this.#recent = this.#lookUp(0);
  }

  /** The local day of an instant. Throws a RangeError for what is no instant. */
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
      if (!(Math.abs(day) <= DAY_MAX)) throw new RangeError(`${day} is no day`);
      if (this.#days.size === DAYS_KEPT_MAX) this.#days.clear();
      found = this.#workOut(day);
      this.#days.set(day, found);
    }
    return found;
  }

  #workOut(day: EpochDay): LocalDay {
    const fromS = this.#startOf(day);
    const untilS = this.#startOf(day + 1);
    const hourStartsS: number[] = [];
    // Clocks are never changed and changed back within one day.
    const isEven = this.#offsets.at(fromS) === this.#offsets.at(untilS - 1);
    let atS = fromS;
    while (atS < untilS) {
      hourStartsS.push(atS);
      atS = isEven && atS > fromS ? atS + HOUR_S : this.#nextHourS(atS);
    }
    return { day, fromS, untilS, hourStartsS };
  }

  #nextHourS(atS: number): number {
    const offset = this.#offsets.at(atS);
    const nextS = atS + HOUR_S - mod(atS + offset, HOUR_S);
    return this.#offsets.at(nextS - 1) === offset ? nextS : this.#changeS(atS, nextS);
  }

  /** Offsets lie between −12 and +14 hours, so midnight lies in this window, with one clock change at most. */
  #startOf(day: EpochDay): number {
    const midnightS = day * DAY_S;
    const beforeS = midnightS - 15 * HOUR_S;
    const afterS = midnightS + 13 * HOUR_S;
    const offsetBefore = this.#offsets.at(beforeS);
    const offsetAfter = this.#offsets.at(afterS);
    if (offsetBefore === offsetAfter) return midnightS - offsetBefore;
    const changeS = this.#changeS(beforeS, afterS);
    const startS = midnightS - offsetBefore;
    return startS < changeS ? startS : Math.max(changeS, midnightS - offsetAfter);
  }

  /** First instant in (fromS, untilS] whose offset is that of `untilS`. */
  #changeS(fromS: number, untilS: number): number {
    const offset = this.#offsets.at(fromS);
    let low = fromS;
    let high = untilS;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsets.at(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
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
