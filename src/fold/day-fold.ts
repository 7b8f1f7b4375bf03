import type { Calendar } from '../calendar.ts';
import { DETAIL, HOURS_ALONE, WHOLE } from '../changed-parts.ts';
import type { Codebook } from '../codebook.ts';
import type {
  AccessPointDay,
  DayTotals,
  DeviceDays,
  EpochDay,
  HourTotals,
  ShopDays,
  ShopDaysPage,
  ShopTotals,
  Sightings,
  UnknownSignal,
} from '../terms.ts';
import { AccessPointDays } from './access-point-days.ts';
import { DayChanges } from './day-changes.ts';
import * as deviceDay from './device-day-rows.ts';
import { DeviceOrder } from './device-order.ts';
import { outranks } from './position-rule.ts';
import { HOURS_MAX, ShopCounters } from './shop-counters.ts';
import * as shopDay from './shop-day-rows.ts';
import { ShopRanks } from './shop-ranks.ts';

const UNKNOWN_SIGNAL_DBM: UnknownSignal = -128;

/**
 * The answers of one day, out of its records. Live, in any order and as they come; settling, ordered by device.
 * Every record is first heard, then placed:
 *
 * - `hear` counts what is a set of devices. Any order, and records that come twice count once;
 * - `place` follows one-second positions, and what is made of them: visits and dwell. The records of one device
 *   come in the order of their seconds.
 *
 * Nothing waits to be decided. The strongest record so far of a device's latest second is its position and
 * counts at once; when a stronger one of the same second comes, the visit that it made is taken back.
 *
 * Totals are counted as records come. Nothing is allocated for a record but when a table grows.
 */
export class DayFold {
  readonly day: EpochDay;
  /** Receipt of the newest record that is counted. */
  asOfS = 0;
  readonly #calendar: Calendar;
  readonly #codebook: Codebook;
  readonly #visitGapS: number;
  readonly #newCustomers: () => number;
  #devices = new deviceDay.DeviceDayRows();
  #shopDays = new shopDay.ShopDayRows();
  readonly #shops = new ShopCounters();
  readonly #accessPoints: AccessPointDays;
  #order = new DeviceOrder();
  #hasRows = true;
  #held: DayTotals | undefined;
  readonly #ranks: ShopRanks;
  #changes: DayChanges | undefined;
  #footfall = 0;
  readonly #hours = new Uint32Array(HOURS_MAX);
  /** The device met last and its row: records of one device come together, and a record is placed once heard. */
  #device = -1;
  #row = -1;
  /** The hour met last. */
  #slot = 0;
  #slotFromS = 0;
  #slotUntilS = 0;

  constructor(options: DayFoldOptions) {
    this.day = options.day;
    this.#calendar = options.calendar;
    this.#codebook = options.codebook;
    this.#visitGapS = options.visitGapS;
    this.#newCustomers = options.newCustomers;
    this.#accessPoints = new AccessPointDays(options.codebook);
    this.#ranks = new ShopRanks(options.codebook);
    if (options.tracksChanges) this.#changes = new DayChanges(this.#devices, this.#shopDays);
  }

  /** Whether the rows of single devices are there. */
  get hasRows(): boolean {
    return this.#hasRows;
  }

  /** What changed of the rows; undefined where nobody takes it, or there are none. */
  get changes(): DayChanges | undefined {
    return this.#changes;
  }

  /** Devices whose rows are in memory. */
  get devices(): number {
    return this.#devices.table.size;
  }

  get bytes(): number {
    const rows = this.#devices.bytes + this.#shopDays.bytes + this.#order.bytes;
    return rows + this.#shops.bytes + this.#accessPoints.bytes;
  }

  /** Counts record `i`, which is one of this day. */
  hear(sightings: Sightings, i: number): void {
    const device = sightings.device[i]!;
    const atS = sightings.occurredAtS[i]!;
    const shop = sightings.shop[i]!;
    let row = device === this.#device ? this.#row : this.#find(device);
    if (row < 0) row = this.#add(device, atS);
    const { words } = this.#devices;
    const at = row * deviceDay.DEVICE_DAY_WORDS;
    if (atS < words[at + deviceDay.FIRST_S]!) {
      words[at + deviceDay.FIRST_S] = atS;
      this.#changes?.devices.markLater(row, WHOLE);
    }
    if (atS > words[at + deviceDay.LAST_S]!) {
      words[at + deviceDay.LAST_S] = atS;
      this.#changes?.devices.markLater(row, DETAIL);
    }
    if (atS < this.#slotFromS || atS >= this.#slotUntilS) this.#findSlot(atS);
    const slot = this.#slot;
    if ((words[at + deviceDay.HOURS]! & (1 << slot)) === 0) {
      words[at + deviceDay.HOURS]! |= 1 << slot;
      this.#hours[slot]!++;
      this.#changes?.devices.markNow(row, HOURS_ALONE);
    }
    if (shop !== 0) this.#hearShop(row, shop, atS, slot);
    this.#accessPoints.hear(sightings.accessPoint[i]!, atS, shop);
  }

  /** Places record `i`, which was heard before. One older than the device's newest position changes nothing. */
  place(sightings: Sightings, i: number): void {
    const device = sightings.device[i]!;
    const row = device === this.#device ? this.#row : this.#find(device);
    if (row < 0) return;
    const { words } = this.#devices;
    const at = row * deviceDay.DEVICE_DAY_WORDS;
    const atS = sightings.occurredAtS[i]!;
    const placedAtS = words[at + deviceDay.PLACED_AT_S]!;
    if (atS < placedAtS) return;
    const shop = sightings.shop[i]!;
    if (atS > placedAtS) {
      this.#enter(row, shop, atS);
    } else {
      const placedRow = words[at + deviceDay.PLACED_ROW]! - 1;
      const placedShop =
        placedRow < 0 ? 0 : this.#shopDays.words[placedRow * shopDay.SHOP_DAY_WORDS + shopDay.SHOP]!;
      if (!this.#isStronger(sightings, i, at, placedShop)) return;
      if (shop !== placedShop) {
        if (placedRow >= 0) this.#takeBack(placedRow, atS, words[at + deviceDay.BEFORE_S]!);
        this.#enter(row, shop, atS);
      }
    }
    words[at + deviceDay.PLACED_AT_S] = atS;
    words[at + deviceDay.PLACED_SIGNAL] = sightings.signalDbm[i]! - UNKNOWN_SIGNAL_DBM;
    words[at + deviceDay.PLACED_ACCESS_POINT] = sightings.accessPoint[i]!;
  }

  totals(): DayTotals {
    return this.#held ?? this.#currentTotals();
  }

  /**
   * Leaves the totals as they are until the returned function is called: while the day settles, the customer
   * record knows of devices that this fold has not heard, and new customers must not run ahead of footfall.
   */
  holdTotals(): () => void {
    this.#held = this.#currentTotals();
    return () => {
      this.#held = undefined;
    };
  }

  /** Lets go of the rows of single devices, and of their memory. What was counted stays; nothing more is counted. */
  forgetRows(): void {
    this.#hasRows = false;
    this.#changes = undefined;
    this.#devices = new deviceDay.DeviceDayRows();
    this.#shopDays = new shopDay.ShopDayRows();
    this.#order = new DeviceOrder();
  }

  /** Calls back for every device with the first and last second of its day. */
  forEachDevice(report: (device: number, firstS: number, lastS: number) => void): void {
    const { table, words } = this.#devices;
    for (let row = 0; row < table.size; row++) {
      const at = row * deviceDay.DEVICE_DAY_WORDS;
      report(table.deviceOf(row), words[at + deviceDay.FIRST_S]!, words[at + deviceDay.LAST_S]!);
    }
  }

  /** Every shop heard, ascending by number. */
  shops(): ShopTotals[] {
    return this.#shops.totals(this.day);
  }

  /** Hours with at least one device, ascending: of one shop, or of the whole mall. */
  hours(shop?: number): HourTotals[] {
    const from = (shop ?? 0) * HOURS_MAX;
    const counts = shop === undefined ? this.#hours : this.#shops.hours.subarray(from, from + HOURS_MAX);
    const rows: HourTotals[] = [];
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] !== 0) rows.push({ day: this.day, slot, footfall: counts[slot]! });
    }
    return rows;
  }

  /** The hours of every shop, ascending by shop number and hour. */
  shopHours(): (HourTotals & { readonly shop: number })[] {
    const rows: (HourTotals & { readonly shop: number })[] = [];
    for (let shop = 1; shop < this.#shops.length; shop++) {
      for (const hour of this.hours(shop)) rows.push({ ...hour, shop });
    }
    return rows;
  }

  accessPoints(): AccessPointDay[] {
    return this.#accessPoints.rows();
  }

  /** As `Store.shopDays`, of the rows in memory. `devicesMax` counts devices that have a row that is asked for. */
  shopDays(page: ShopDaysPage): ShopDays {
    const { visitsMin, shops } = page;
    const wanted = { visitsMin, shops: shops === undefined ? undefined : new Set(shops) };
    this.#order.update(this.#devices.table);
    return this.#shopRows(this.#order.firstAbove(page.afterDevice), page.devicesMax, wanted);
  }

  /** Whether a shop heard a device after `sinceS`. */
  hasHeardSince(sinceS: number, device: number, shop: number): boolean {
    const deviceRow = this.#devices.table.find(device);
    if (deviceRow < 0) return false;
    const row = this.#shopDays.find(deviceRow, shop);
    return row >= 0 && this.#shopDays.words[row * shopDay.SHOP_DAY_WORDS + shopDay.HEARD_S]! > sinceS;
  }

  /** Calls back for every device and shop that heard it after `sinceS`. */
  forEachHeardBySince(sinceS: number, report: (device: number, shop: number) => void): void {
    const { size, words } = this.#shopDays;
    for (let at = 0; at < size * shopDay.SHOP_DAY_WORDS; at += shopDay.SHOP_DAY_WORDS) {
      if (words[at + shopDay.HEARD_S]! <= sinceS) continue;
      report(this.#devices.table.deviceOf(words[at + shopDay.DEVICE_ROW]!), words[at + shopDay.SHOP]!);
    }
  }

  /**
   * Hands over the rows of all devices, ascending by device, then shop code, and forgets them; what is counted
   * stays. For a day that is fed ordered by device, between two devices: its memory then has a bound, and its
   * totals are those of a day never drained. A device that comes again would count again.
   */
  drain(): { deviceDays: DeviceDays; shopDays: ShopDays } {
    this.#order.update(this.#devices.table);
    const deviceDays = this.#devices.deviceDays(this.#order);
    const shopDays = this.#shopRows(0, Number.POSITIVE_INFINITY, { visitsMin: 0, shops: undefined });
    this.#order.clear();
    this.#devices.table.clear();
    this.#shopDays.clear();
    this.#device = -1;
    this.#row = -1;
    return { deviceDays, shopDays };
  }

  #currentTotals(): DayTotals {
    return { day: this.day, footfall: this.#footfall, newCustomers: this.#newCustomers() };
  }

  #find(device: number): number {
    this.#device = device;
    this.#row = this.#devices.table.find(device);
    return this.#row;
  }

  #add(device: number, atS: number): number {
    const row = this.#devices.add(device);
    this.#devices.words[row * deviceDay.DEVICE_DAY_WORDS + deviceDay.FIRST_S] = atS;
    this.#row = row;
    this.#footfall++;
    this.#changes?.devices.markNow(row, WHOLE);
    return row;
  }

  #findSlot(atS: number): void {
    const hourStartsS = this.#calendar.hourStartsS(this.day);
    this.#slot = this.#calendar.slotOf(this.day, atS);
    this.#slotFromS = hourStartsS[this.#slot]!;
    this.#slotUntilS = hourStartsS[this.#slot + 1] ?? this.#calendar.range(this.day).untilS;
  }

  #hearShop(row: number, shop: number, atS: number, slot: number): void {
    const at = this.#shopRow(row, shop) * shopDay.SHOP_DAY_WORDS;
    const { words } = this.#shopDays;
    if (atS > words[at + shopDay.HEARD_S]!) words[at + shopDay.HEARD_S] = atS;
    if ((words[at + shopDay.HOURS]! & (1 << slot)) === 0) {
      words[at + shopDay.HOURS]! |= 1 << slot;
      this.#shops.hours[shop * HOURS_MAX + slot]!++;
      this.#changes?.shops.markNow(at / shopDay.SHOP_DAY_WORDS, HOURS_ALONE);
    }
  }

  /** The row of a device in a shop, added if there is none. Mostly it is the one that the device used last. */
  #shopRow(row: number, shop: number): number {
    const at = row * deviceDay.DEVICE_DAY_WORDS + deviceDay.SHOP_ROW;
    const ring = this.#devices.words[at]! - 1;
    if (ring >= 0 && this.#shopDays.words[ring * shopDay.SHOP_DAY_WORDS + shopDay.SHOP] === shop) return ring;
    let shopRow = this.#shopDays.find(row, shop);
    if (shopRow < 0) {
      shopRow = this.#shopDays.add(row, shop, ring);
      this.#changes?.shops.markNow(shopRow, WHOLE);
      if (shop >= this.#shops.length) this.#shops.grow(shop);
      this.#shops.footfall[shop]!++;
    }
    this.#devices.words[at] = shopRow + 1;
    return shopRow;
  }

  /** Whether record `i` says better than the device's newest position where it was in that second. */
  #isStronger(sightings: Sightings, i: number, at: number, placedShop: number): boolean {
    const { words } = this.#devices;
    return outranks(
      this.#codebook,
      sightings.signalDbm[i]!,
      sightings.accessPoint[i]!,
      sightings.shop[i]!,
      words[at + deviceDay.PLACED_SIGNAL]! + UNKNOWN_SIGNAL_DBM,
      words[at + deviceDay.PLACED_ACCESS_POINT]!,
      placedShop,
    );
  }

  /** A new position: in a shop it is the first second of a visit, or one more of the visit under way. */
  #enter(row: number, shop: number, atS: number): void {
    const deviceAt = row * deviceDay.DEVICE_DAY_WORDS;
    if (shop === 0) {
      this.#devices.words[deviceAt + deviceDay.PLACED_ROW] = 0;
      return;
    }
    const shopRow = this.#shopRow(row, shop);
    const at = shopRow * shopDay.SHOP_DAY_WORDS;
    const { words } = this.#shopDays;
    const beforeS = words[at + shopDay.LAST_S]!;
    const staysInVisit = words[at + shopDay.VISITS]! > 0 && atS - beforeS <= this.#visitGapS;
    this.#changes?.shops.markLater(shopRow, staysInVisit ? DETAIL : WHOLE);
    this.#devices.words[deviceAt + deviceDay.PLACED_ROW] = shopRow + 1;
    this.#devices.words[deviceAt + deviceDay.BEFORE_S] = beforeS;
    if (words[at + shopDay.VISITS] === 0) {
      words[at + shopDay.VISITS] = 1;
      words[at + shopDay.FIRST_S] = atS;
      this.#shops.visits[shop]!++;
      this.#shops.entered[shop]!++;
    } else if (atS - beforeS > this.#visitGapS) {
      words[at + shopDay.VISITS]!++;
      this.#shops.visits[shop]!++;
    } else {
      words[at + shopDay.DWELL_S]! += atS - beforeS;
      this.#shops.dwellS[shop]! += atS - beforeS;
    }
    words[at + shopDay.LAST_S] = atS;
  }

  /** Undoes `#enter` of a position whose shop row had `beforeS` as its last second until then. */
  #takeBack(shopRow: number, atS: number, beforeS: number): void {
    const at = shopRow * shopDay.SHOP_DAY_WORDS;
    const { words } = this.#shopDays;
    const shop = words[at + shopDay.SHOP]!;
    if (words[at + shopDay.FIRST_S] === atS) {
      words[at + shopDay.VISITS] = 0;
      words[at + shopDay.FIRST_S] = 0;
      this.#shops.visits[shop]!--;
      this.#shops.entered[shop]!--;
    } else if (atS - beforeS > this.#visitGapS) {
      words[at + shopDay.VISITS]!--;
      this.#shops.visits[shop]!--;
    } else {
      words[at + shopDay.DWELL_S]! -= atS - beforeS;
      this.#shops.dwellS[shop]! -= atS - beforeS;
    }
    words[at + shopDay.LAST_S] = beforeS;
    this.#changes?.shops.markLater(shopRow, WHOLE);
  }

  #shopRows(fromPlace: number, devicesMax: number, wanted: shopDay.WantedRows): ShopDays {
    const ranks = this.#ranks.current();
    const rows: number[] = [];
    let devices = 0;
    for (let place = fromPlace; place < this.#order.length && devices < devicesMax; place++) {
      const before = rows.length;
      const at = this.#order.rowAt(place) * deviceDay.DEVICE_DAY_WORDS + deviceDay.SHOP_ROW;
      this.#shopDays.collect(this.#devices.words[at]! - 1, ranks, wanted, rows);
      if (rows.length > before) devices++;
    }
    return this.#shopDays.columns(rows, this.#devices.table);
  }
}

export interface DayFoldOptions {
  readonly day: EpochDay;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly visitGapS: number;
  /** New customers of the day, as the customer record has them. */
  readonly newCustomers: () => number;
  /** Whether rows that changed can be taken. */
  readonly tracksChanges?: boolean;
}
