import type { Codebook } from '../codebook.ts';
import type { CustomerRecord } from '../fold/customer-record.ts';
import type { DayFold } from '../fold/day-fold.ts';
import type { LastPositions } from '../fold/last-positions.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { FrameFeed } from '../live/frame-feed.ts';
import type { Frame, LiveMall, OpenDay } from '../live/live.ts';
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
import { POSITIONS_BACK_S, PRESENT_S } from '../windows.ts';
import type { OpenDays } from './open-days.ts';

/** The live view of a mall in the process that folds it: reads the fold itself, so it is never behind. */
export class FoldedMall implements LiveMall {
  readonly stale = false;
  readonly #parts: FoldedMallParts;

  constructor(parts: FoldedMallParts) {
    this.#parts = parts;
  }

  get watermarkS(): number {
    return this.#parts.fold.watermarkS;
  }

  openDay(day: EpochDay): OpenDay | undefined {
    const fold = this.#parts.openDays.find(day);
    return fold && new FoldedDay(fold);
  }

  /** Days that are being folded, or were until newer ones took their room; ascending. */
  openDays(): EpochDay[] {
    return this.#parts.openDays.days();
  }

  /** Distinct devices that each shop heard in the last ten minutes. */
  presentByShop(nowS: number): Map<number, number> {
    const devices = new Uint32Array(this.#parts.codebook.shopCount + 1);
    this.#forEachPresent(nowS - PRESENT_S, (shop) => {
      devices[shop]!++;
    });
    const byShop = new Map<number, number>();
    devices.forEach((count, shop) => {
      if (count > 0) byShop.set(shop, count);
    });
    return byShop;
  }

  present(nowS: number, shop?: number): number {
    const sinceS = nowS - PRESENT_S;
    if (shop === undefined) return this.#parts.positions.countSince(sinceS);
    let devices = 0;
    this.#forEachPresent(sinceS, (by) => {
      if (by === shop) devices++;
    });
    return devices;
  }

  positionsSince(sinceS: number): Position[] {
    return this.#parts.positions.since(sinceS, this.watermarkS);
  }

  async customer(device: number): Promise<Customer | undefined> {
    return this.#parts.customers.find(device);
  }

  accessPoints(): AccessPointDay[] {
    const newest = new Map<number, AccessPointDay>();
    for (const day of this.#parts.openDays.recent()) {
      for (const row of day.accessPoints()) {
        const known = newest.get(row.accessPoint);
        if (known === undefined || row.lastHeardS > known.lastHeardS) newest.set(row.accessPoint, row);
      }
    }
    return [...newest.values()];
  }

  onFrame(listener: (frame: Frame) => void): () => void {
    return this.#parts.frames.listen(listener);
  }

  /** Moves the watermark on and publishes what changed since the call before. About once a second. */
  tick(nowS: number): void {
    const { fold, positions, frames } = this.#parts;
    fold.advance(nowS);
    frames.publish({
      atS: nowS,
      changedDays: fold.takeChangedDays(),
      moved: positions.takeMoved(fold.watermarkS),
      left: positions.takeLeft(nowS, PRESENT_S),
    });
    positions.forget(nowS - POSITIONS_BACK_S);
  }

  /** Calls back once for every device and shop that heard it after `sinceS`, on whichever days. */
  #forEachPresent(sinceS: number, report: (shop: number) => void): void {
    const days = this.#parts.openDays.recent();
    for (const [nth, day] of days.entries()) {
      const before = days.slice(0, nth);
      day.forEachHeardBySince(sinceS, (device, shop) => {
        if (!before.some((other) => other.hasHeardSince(sinceS, device, shop))) report(shop);
      });
    }
  }
}

/** An open day as questions see it. */
class FoldedDay implements OpenDay {
  readonly #fold: DayFold;

  constructor(fold: DayFold) {
    this.#fold = fold;
  }

  get day(): EpochDay {
    return this.#fold.day;
  }

  get asOfS(): number {
    return this.#fold.asOfS;
  }

  get rowsAsOfS(): number {
    return this.#fold.asOfS;
  }

  get hasRows(): boolean {
    return this.#fold.hasRows;
  }

  totals(): DayTotals {
    return this.#fold.totals();
  }

  shops(): ShopTotals[] {
    return this.#fold.shops();
  }

  hours(shop?: number): HourTotals[] {
    return this.#fold.hours(shop);
  }

  async shopDays(page: ShopDaysPage): Promise<ShopDays> {
    return this.#fold.shopDays(page);
  }
}

export interface FoldedMallParts {
  readonly fold: MallFold;
  readonly positions: LastPositions;
  readonly customers: CustomerRecord;
  readonly openDays: OpenDays;
  readonly codebook: Codebook;
  readonly frames: FrameFeed;
}
