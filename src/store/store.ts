import type { Codebook } from '../codebook.ts';
import type { DeadLetter, DropReason } from '../outcome.ts';
import type {
  AccessPointDay,
  Customer,
  CustomerChanges,
  Customers,
  DayArrival,
  DayRange,
  DaySettlement,
  DayState,
  DayTotals,
  DeviceDays,
  EpochDay,
  HourTotals,
  IngestDay,
  ShopDays,
  ShopDaysPage,
  ShopTotals,
  Sightings,
  TimeRange,
} from '../terms.ts';

/**
 * What every store keeps, and promises. It returns rows and knows no question.
 *
 * Contract, checked for every adapter by test/store/store.contract.ts:
 * - once `commit` resolves, its batch is durable and can be read; a commit that rejects counts nowhere. In a store that
 *   writes in steps its records may be there: their source repeats them under the same slots;
 * - committing a commit number again that is already kept changes nothing;
 * - `replaceDay` is all or nothing, and doing it twice leaves what doing it once leaves;
 * - a commit and a replacement of one mall may run at the same time; two commits of one mall may not;
 * - rows come back in the numbers of the codebook that `openMall` gave; a number never changes its text;
 * - a method that the database cannot carry out rejects with StoreUnavailable, whose cause is its own error;
 * - once one has rejected with StoreBroken, every other one does.
 */
export interface Store {
  /**
   * What is kept of a mall; everything empty for one never seen. Call it before anything else of the mall.
   *
   * Where processes share a store, `epoch` names the writes of this owner: each owner of a mall has a higher one than
   * those before it. What is kept is that of the highest epoch; a commit of an owner that was paused, and writes when
   * another has opened the mall, moves nothing. Opening again with a higher epoch reads everything anew.
   */
  openMall(mall: string, epoch?: number): Promise<KeptMall>;

  /** What can never change of a mall, once and for good: keeping another identity rejects. */
  keepIdentity(mall: string, identity: MallIdentity): Promise<void>;

  /** Of every mall that has one, by code. */
  identities(): Promise<ReadonlyMap<string, MallIdentity>>;

  commit(commit: Commit): Promise<void>;

  /** Replaces the answers of one day by those of its settlement, and corrects what else that moved. */
  replaceDay(replacement: DayReplacement): Promise<void>;

  /** Adds to the customer record without settling a day: what the mall's own customer list brings. */
  mergeCustomers(
    mall: string,
    customers: CustomerChanges,
    corrections: readonly DayCorrection[],
  ): Promise<void>;

  /**
   * Every record of one day that was committed before the call. Chunks are reused: copy what must outlive an iteration.
   */
  rawOfDay(mall: string, day: EpochDay, order?: RecordOrder): AsyncIterable<Sightings>;

  /** Records that occurred in a range of seconds, ordered by second; with `device`, that device's alone. */
  rawBetween(mall: string, range: TimeRange, device?: number): AsyncIterable<Sightings>;

  /** Of every device that has records in a range of seconds, those of its last second in it, in any order. */
  lastSecondsBetween(mall: string, range: TimeRange): AsyncIterable<Sightings>;

  /** Shops and access points named by the raw records of one day, as numbers. */
  namesOfDay(mall: string, day: EpochDay): Promise<{ shops: number[]; accessPoints: number[] }>;

  /** Newest arrival and settlement of every day in the range that has either, ascending. */
  dayStates(mall: string, days: DayRange): Promise<DayState[]>;

  /** Totals of the settled days in the range, ascending; a day never settled has no row. */
  dayTotals(mall: string, days: DayRange): Promise<DayTotals[]>;

  /** Ascending by day, then shop number; with `shops`, of those alone. */
  shopTotals(mall: string, days: DayRange, shops?: readonly number[]): Promise<ShopTotals[]>;

  /** Hours with at least one device, ascending; of one shop, or of the whole mall (shop undefined). */
  hourTotals(mall: string, days: DayRange, shop?: number): Promise<HourTotals[]>;

  /**
   * Devices and their shops on one settled day, ascending by device, then shop code; every device whole. In a store
   * with Presence also on an open day, as they were kept last.
   */
  shopDays(mall: string, day: EpochDay, page: ShopDaysPage): Promise<ShopDays>;

  /** Customers of the record among `devices`, in any order; those never seen are left out. */
  customers(mall: string, devices: readonly number[]): Promise<Customer[]>;

  /** The whole customer record, in any order, in chunks that are reused. */
  allCustomers(mall: string): AsyncIterable<Customers>;

  /** Ascending by day; days without a record, kept or dropped, have no row. */
  ingestDays(mall: string, days: DayRange): Promise<IngestDay[]>;

  /** The newest row kept of every access point ever heard on a settled day. */
  accessPoints(mall: string): Promise<AccessPointDay[]>;

  /** Forgets raw records and per-customer rows of days before the given ones (null = keep all). */
  expire(mall: string, before: { raw: EpochDay | null; customers: EpochDay | null }): Promise<void>;

  /**
   * The same store for one question: once the signal is aborted, whatever it is asked, or was being asked, is given up in
   * the database too, and rejects with the signal's reason. Only for reading.
   */
  until(signal: AbortSignal): Store;

  /** Rejects when the store cannot answer. */
  ping(): Promise<void>;

  /** Waits for what is under way, then lets go of the store. */
  close(): Promise<void>;
}

/** Another secret would make every customer a new one, another time zone would cut its days elsewhere. */
export interface MallIdentity {
  readonly fingerprint: string;
  readonly timeZone: string;
}

/** A mall as the store has it when it is opened. */
export interface KeptMall {
  readonly codebook: Codebook;
  /** Names what this owner writes from now on: that which was given, or a higher one where the store knows so high a one already. */
  readonly epoch: number;
  /** Number of the newest commit; 0 = none yet. */
  readonly commit: number;
  /** Source positions as of that commit, by source name; opaque texts. */
  readonly checkpoints: ReadonlyMap<string, string>;
  readonly arrivals: readonly DayArrival[];
  readonly settlements: readonly DaySettlement[];
  /** Null until it is kept. */
  readonly identity: MallIdentity | null;
  /** Days before these were forgotten; null = none. */
  readonly expired: { readonly raw: EpochDay | null; readonly customers: EpochDay | null };
}

/** One batch of a mall, kept whole or not at all. */
export interface Commit {
  readonly mall: string;
  /** Above the mall's last; a number whose commit rejected is not used again. */
  readonly number: number;
  readonly sightings: Sightings;
  /** The codebook that `sightings` is written in, with its new numbers. */
  readonly codebook: Codebook;
  /** The days that the batch brought records of, with their new state. */
  readonly arrivals: readonly DayArrival[];
  /** Counters of the days that changed, as absolute numbers. */
  readonly ingestDays: readonly IngestDay[];
  /** Source positions to go on from, by source name. */
  readonly checkpoints: ReadonlyMap<string, string>;
}

/**
 * The answers of a settled day. Row columns come in chunks, ascending by device across the chunks. Totals, shops and
 * hours are those that follow from the rows: a store may count them itself.
 */
export interface DayReplacement {
  readonly mall: string;
  readonly settlement: DaySettlement;
  readonly codebook: Codebook;
  readonly totals: DayTotals;
  readonly shops: readonly ShopTotals[];
  readonly hours: readonly HourTotals[];
  readonly shopHours: readonly (HourTotals & { readonly shop: number })[];
  readonly accessPoints: readonly AccessPointDay[];
  readonly deviceDays: readonly DeviceDays[];
  readonly shopDays: readonly ShopDays[];
  readonly customers: CustomerChanges;
  readonly corrections: readonly DayCorrection[];
}

/** A settled day whose number of new customers changed because first visits moved away from it, or were imported. */
export interface DayCorrection {
  readonly day: EpochDay;
  readonly newCustomers: number;
  readonly version: number;
}

/**
 * Rows of days that are open, for readers that cannot reach the fold: only a store that processes share keeps them.
 * Settlement replaces them, so whatever is lost or late here mends itself.
 */
export interface Presence {
  /** Resolves once the rows can be read. Writing them again changes nothing. One call at a time per mall. */
  keepOpenRows(mall: string, rows: OpenDayRows): Promise<void>;
}

/** What changed of the rows of one open day since they were kept last. */
export interface OpenDayRows {
  readonly day: EpochDay;
  /** The codebook that `shopDays` is written in. */
  readonly codebook: Codebook;
  /** Of a row, `hours` are those that were not kept yet; the other columns are as they are now. */
  readonly deviceDays: DeviceDays;
  readonly shopDays: ShopDays;
  /** Which part of each row changed, as `changed-parts.ts` has them; the others are kept already. */
  readonly deviceParts: readonly number[];
  readonly shopParts: readonly number[];
}

/** Where dropped records go. A port of its own: a table here, a stream in production. */
export interface DeadLetters {
  /** Durable when it resolves. At least once: a repeated call may keep a letter twice. */
  add(mall: string, letters: readonly DeadLetter[]): Promise<void>;
  /** Newest first. */
  list(mall: string, filter: { reason?: DropReason; limit: number }): Promise<DeadLetter[]>;
  /** Forgets letters received before an instant. */
  expire(beforeS: number): Promise<void>;
}

/** A key of the API as it is kept: not the key, from which nobody can make it again, but a hash of its secret. */
export interface ApiKey {
  readonly id: string;
  /** Who or what has it, in the words of whoever made it. */
  readonly name: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  readonly malls: readonly string[] | 'all';
  readonly scopes: readonly string[];
  readonly createdAtS: number;
  /** Null = for good. */
  readonly expiresAtS: number | null;
  readonly revokedAtS: number | null;
}

/** Where API keys are kept. A port of its own: a table here, a bucket of NATS in production. */
export interface ApiKeys {
  /** Oldest first, revoked ones too. */
  list(): Promise<ApiKey[]>;
  /** Adds it, or replaces the one of that id. Durable when it resolves. */
  put(key: ApiKey): Promise<void>;
  /** Calls back with every key that is put from now on, by this process or another one, within two seconds. */
  watch(onPut: (key: ApiKey) => void): Promise<() => void>;
}

/**
 * Of the records of a day. `device` (when none is asked for): by device, then second, so that the records of each device
 * come together. `quickest`: those of each device in the order of their seconds, and devices as it suits the store.
 */
export type RecordOrder = 'device' | 'quickest';

export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable';
  readonly code = 'STORE_UNAVAILABLE';
  /** `why`: what whoever asked may know of it; the cause is for the log. */
  constructor(action: string, cause: unknown, why = '') {
    super(`the store did not answer when asked to ${action}${why && `: ${why}`}`, { cause });
  }
}

/**
 * The store is beyond use until it is opened again, which takes a new process. What it acknowledged is kept. Of the
 * call that met this first it is not known whether it was carried out.
 */
export class StoreBroken extends StoreUnavailable {
  override readonly name = 'StoreBroken';
  constructor(action: string, cause: unknown) {
    super(action, cause, 'it broke, and must be opened again by a restart');
  }
}
