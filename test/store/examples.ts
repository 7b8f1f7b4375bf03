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

export function columnsOf(records: readonly Record[]): SightingColumns {
  const columns = new SightingColumns(2);
  for (const record of records) columns.push(...record);
  return columns;
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

/** The settlement of a day on which nothing happened, but for what is given. */
export function replacementOf(
  mall: string,
  codebook: Codebook,
  day: EpochDay,
  more: Partial<DayReplacement> = {},
): DayReplacement {
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
    totals: { day, footfall: 0, newCustomers: 0 },
    shops: [],
    hours: [],
    shopHours: [],
    accessPoints: [],
    deviceDays: [],
    shopDays: [],
    customers: changesOf([], []),
    corrections: [],
    ...more,
  };
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

export function shopDayRows(days: ShopDays): ShopDay[] {
  return Array.from({ length: days.length }, (_, i) => [
    days.device[i]!,
    days.shop[i]!,
    days.visits[i]!,
    days.dwellS[i]!,
    days.firstS[i]!,
    days.lastS[i]!,
    days.hours[i]!,
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
