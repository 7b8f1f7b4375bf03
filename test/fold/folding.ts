import { Calendar, parseDay } from '../../src/calendar.ts';
import { Codebook } from '../../src/codebook.ts';
import { DayFold } from '../../src/fold/day-fold.ts';
import { SightingColumns } from '../../src/sightings.ts';
import type { EpochDay, ShopDays, Sightings } from '../../src/terms.ts';
import type { DayAnswers, DeviceDayAnswer, Heard, ShopDayAnswer } from './reference.ts';

/** A day of which it is known, without any calendar, when it begins and how many hours it has. */
export interface KnownDay {
  readonly day: EpochDay;
  readonly fromS: number;
  readonly hourStartsS: readonly number[];
}

/** Three days in a row of zones with clock changes, and of one whose hours begin between those of UTC. */
export const ZONES: readonly { readonly timeZone: string; readonly days: readonly KnownDay[] }[] = [
  {
    timeZone: 'Europe/Berlin',
    days: [
      knownDay('2024-10-26', '2024-10-25T22:00:00Z', 24),
      knownDay('2024-10-27', '2024-10-26T22:00:00Z', 25),
      knownDay('2024-10-28', '2024-10-27T23:00:00Z', 24),
    ],
  },
  {
    timeZone: 'Europe/Prague',
    days: [
      knownDay('2024-03-30', '2024-03-29T23:00:00Z', 24),
      knownDay('2024-03-31', '2024-03-30T23:00:00Z', 23),
      knownDay('2024-04-01', '2024-03-31T22:00:00Z', 24),
    ],
  },
  {
    timeZone: 'Asia/Kolkata',
    days: [
      knownDay('2024-06-30', '2024-06-29T18:30:00Z', 24),
      knownDay('2024-07-01', '2024-06-30T18:30:00Z', 24),
      knownDay('2024-07-02', '2024-07-01T18:30:00Z', 24),
    ],
  },
];

function knownDay(date: string, from: string, hours: number): KnownDay {
  const fromS = Date.parse(from) / 1000;
  return {
    day: parseDay(date)!,
    fromS,
    hourStartsS: Array.from({ length: hours }, (_, hour) => fromS + hour * 3_600),
  };
}

export const UTC = new Calendar('UTC');
/** 2024-06-14, in UTC, and its first second. */
export const DAY = parseDay('2024-06-14')!;
export const DAY_START_S = DAY * 86_400;

/** Codes and addresses get their numbers in this order, which is not the one they rank in. */
export const SHOPS = ['S3', 'S1', 'ü', 'S2'] as const;
export const ACCESS_POINTS = [0x3c8cf8000003, 0x3c8cf8000001, 0x3c8cf8000002] as const;

export function createCodebook(): Codebook {
  return new Codebook(SHOPS, ACCESS_POINTS);
}

/** A record of the day that most tests are about; what is left out, it does not say. */
export function heard(
  device: number,
  secondOfDay: number,
  shop = '',
  accessPoint: number | null = null,
  signalDbm: number | null = null,
): Heard {
  return { device, atS: DAY_START_S + secondOfDay, shop, accessPoint, signalDbm };
}

export function columnsOf(
  records: readonly Heard[],
  codebook: Codebook,
  calendar: Calendar = UTC,
): SightingColumns {
  const columns = new SightingColumns(4);
  for (const { device, atS, shop, accessPoint, signalDbm } of records) {
    const by = accessPoint === null ? 0 : codebook.accessPoint(accessPoint);
    columns.push(calendar.dayOf(atS), device, atS, codebook.shop(shop), by, signalDbm ?? -128);
  }
  return columns;
}

/** As the store gives them back: device by device, each in the order of seconds. */
export function byDevice(records: readonly Heard[]): Heard[] {
  return [...records].sort((a, b) => a.device - b.device || a.atS - b.atS);
}

export function createDayFold(
  codebook: Codebook,
  options: { day?: EpochDay; calendar?: Calendar; visitGapS?: number; newCustomers?: number } = {},
): DayFold {
  const { day = DAY, calendar = UTC, visitGapS = 600, newCustomers = 0 } = options;
  return new DayFold({ day, calendar, codebook, visitGapS, newCustomers: () => newCustomers });
}

/** Hears and places records in the order given. */
export function foldInto(fold: DayFold, sightings: Sightings): void {
  for (let i = 0; i < sightings.length; i++) {
    fold.hear(sightings, i);
    fold.place(sightings, i);
  }
}

export const WHOLE_DAY = { afterDevice: 0, devicesMax: Number.POSITIVE_INFINITY, visitsMin: 0 };

/** What a fold answers, in the words of the reference. */
export function answersOf(fold: DayFold, codebook: Codebook): DayAnswers {
  const shops = fold.shops().map(({ day: _day, shop, ...totals }) => ({
    shop: codebook.shopCode(shop),
    ...totals,
    hours: fold.hours(shop).map(({ slot, footfall }): [number, number] => [slot, footfall]),
  }));
  const accessPoints = fold.accessPoints().map(({ accessPoint, shop, ...row }) => ({
    ...row,
    accessPoint: codebook.accessPointMac(accessPoint),
    shop: codebook.shopCode(shop),
  }));
  return {
    footfall: fold.totals().footfall,
    hours: fold.hours().map(({ slot, footfall }) => [slot, footfall]),
    shops: shops.sort((a, b) => (a.shop < b.shop ? -1 : 1)),
    shopDays: shopDayRows(fold.shopDays(WHOLE_DAY), codebook),
    accessPoints: accessPoints.sort((a, b) => a.accessPoint - b.accessPoint),
  };
}

/** Drains a fold, and gives what it handed over in the words of the reference. */
export function drained(
  fold: DayFold,
  codebook: Codebook,
): { devices: DeviceDayAnswer[]; shopDays: ShopDayAnswer[] } {
  const { deviceDays, shopDays } = fold.drain();
  const devices = Array.from({ length: deviceDays.length }, (_, i) => ({
    device: deviceDays.device[i]!,
    firstS: deviceDays.firstS[i]!,
    lastS: deviceDays.lastS[i]!,
    hours: slotsOf(deviceDays.hours[i]!),
  }));
  return { devices, shopDays: shopDayRows(shopDays, codebook) };
}

export function shopDayRows(rows: ShopDays, codebook: Codebook): ShopDayAnswer[] {
  return Array.from({ length: rows.length }, (_, i) => ({
    device: rows.device[i]!,
    shop: codebook.shopCode(rows.shop[i]!),
    visits: rows.visits[i]!,
    dwellS: rows.dwellS[i]!,
    firstS: rows.firstS[i]!,
    lastS: rows.lastS[i]!,
    hours: slotsOf(rows.hours[i]!),
  }));
}

function slotsOf(bits: number): number[] {
  return Array.from({ length: 32 }, (_, slot) => slot).filter((slot) => (bits >>> slot) % 2 === 1);
}
