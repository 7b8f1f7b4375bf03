import type { DropCounts } from './outcome.ts';

/**
 * The nouns. Types only: every room speaks of the same things in the same words.
 *
 * Three kinds of numbers stand for texts, so that columns of them fit in typed arrays:
 * - a *device* is the 46-bit pseudonym of a customer, an integer below 2^46, exact in a JavaScript number;
 * - a *shop* is the codebook's number of a shop code, 0 = the record named no shop;
 * - an *access point* is the codebook's number of an AP's MAC address, 0 = the record named none.
 *
 * Times end in `S` and are whole epoch seconds (UTC). A *day* is a day of the mall's own calendar, written as
 * the number of days since 1970-01-01.
 */

/** Days since 1970-01-01, of the mall's own calendar. */
export type EpochDay = number;

/** Half-open: `fromS` is inside, `untilS` is not, so adjacent ranges never share a second. */
export interface TimeRange {
  readonly fromS: number;
  readonly untilS: number;
}

/** Both ends are inside. */
export interface DayRange {
  readonly from: EpochDay;
  readonly to: EpochDay;
}

/**
 * Kept records of one mall, as columns: row `i` is one record. Only the first `length` rows count; the arrays
 * may be longer and are reused by whoever owns them, so copy what must outlive the call.
 */
export interface Sightings {
  readonly length: number;
  /** The local day on which the record occurred. */
  readonly day: Int32Array;
  /** 46-bit pseudonyms. */
  readonly device: Float64Array;
  /** `occur_time`; kept times fit in 32 bits until the year 2106. */
  readonly occurredAtS: Uint32Array;
  readonly shop: Uint32Array;
  readonly accessPoint: Uint32Array;
  /** −127…0; −128 = unknown, weaker than any known strength. */
  readonly signalDbm: Int8Array;
  /**
   * Nanoseconds within the second under which a store that keeps records by time keeps this one: a record that its
   * source hands over again comes under the same slot, and takes its own place. Absent where no source repeats anything.
   */
  readonly slot?: Uint32Array;
}

/** `signalDbm` of a record whose strength is unknown. */
export type UnknownSignal = -128;

/** Where one device was in one second: its strongest record of that second. */
export interface Position {
  readonly device: number;
  readonly atS: number;
  readonly shop: number;
  readonly accessPoint: number;
  readonly signalDbm: number;
  /** The second is still being decided: a stronger record may yet come. */
  readonly provisional: boolean;
}

/** What is counted of the whole mall on one local day. */
export interface DayTotals {
  readonly day: EpochDay;
  /** Distinct devices. */
  readonly footfall: number;
  readonly newCustomers: number;
}

/** What is counted of one shop on one local day; for a code without a single record there is none. */
export interface ShopTotals {
  readonly day: EpochDay;
  readonly shop: number;
  /** Distinct devices heard. */
  readonly footfall: number;
  /** Those of them with at least one visit. */
  readonly entered: number;
  readonly visits: number;
  readonly dwellS: number;
}

/** Distinct devices of one local hour; hours without a record have no row. */
export interface HourTotals {
  readonly day: EpochDay;
  /** Index among the hours of the day, from 0; `Calendar.hourStartsS(day)[slot]` is the instant it begins. */
  readonly slot: number;
  readonly footfall: number;
}

/** One device on one local day, as columns, ascending by device. */
export interface DeviceDays {
  readonly length: number;
  readonly device: Float64Array;
  readonly firstS: Uint32Array;
  readonly lastS: Uint32Array;
  /** Bit `slot` is set when the device was heard in that hour of the day. */
  readonly hours: Uint32Array;
  /** 1 = a new customer of that day, by the customer record. */
  readonly isNew: Uint8Array;
}

/** One device in one shop on one local day, as columns, ascending by device; shop 0 does not occur. */
export interface ShopDays {
  readonly length: number;
  readonly device: Float64Array;
  readonly shop: Uint32Array;
  /** 0 = heard by the shop's access points, but never placed there. */
  readonly visits: Uint32Array;
  readonly dwellS: Uint32Array;
  /** First and last one-second position in the shop; 0 where there is no visit. */
  readonly firstS: Uint32Array;
  readonly lastS: Uint32Array;
  /** Bit `slot` is set when the device was heard by the shop in that hour of the day. */
  readonly hours: Uint32Array;
}

/** One access point on one local day. */
export interface AccessPointDay {
  readonly accessPoint: number;
  readonly lastHeardS: number;
  /** The shop of its newest record (0 = none named); of several in one second, the lowest code. */
  readonly shop: number;
  /** Records received, repeated ones too. */
  readonly records: number;
}

/** The customer record, as columns. */
export interface Customers {
  readonly length: number;
  readonly device: Float64Array;
  readonly firstSeenS: Uint32Array;
  readonly lastSeenS: Uint32Array;
  /** 1 = from the mall's own list of customers: never counted as new. */
  readonly imported: Uint8Array;
}

export interface Customer {
  readonly device: number;
  readonly firstSeenS: number;
  readonly lastSeenS: number;
  readonly imported: boolean;
}

/** The newest news of a day: written with every commit that brings a record of that day. */
export interface DayArrival {
  readonly day: EpochDay;
  /** Number of the mall's newest commit that held a record of this day. */
  readonly commit: number;
  /** Receipt of the newest record of this day. */
  readonly newestReceiptS: number;
  /** Receipt of the first record that the last settlement did not count (before any settlement: of the first). */
  readonly waitingSinceS: number;
}

/** The newest settlement of a day: written with the answers it replaced. */
export interface DaySettlement {
  readonly day: EpochDay;
  /** 1 at the first settlement, + 1 with every replacement or correction of the stored answers. */
  readonly version: number;
  readonly settledAtS: number;
  /** The commit up to which records are counted. The day waits to settle again when its arrival is newer. */
  readonly upToCommit: number;
  /** Settlements of late records so far; each doubles the longest wait for the next. */
  readonly lateSettlements: number;
  /** The visit gap that its visits were counted with; another one in force makes the day settle again. */
  readonly visitGapS: number;
}

/**
 * The state of a day. Never settled: open. Settled, and nothing arrived since (`arrival.commit` is not above
 * `settlement.upToCommit`): settled. Settled, and something did: unsettled, its answers those of `settlement`.
 */
export interface DayState {
  readonly day: EpochDay;
  readonly arrival: DayArrival | null;
  readonly settlement: DaySettlement | null;
}

/** What moved in the customer record. */
export interface CustomerChanges {
  /** Not in the store's record yet. */
  readonly added: Customers;
  /** In the record already, with these values from now on. */
  readonly changed: Customers;
}

/** Which rows of one day's devices and shops are asked for. */
export interface ShopDaysPage {
  /** Devices above this one; 0 = from the start. */
  readonly afterDevice: number;
  /** At most so many of the devices that have a row that is asked for, each with all of those. */
  readonly devicesMax: number;
  /** Rows with at least so many visits; 0 = rows of devices that were heard only, too. */
  readonly visitsMin: number;
  /** These shops alone. */
  readonly shops?: readonly number[];
}

/** Records of one local day, every one received, repeated ones too. */
export interface IngestDay {
  readonly day: EpochDay;
  /** Kept records that occurred on this day. */
  readonly kept: number;
  /** Records dropped whose receipt lay on this day, by reason. */
  readonly dropped: DropCounts;
  /** Bit `m` is set when a kept record occurred in minute `m` of the day. 1,680 bits cover 28 hours. */
  readonly minutes: Uint8Array;
  readonly lastRecordS: number | null;
}

/** An access point of the mall directory. */
export interface AccessPoint {
  /** 48-bit address as an integer. */
  readonly mac: number;
  /** Plan units, integers. */
  readonly x: number;
  readonly y: number;
  /** Storey, as the directory names it; null = the directory names none. */
  readonly floor: string | null;
  readonly minRssi: number | null;
}

/** A line of the mall's own customer list. */
export interface ImportedCustomer {
  /** 48-bit address as an integer; becomes a pseudonym before it goes anywhere. */
  readonly mac: number;
  readonly firstSeenS: number;
  readonly lastSeenS: number;
}

export interface MallSettings {
  /** Records before this day are `too_old`. */
  readonly since: EpochDay;
  readonly futureSkewSeconds: number;
  readonly latenessSeconds: number;
  readonly visitGapSeconds: number;
  readonly settleDelaySeconds: number;
  readonly settleQuietSeconds: number;
  /** Edge of a density cell in plan units. */
  readonly densityCell: number;
}

/** A mall as its directory describes it now. Immutable; a changed directory gives a new one. */
export interface Mall {
  readonly code: string;
  readonly name: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly settings: MallSettings;
  /** Known shops: name by code, ordered by code. */
  readonly shops: ReadonlyMap<string, string>;
  /** By MAC. */
  readonly accessPoints: ReadonlyMap<number, AccessPoint>;
  readonly importedCustomers: readonly ImportedCustomer[];
}

/** The only source of "now" below `commands/`. */
export interface Clock {
  /** Epoch seconds, whole. */
  nowS(): number;
}
