import type { Codebook } from '../codebook.ts';
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
import { POSITIONS_BACK_S } from '../windows.ts';
import { FrameFeed } from './frame-feed.ts';
import type { WireDay, WireFrame } from './frame-wire.ts';
import type { Frame, LiveMall, OpenDay } from './live.ts';

/** A frame that is so late means that the owner cannot be heard. */
const STALE_MS = 3_000;
const FORGET_EVERY_S = 3_600;

export interface MirrorParts {
  /** The numbers of this process. */
  readonly codebook: Codebook;
  readonly stopwatchMs: () => number;
  readonly shopDays: (day: EpochDay, page: ShopDaysPage) => Promise<ShopDays>;
  /** Asks the owner; undefined when it does not know, or does not answer. */
  readonly customer: (device: number) => Promise<Customer | undefined>;
}

/** A mall as frames tell it. Before the first full frame nobody is known to fold it. */
export class MirroredMall implements LiveMall {
  readonly #parts: MirrorParts;
  readonly #days = new Map<EpochDay, MirroredDay>();
  readonly #positions = new Map<number, Position>();
  readonly #feed = new FrameFeed();
  /** The owner's numbers as ours. */
  #shops: number[] = [0];
  #accessPoints: number[] = [0];
  #present = { mall: 0, shops: new Map<number, number>() };
  #accessPointRows: AccessPointDay[] = [];
  #heardMs = Number.NEGATIVE_INFINITY;
  #forgottenAtS = 0;
  epoch = 0;
  /** Of the newest frame that is in; −1 = none. */
  number = -1;
  watermarkS = 0;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /** Whether a full frame has come, so that there is something to tell. */
  get isKnown(): boolean {
    return this.number >= 0;
  }

  get stale(): boolean {
    return this.#parts.stopwatchMs() - this.#heardMs > STALE_MS;
  }

  /** Takes a frame in. False when it does not follow on what is in: then the full one is needed. */
  take(frame: WireFrame): boolean {
    if (frame.epoch < this.epoch) return true;
    const follows = frame.epoch === this.epoch && frame.number === this.number + 1 && this.isKnown;
    if (!frame.full && !follows) return frame.epoch === this.epoch && frame.number <= this.number;
    // One that was asked for, and frames that came since already lead further.
    if (frame.full && frame.epoch === this.epoch && frame.number < this.number) return true;
    const gap = frame.full;
    if (gap) this.#begin(frame.epoch);
    this.number = frame.number;
    this.watermarkS = frame.watermarkS;
    this.#heardMs = this.#parts.stopwatchMs();
    this.#learn(frame);
    this.#takeDays(frame, gap);
    this.#takePositions(frame);
    const shops = frame.present.shops.map(([shop, devices]): [number, number] => [this.#shop(shop), devices]);
    this.#present = { mall: frame.present.mall, shops: new Map(shops) };
    this.#accessPointRows = frame.accessPoints.map((row) => ({
      ...row,
      accessPoint: this.#accessPoint(row.accessPoint),
      shop: this.#shop(row.shop),
    }));
    this.#tell(frame, gap);
    return true;
  }

  openDay(day: EpochDay): OpenDay | undefined {
    return this.#days.get(day);
  }

  present(_nowS: number, shop?: number): number {
    return shop === undefined ? this.#present.mall : (this.#present.shops.get(shop) ?? 0);
  }

  positionsSince(sinceS: number): Position[] {
    return [...this.#positions.values()].filter(({ atS }) => atS > sinceS);
  }

  customer(device: number): Promise<Customer | undefined> {
    return this.#parts.customer(device);
  }

  accessPoints(): AccessPointDay[] {
    return this.#accessPointRows;
  }

  onFrame(listener: (frame: Frame) => void): () => void {
    return this.#feed.listen(listener);
  }

  #begin(epoch: number): void {
    if (epoch !== this.epoch) {
      this.#shops = [0];
      this.#accessPoints = [0];
    }
    this.epoch = epoch;
    this.#positions.clear();
  }

  #learn({ names }: WireFrame): void {
    const { codebook } = this.#parts;
    for (const [number, code] of names.shops) this.#shops[number] = codebook.shop(code);
    for (const [number, mac] of names.accessPoints) this.#accessPoints[number] = codebook.accessPoint(mac);
  }

  #takeDays({ days, openDays }: WireFrame, all: boolean): void {
    // A day that others still hold stays readable, and stops changing.
    const told = new Set(days.map(({ day }) => day));
    for (const day of this.#days.keys())
      if (!openDays.includes(day) || (all && !told.has(day))) this.#days.delete(day);
    for (const day of days)
      this.#days.set(day.day, new MirroredDay(this.#translated(day), this.#parts.shopDays));
  }

  #translated(day: WireDay): WireDay {
    const shops = day.shops
      .map((row) => ({ ...row, shop: this.#shop(row.shop) }))
      .sort((a, b) => a.shop - b.shop);
    const shopHours = day.shopHours.map((row) => ({ ...row, shop: this.#shop(row.shop) }));
    return { ...day, shops, shopHours };
  }

  #takePositions({ moved, atS }: WireFrame): void {
    for (const position of moved) this.#positions.set(position.device, this.#translatedPosition(position));
    if (atS - this.#forgottenAtS < FORGET_EVERY_S) return;
    this.#forgottenAtS = atS;
    for (const [device, position] of this.#positions) {
      if (position.atS <= atS - POSITIONS_BACK_S) this.#positions.delete(device);
    }
  }

  #translatedPosition(position: Position): Position {
    const { shop, accessPoint } = position;
    return { ...position, shop: this.#shop(shop), accessPoint: this.#accessPoint(accessPoint) };
  }

  /** A full frame is told as one that was missed, so that listeners ask for everything. */
  #tell({ atS, changedDays, moved, left }: WireFrame, gap: boolean): void {
    if (gap) this.#feed.skip();
    const told = moved.map((position) => this.#translatedPosition(position));
    this.#feed.publish({ atS, changedDays, moved: told, left });
  }

  #shop(number: number): number {
    return this.#shops[number] ?? 0;
  }

  #accessPoint(number: number): number {
    return this.#accessPoints[number] ?? 0;
  }
}

class MirroredDay implements OpenDay {
  readonly #told: WireDay;
  readonly #shopDays: MirrorParts['shopDays'];
  readonly #shopHours = new Map<number, HourTotals[]>();

  constructor(told: WireDay, shopDays: MirrorParts['shopDays']) {
    this.#told = told;
    this.#shopDays = shopDays;
    for (const { shop, ...hour } of told.shopHours) {
      const hours = this.#shopHours.get(shop);
      if (hours === undefined) this.#shopHours.set(shop, [hour]);
      else hours.push(hour);
    }
  }

  get day(): EpochDay {
    return this.#told.day;
  }

  get asOfS(): number {
    return this.#told.asOfS;
  }

  get rowsAsOfS(): number {
    return this.#told.rowsAsOfS;
  }

  get hasRows(): boolean {
    return this.#told.hasRows;
  }

  totals(): DayTotals {
    return this.#told.totals;
  }

  shops(): ShopTotals[] {
    return [...this.#told.shops];
  }

  hours(shop?: number): HourTotals[] {
    return shop === undefined ? [...this.#told.hours] : [...(this.#shopHours.get(shop) ?? [])];
  }

  shopDays(page: ShopDaysPage): Promise<ShopDays> {
    return this.#shopDays(this.#told.day, page);
  }
}
