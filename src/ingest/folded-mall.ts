import type { CustomerRecord } from '../fold/customer-record.ts';
import type { LastPositions } from '../fold/last-positions.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { FrameFeed } from '../live/frame-feed.ts';
import type { Frame, LiveMall, OpenDay } from '../live/live.ts';
import type { AccessPointDay, Customer, EpochDay, Position } from '../terms.ts';
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
    return this.#parts.openDays.find(day);
  }

  heardSince(sinceS: number, shop?: number): number {
    if (shop === undefined) return this.#parts.positions.countSince(sinceS);
    const devices = new Set<number>();
    for (const day of this.#parts.openDays.recent()) {
      day.forEachHeardSince(sinceS, shop, (device) => devices.add(device));
    }
    return devices.size;
  }

  positionsSince(sinceS: number): Position[] {
    return this.#parts.positions.since(sinceS, this.watermarkS);
  }

  customer(device: number): Customer | undefined {
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
}

export interface FoldedMallParts {
  readonly fold: MallFold;
  readonly positions: LastPositions;
  readonly customers: CustomerRecord;
  readonly openDays: OpenDays;
  readonly frames: FrameFeed;
}
