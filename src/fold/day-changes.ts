import { WHOLE } from '../changed-parts.ts';
import type { DeviceDays, ShopDays } from '../terms.ts';
import { ChangedRows } from './changed-rows.ts';
import * as deviceDay from './device-day-rows.ts';
import * as shopDay from './shop-day-rows.ts';

/** Rows as they are now, and which part of each changed (`changed-parts.ts`). */
export interface TakenDays {
  readonly deviceDays: DeviceDays;
  readonly deviceParts: readonly number[];
  readonly shopDays: ShopDays;
  readonly shopParts: readonly number[];
}

/** The rows of one day that differ from what was taken last. */
export class DayChanges {
  readonly devices = new ChangedRows();
  readonly shops = new ChangedRows();
  readonly #deviceRows: deviceDay.DeviceDayRows;
  readonly #shopRows: shopDay.ShopDayRows;

  constructor(deviceRows: deviceDay.DeviceDayRows, shopRows: shopDay.ShopDayRows) {
    this.#deviceRows = deviceRows;
    this.#shopRows = shopRows;
  }

  /** Rows that wait, for later or not. */
  get waiting(): number {
    return this.devices.waiting + this.shops.waiting;
  }

  /** At least as many rows of either kind as wait for later; taking so many takes all of those. */
  get later(): number {
    return Math.max(this.devices.later, this.shops.later);
  }

  /**
   * Rows in any order, with the hours that were not taken yet. What is a set of devices comes at once; of what changes
   * with every record, at most so many devices and as many shop rows.
   */
  take(laterMax: number): TakenDays {
    const { rows: deviceRows, parts: deviceParts } = this.devices.take(laterMax);
    const { rows: shopRows, parts: shopParts } = this.shops.take(laterMax);
    const deviceDays = this.#deviceRows.columns(deviceRows.length, (i) => deviceRows[i]!);
    const shopDays = this.#shopRows.columns(shopRows, this.#deviceRows.table);
    deviceRows.forEach((row, i) => {
      deviceDays.hours[i] = this.devices.takeHours(row, deviceDays.hours[i]!);
    });
    shopRows.forEach((row, i) => {
      shopDays.hours[i] = this.shops.takeHours(row, shopDays.hours[i]!);
    });
    return { deviceDays, deviceParts, shopDays, shopParts };
  }

  /** A day read back: what was heard after a second is taken at once, and the rest, which may be taken already, later. */
  defer(untilS: number): void {
    const { words } = this.#deviceRows;
    this.devices.defer((row) => words[row * deviceDay.DEVICE_DAY_WORDS + deviceDay.LAST_S]! > untilS);
    const { words: shopWords } = this.#shopRows;
    this.shops.defer((row) => shopWords[row * shopDay.SHOP_DAY_WORDS + shopDay.HEARD_S]! > untilS);
  }

  /** Whether a device is new on this day has changed. */
  touch(device: number): void {
    const row = this.#deviceRows.table.find(device);
    if (row >= 0) this.devices.markNow(row, WHOLE);
  }
}
