/**
 * The shapes that questions are answered in, and what every question is asked with. One question, one file; the
 * rules that make an answer of rows (ranking, ties, names, zero-filling, cursors) live in this room, once.
 * Times are epoch seconds, days are days since 1970-01-01 of the mall's calendar, customers are 46-bit devices.
 */
import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { Live, OpenDay } from '../live/live.ts';
import type { Store } from '../store/store.ts';
import type { Clock, Customer, DayRange, EpochDay, Mall } from '../terms.ts';
import type { HeldRows } from './held-rows.ts';
import type { RowBudget } from './row-budget.ts';

/** A mall that is being served. */
export interface ServedMall {
  /** As its directory describes it now. */
  readonly mall: Mall;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  /** Days before these were forgotten, whatever is kept from now on; null = none. */
  readonly forgottenBefore: { readonly raw: EpochDay | null; readonly customers: EpochDay | null };
  /** The customer with this 48-bit address. */
  pseudonym(mac: number): number;
}

/** Everything a question may look at. */
export interface Ask {
  /** Undefined when no such mall is served. */
  served(code: string): ServedMall | undefined;
  /** Codes of all malls served, ascending. */
  codes(): string[];
  readonly store: Store;
  readonly live: Live;
  readonly clock: Clock;
  /** Whole days that raw records and per-customer rows are kept; null = for good. */
  readonly keepRawDays: number | null;
  readonly keepCustomerDays: number | null;
  /** What all answers of one request draw on; without it, each answer has its own limit. */
  readonly rows?: RowBudget;
  /** Is told what the answers of one request are made of. */
  readonly basis?: DayWitness;
  /** Rows that were read a moment ago; without it, every answer is read from the store. */
  readonly held?: HeldRows;
}

/** Where the answers of one day are, and how final they are. */
export interface AskedDay {
  readonly day: EpochDay;
  /** Of the answers that the store keeps; undefined while the day has never settled. */
  readonly kept: Finality | undefined;
  /** Tells its settlement from every other one; '' while there is none. */
  readonly stamp: string;
  /** Holds the answers of a day that has never settled; undefined when no record of it was folded. */
  readonly open: OpenDay | undefined;
  /** Whether the answers of a day that has never settled may be old. */
  readonly stale: boolean;
}

export interface DayWitness {
  note(served: ServedMall, range: DayRange, days: readonly AskedDay[], nowS: number): void;
}

export interface Shop {
  readonly code: string;
  /** Null when the mall's shop list does not know the code now. */
  readonly name: string | null;
}

/**
 * What every row of a day says about how final it is. Rows of answers are written out field by field: a spread row
 * is some microseconds dearer to make and to read, and an answer may have 50,000.
 */
export interface Finality {
  readonly settled: boolean;
  /** Settled: when. Open: receipt of the newest counted record. Null: no record ever. */
  readonly asOfS: number | null;
  readonly stale: boolean;
}

export interface DayRow extends Finality {
  readonly day: EpochDay;
}

export interface MallFootfall extends DayRow {
  readonly footfall: number;
  readonly newCustomers: number;
  readonly returningCustomers: number;
}

export interface HourlyFootfall extends DayRow {
  readonly hourStartS: number;
  readonly footfall: number;
}

export interface ShopFootfall extends DayRow {
  readonly shop: Shop;
  readonly footfall: number;
  readonly entered: number;
  readonly visits: number;
  readonly dwellS: number;
}

export interface NewCustomers extends DayRow {
  readonly newCustomers: number;
}

export interface TopShop extends DayRow {
  readonly rank: number;
  readonly shop: Shop;
  readonly footfall: number;
}

export interface PeakHour extends DayRow {
  /** Null on a day without records. */
  readonly hourStartS: number | null;
  readonly footfall: number;
}

export interface PresentNow {
  readonly footfall: number;
  readonly asOfS: number;
  readonly stale: boolean;
}

/** One second of one device, with what the directory knows of its access point now. */
export interface Place {
  readonly atS: number;
  readonly x: number | null;
  readonly y: number | null;
  readonly floor: string | null;
  /** Null when the record named no shop. */
  readonly shop: Shop | null;
  /** 48-bit address; null when the record named none. */
  readonly accessPoint: number | null;
  /** Null when the strength is unknown. */
  readonly rssiDbm: number | null;
}

export interface CustomerPosition extends Place {
  readonly device: number;
  readonly randomized: boolean;
  readonly provisional: boolean;
}

/** One cell of the density grid; `x`, `y` = its lower corner in plan units, `size` = its edge. */
export interface DensityCell {
  readonly floor: string | null;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly devices: number;
}

export interface DensityMinute extends DensityCell {
  readonly minuteS: number;
}

export interface FavoriteShop extends DayRow {
  readonly device: number;
  readonly shop: Shop;
  readonly visits: number;
  readonly dwellS: number;
}

export interface RepeatShop extends DayRow {
  readonly device: number;
  readonly shop: Shop;
  readonly visits: number;
}

export interface CustomerShop extends DayRow {
  readonly shop: Shop;
  readonly visits: number;
  readonly dwellS: number;
  readonly firstSeenS: number;
  readonly lastSeenS: number;
}

export interface CustomerAnswer extends Customer {
  readonly randomized: boolean;
}

export interface IngestAnswer extends DayRow {
  readonly kept: number;
  /** Reasons with at least one record, in the order of the closed list. */
  readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  readonly minutesWithoutRecords: number;
  readonly lastRecordS: number | null;
}

export interface AccessPointAnswer {
  /** 48-bit address. */
  readonly mac: number;
  readonly x: number | null;
  readonly y: number | null;
  readonly floor: string | null;
  readonly shop: Shop | null;
  readonly lastHeardS: number | null;
  readonly recordsToday: number;
}

export interface MallAnswer {
  readonly code: string;
  readonly name: string;
  readonly timeZone: string;
  readonly today: EpochDay;
  readonly shops: readonly Shop[];
}

export interface Page<T> {
  readonly nodes: readonly T[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Which customer: exactly one of the two. */
export type Who = { readonly customer: string } | { readonly mac: string };

/** Positions of a mall as they change: the first, and every one after a missed frame, is full. */
export interface PositionsUpdate {
  readonly atS: number;
  readonly full: boolean;
  readonly positions: readonly CustomerPosition[];
  /** Devices no longer in view. */
  readonly left: readonly number[];
}

export interface DensityUpdate {
  readonly atS: number;
  readonly full: boolean;
  /** All cells when full; otherwise those that changed, with `devices` 0 where a cell emptied. */
  readonly cells: readonly DensityCell[];
}
