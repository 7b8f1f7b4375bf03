import type { Codebook } from '../../src/codebook.ts';
import { SightingColumns } from '../../src/sightings.ts';
import type { Commit, DayReplacement } from '../../src/store/store.ts';
import type {
  Customer,
  CustomerChanges,
  Customers,
  DayArrival,
  DeviceDays,
  EpochDay,
  IngestDay,
  ShopDays,
  ShopTotals,
  Sightings,
} from '../../src/terms.ts';

/** 2024-06-14. */
export const DAY: EpochDay = 19_888;

/** 2024-10-27, which has 25 hours in Berlin. */
export const LONG_DAY: EpochDay = 20_023;

/** The smallest and the largest pseudonym, and one beyond 32 bits. */
export const DEVICES = [1, 37_221_198_280_842, 2 ** 46 - 1] as const;

/** Noon of a day, somewhere. */
export const noonOf = (day: EpochDay): number => day * 86_400 + 43_200;

/** A kept record: the day, the device, the second, the shop, the access point, the strength. */
export type Record = readonly [
  day: EpochDay,
  device: number,
  occurredAtS: number,
  shop: number,
  accessPoint: number,
  signalDbm: number,
];

export type DeviceDay = readonly [device: number, firstS: number, lastS: number, hours: number];

export type ShopDay = readonly [
  device: number,
  shop: number,
  visits: number,
  dwellS: number,
  firstS: number,
  lastS: number,
  hours: number,
];

/** Without slots: no source of these hands anything over again. */
export function columnsOf(records: readonly Record[]): {
  -readonly [Column in keyof Sightings]: Sightings[Column];
} {
  const columns = new SightingColumns(2);
  for (const record of records) columns.push(...record);
  const { length, day, device, occurredAtS, shop, accessPoint, signalDbm } = columns;
  return { length, day, device, occurredAtS, shop, accessPoint, signalDbm };
}

/** Gives numbers that rows use and nobody has named a code, or an address. */
function nameNumbers(codebook: Codebook, shops: readonly number[], accessPoints: readonly number[]): void {
  const shopsMax = shops.reduce((max, shop) => Math.max(max, shop), 0);
  const accessPointsMax = accessPoints.reduce((max, accessPoint) => Math.max(max, accessPoint), 0);
  while (codebook.shopCount < shopsMax) codebook.shop(`number ${codebook.shopCount + 1}`);
  while (codebook.accessPointCount < accessPointsMax)
    codebook.accessPoint(2 ** 40 + codebook.accessPointCount);
}

export async function recordsOf(rows: AsyncIterable<Sightings>): Promise<Record[]> {
  const records: Record[] = [];
  for await (const chunk of rows) {
    for (let i = 0; i < chunk.length; i++) {
      records.push([
        chunk.day[i]!,
        chunk.device[i]!,
        chunk.occurredAtS[i]!,
        chunk.shop[i]!,
        chunk.accessPoint[i]!,
        chunk.signalDbm[i]!,
      ]);
    }
  }
  return records;
}

/** A commit of records, with the arrivals that they make. */
export function commitOf(
  mall: string,
  number: number,
  codebook: Codebook,
  records: readonly Record[],
  more: Partial<Commit> = {},
): Commit {
  const days = [...new Set(records.map(([day]) => day))];
  const shops = records.map((record) => record[3]);
  const accessPoints = records.map((record) => record[4]);
  nameNumbers(codebook, shops, accessPoints);
  return {
    mall,
    number,
    sightings: columnsOf(records),
    codebook,
    arrivals: days.map((day) => arrivalOf(day, number)),
    ingestDays: [],
    checkpoints: new Map([['http', `position ${number}`]]),
    ...more,
  };
}

export function arrivalOf(day: EpochDay, commit: number): DayArrival {
  return { day, commit, newestReceiptS: noonOf(day) + commit, waitingSinceS: noonOf(day) };
}

/**
 * The settlement of a day, with the totals that follow from its rows. Without rows nothing happened on it. Devices that
 * only have rows of shops are added, and so are `devices` more, of which the first `newCustomers` are new.
 */
export function replacementOf(
  mall: string,
  codebook: Codebook,
  day: EpochDay,
  more: Partial<DayReplacement> & { readonly devices?: number; readonly newCustomers?: number } = {},
): DayReplacement {
  const { devices = 0, newCustomers = 0, ...given } = more;
  const shopDays = given.shopDays ?? [];
  nameNumbers(
    codebook,
    shopDays.flatMap(({ length, shop }) => [...shop.subarray(0, length)]),
    (given.accessPoints ?? []).map(({ accessPoint }) => accessPoint),
  );
  const deviceDays = given.deviceDays ?? [devicesOf(day, shopDays, devices, newCustomers)];
  return {
    mall,
    settlement: {
      day,
      version: 1,
      settledAtS: noonOf(day + 1),
      upToCommit: 1,
      lateSettlements: 0,
      visitGapS: 600,
    },
    codebook,
    ...countsOf(day, deviceDays, shopDays),
    accessPoints: [],
    customers: changesOf([], []),
    corrections: [],
    ...given,
    deviceDays,
    shopDays,
  };
}

/** Devices that are in no row of a shop have pseudonyms from here on. */
const FURTHER = 1_000;

function devicesOf(
  day: EpochDay,
  shopDays: readonly ShopDays[],
  more: number,
  newCustomers: number,
): DeviceDays {
  const inShops = shopDays.flatMap(({ length, device }) => [...device.subarray(0, length)]);
  const further = Array.from({ length: more }, (_, i) => FURTHER + i);
  const all = [...new Set([...inShops, ...further])].sort((a, b) => a - b);
  const rows = deviceDaysOf(all.map((device) => [device, noonOf(day), noonOf(day), 1]));
  rows.isNew.fill(1, 0, newCustomers);
  return rows;
}

/** What follows from the rows of a day. */
function countsOf(day: EpochDay, deviceDays: readonly DeviceDays[], shopDays: readonly ShopDays[]) {
  const hours = new Map<number, number>();
  const totals = { day, footfall: 0, newCustomers: 0 };
  for (const rows of deviceDays) {
    for (let i = 0; i < rows.length; i++) {
      totals.footfall++;
      totals.newCustomers += rows.isNew[i]!;
      for (const slot of slotsOf(rows.hours[i]!)) hours.set(slot, (hours.get(slot) ?? 0) + 1);
    }
  }
  const shops = new Map<number, { -readonly [Field in keyof ShopTotals]: ShopTotals[Field] }>();
  const shopHours = new Map<number, Map<number, number>>();
  for (const rows of shopDays) {
    for (let i = 0; i < rows.length; i++) {
      const shop = rows.shop[i]!;
      const sum = shops.get(shop) ?? { day, shop, footfall: 0, entered: 0, visits: 0, dwellS: 0 };
      const ofShop = shopHours.get(shop) ?? new Map<number, number>();
      shops.set(shop, sum);
      shopHours.set(shop, ofShop);
      sum.footfall++;
      sum.entered += rows.visits[i]! > 0 ? 1 : 0;
      sum.visits += rows.visits[i]!;
      sum.dwellS += rows.dwellS[i]!;
      for (const slot of slotsOf(rows.hours[i]!)) ofShop.set(slot, (ofShop.get(slot) ?? 0) + 1);
    }
  }
  return {
    totals,
    shops: [...shops.values()],
    hours: hoursOf(day, hours),
    shopHours: [...shopHours].flatMap(([shop, counts]) =>
      hoursOf(day, counts).map((hour) => ({ ...hour, shop })),
    ),
  };
}

function hoursOf(day: EpochDay, counts: ReadonlyMap<number, number>) {
  return [...counts].map(([slot, footfall]) => ({ day, slot, footfall })).sort((a, b) => a.slot - b.slot);
}

function slotsOf(hours: number): number[] {
  return Array.from({ length: 25 }, (_, slot) => slot).filter((slot) => ((hours >>> slot) & 1) === 1);
}

export function deviceDaysOf(rows: readonly DeviceDay[]): DeviceDays {
  return {
    length: rows.length,
    device: Float64Array.from(rows, (row) => row[0]),
    firstS: Uint32Array.from(rows, (row) => row[1]),
    lastS: Uint32Array.from(rows, (row) => row[2]),
    hours: Uint32Array.from(rows, (row) => row[3]),
    isNew: new Uint8Array(rows.length),
  };
}

export function shopDaysOf(rows: readonly ShopDay[]): ShopDays {
  return {
    length: rows.length,
    device: Float64Array.from(rows, (row) => row[0]),
    shop: Uint32Array.from(rows, (row) => row[1]),
    visits: Uint32Array.from(rows, (row) => row[2]),
    dwellS: Uint32Array.from(rows, (row) => row[3]),
    firstS: Uint32Array.from(rows, (row) => row[4]),
    lastS: Uint32Array.from(rows, (row) => row[5]),
    hours: Uint32Array.from(rows, (row) => row[6]),
  };
}

/** Without the hours: no question asks for those of one device in one shop, and a store need not tell them. */
export function shopDayRows(days: ShopDays): ShopDay[] {
  return Array.from({ length: days.length }, (_, i) => [
    days.device[i]!,
    days.shop[i]!,
    days.visits[i]!,
    days.dwellS[i]!,
    days.firstS[i]!,
    days.lastS[i]!,
    0,
  ]);
}

export function changesOf(added: readonly Customer[], changed: readonly Customer[]): CustomerChanges {
  return { added: customersOf(added), changed: customersOf(changed) };
}

export function customersOf(rows: readonly Customer[]): Customers {
  return {
    length: rows.length,
    device: Float64Array.from(rows, (row) => row.device),
    firstSeenS: Uint32Array.from(rows, (row) => row.firstSeenS),
    lastSeenS: Uint32Array.from(rows, (row) => row.lastSeenS),
    imported: Uint8Array.from(rows, (row) => Number(row.imported)),
  };
}

/** Ascending by device, whatever the order they came in. */
export async function customerRows(rows: AsyncIterable<Customers>): Promise<Customer[]> {
  const customers: Customer[] = [];
  for await (const chunk of rows) {
    for (let i = 0; i < chunk.length; i++) {
      customers.push({
        device: chunk.device[i]!,
        firstSeenS: chunk.firstSeenS[i]!,
        lastSeenS: chunk.lastSeenS[i]!,
        imported: chunk.imported[i] === 1,
      });
    }
  }
  return byDevice(customers);
}

export function byDevice(customers: readonly Customer[]): Customer[] {
  return [...customers].sort((a, b) => a.device - b.device);
}

/** Counters of a day on which records occurred in some of its minutes. */
export function ingestDayOf(day: EpochDay, more: Partial<IngestDay> = {}): IngestDay {
  const minutes = new Uint8Array(210);
  return { day, kept: 0, dropped: {}, minutes, lastRecordS: null, ...more };
}

/** Records that tell which commit brought them: 300 of one device. */
export function recordsOfCommit(number: number): Record[] {
  return Array.from({ length: 300 }, (_, i) => [DAY, number, noonOf(DAY) + i, 1, 0, -60]);
}
