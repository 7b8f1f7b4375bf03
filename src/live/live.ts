import type {
  AccessPointDay,
  Customer,
  DayTotals,
  EpochDay,
  HourTotals,
  Position,
  ShopDays,
  ShopDaysPage,
  ShopTotals,
} from '../terms.ts';

/**
 * What the process that folds a mall knows of it now. Two adapters: the fold itself in one process, and a mirror
 * built from frames where the fold lives elsewhere. Answers are at most a second behind the records.
 */
export interface Live {
  /** Undefined when nobody is known to fold this mall. */
  mall(code: string): LiveMall | undefined;
}

export interface LiveMall {
  /** The numbers may be older than three seconds: the fold cannot be reached. Always false in one process. */
  readonly stale: boolean;

  /** Visits and positions are decided up to this second; later ones may still change. */
  readonly watermarkS: number;

  /** A day that was never settled and is being folded; undefined for any other. */
  openDay(day: EpochDay): OpenDay | undefined;

  /** Distinct devices heard in the last ten minutes: by the whole mall, or by one shop. */
  present(nowS: number, shop?: number): number;

  /**
   * The last position of every device that has one after `sinceS` (at most 25 hours back), in any order. A
   * second later than the watermark is marked provisional.
   */
  positionsSince(sinceS: number): Position[];

  /** The customer record as the fold has it, open days included; undefined when never seen, or not to be reached. */
  customer(device: number): Promise<Customer | undefined>;

  /** The newest row of every access point heard on an open day, or on one that settled a moment ago. */
  accessPoints(): AccessPointDay[];

  /** Calls the listener after each frame, about once a second, until the returned function is called. */
  onFrame(listener: (frame: Frame) => void): () => void;
}

/** A day that is being folded. A reference stays readable after the day has settled, and stops changing. */
export interface OpenDay {
  readonly day: EpochDay;
  /** Receipt of the newest counted record, epoch seconds. */
  readonly asOfS: number;
  totals(): DayTotals;
  /** Ascending by shop number, every shop heard that day. */
  shops(): ShopTotals[];
  /** Hours with at least one device, ascending: of one shop, or of the whole mall. */
  hours(shop?: number): HourTotals[];
  /** False: so many days are open that this one waits for its settlement; its totals stand, its customers do not. */
  readonly hasRows: boolean;
  /** Receipt of the newest record that the rows of single customers count; they may be some seconds behind the totals. */
  readonly rowsAsOfS: number;
  /** As `Store.shopDays`, of this day. */
  shopDays(page: ShopDaysPage): Promise<ShopDays>;
}

/** What changed since the frame before. */
export interface Frame {
  /** Consecutive for one mall and process, so a reader sees that it missed one. */
  readonly number: number;
  readonly atS: number;
  /** Open days with a record since the frame before; also those that were opened or closed. */
  readonly changedDays: readonly EpochDay[];
  /** New last positions since the frame before. */
  readonly moved: readonly Position[];
  /** Devices whose last position fell out of the last 600 seconds. */
  readonly left: readonly number[];
}
