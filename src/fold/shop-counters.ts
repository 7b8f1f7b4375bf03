import type { EpochDay, ShopTotals } from '../terms.ts';
import { grown, grownCapacity } from './grown.ts';

/** Bits of a row's `hours`; no day has more hours. */
export const HOURS_MAX = 32;

const FIRST_SHOPS = 64;

/** What is counted of each shop of one day, by shop number; kept up to date, so that reading it is free. */
export class ShopCounters {
  footfall = new Uint32Array(FIRST_SHOPS);
  entered = new Uint32Array(FIRST_SHOPS);
  visits = new Uint32Array(FIRST_SHOPS);
  /** A million devices may stay longer together than 32 bits of seconds. */
  dwellS = new Float64Array(FIRST_SHOPS);
  /** Distinct devices by hour: of shop `s` and hour `h` at `s * HOURS_MAX + h`. */
  hours = new Uint32Array(FIRST_SHOPS * HOURS_MAX);

  /** Shop numbers below this one have counters. */
  get length(): number {
    return this.footfall.length;
  }

  get bytes(): number {
    return this.length * (3 * 4 + 8 + HOURS_MAX * 4);
  }

  /** Every shop that was heard, ascending by number. */
  totals(day: EpochDay): ShopTotals[] {
    const rows: ShopTotals[] = [];
    for (let shop = 1; shop < this.length; shop++) {
      const footfall = this.footfall[shop]!;
      if (footfall === 0) continue;
      const [entered, visits, dwellS] = [this.entered[shop]!, this.visits[shop]!, this.dwellS[shop]!];
      rows.push({ day, shop, footfall, entered, visits, dwellS });
    }
    return rows;
  }

  /** Makes counters for a shop number that has none. */
  grow(shop: number): void {
    const length = grownCapacity(this.length, shop + 1);
    this.footfall = grown(new Uint32Array(length), this.footfall);
    this.entered = grown(new Uint32Array(length), this.entered);
    this.visits = grown(new Uint32Array(length), this.visits);
    this.dwellS = grown(new Float64Array(length), this.dwellS);
    this.hours = grown(new Uint32Array(length * HOURS_MAX), this.hours);
  }
}
