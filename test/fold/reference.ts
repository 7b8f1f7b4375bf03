/**
 * The rules of a day, said again as plainly as they can be: arrays, maps, sorting and grouping, and no thought of
 * speed. The fold is compared with this. Nothing of src/fold is used here, nor its numbers for codes and addresses.
 */

/** One kept record. */
export interface Heard {
  readonly device: number;
  readonly atS: number;
  /** '' = the record named none. */
  readonly shop: string;
  /** Its address; null = the record named none. */
  readonly accessPoint: number | null;
  /** null = unknown. */
  readonly signalDbm: number | null;
}

export interface DayRules {
  readonly visitGapS: number;
  /** The instants at which the hours of the day begin. */
  readonly hourStartsS: readonly number[];
}

export interface ShopDayAnswer {
  readonly device: number;
  readonly shop: string;
  readonly visits: number;
  readonly dwellS: number;
  /** First and last position in the shop; 0 where there is no visit. */
  readonly firstS: number;
  readonly lastS: number;
  readonly hours: readonly number[];
}

/** An hour is written by its index in the day, a shop by its code, an access point by its address. */
export interface DayAnswers {
  readonly footfall: number;
  readonly hours: readonly (readonly [slot: number, footfall: number])[];
  readonly shops: readonly {
    readonly shop: string;
    readonly footfall: number;
    readonly entered: number;
    readonly visits: number;
    readonly dwellS: number;
    readonly hours: readonly (readonly [slot: number, footfall: number])[];
  }[];
  readonly shopDays: readonly ShopDayAnswer[];
  readonly accessPoints: readonly {
    readonly accessPoint: number;
    readonly lastHeardS: number;
    readonly shop: string;
    readonly records: number;
  }[];
}

export interface DeviceDayAnswer {
  readonly device: number;
  readonly firstS: number;
  readonly lastS: number;
  readonly hours: readonly number[];
}

/** The answers of one day: all of its records are `heard`, and those of them that are `placed` make positions. */
export function dayByTheRules(
  heard: readonly Heard[],
  placed: readonly Heard[],
  { visitGapS, hourStartsS }: DayRules,
): DayAnswers {
  const slotOf = ({ atS }: Heard) => hourStartsS.filter((startS) => startS <= atS).length - 1;
  const positions = positionsOf(placed);
  const shopDays: ShopDayAnswer[] = [];
  for (const records of grouped(
    heard.filter(({ shop }) => shop !== ''),
    ({ device, shop }) => `${device} ${shop}`,
  )) {
    const { device, shop } = records[0]!;
    const secondsS = positions
      .filter((position) => position.device === device && position.shop === shop)
      .map(({ atS }) => atS)
      .sort((a, b) => a - b);
    const visits = visitsOf(secondsS, visitGapS);
    shopDays.push({
      device,
      shop,
      visits: visits.length,
      dwellS: sum(visits.map((visit) => visit.at(-1)! - visit[0]!)),
      firstS: secondsS[0] ?? 0,
      lastS: secondsS.at(-1) ?? 0,
      hours: distinct(records.map(slotOf)),
    });
  }
  shopDays.sort((a, b) => a.device - b.device || ascending(a.shop, b.shop));
  const shops = grouped(shopDays, ({ shop }) => shop).map((rows) => ({
    shop: rows[0]!.shop,
    footfall: rows.length,
    entered: rows.filter(({ visits }) => visits > 0).length,
    visits: sum(rows.map(({ visits }) => visits)),
    dwellS: sum(rows.map(({ dwellS }) => dwellS)),
    hours: tally(rows.flatMap(({ hours }) => hours)),
  }));
  const devices = devicesByTheRules(heard, hourStartsS);
  return {
    footfall: devices.length,
    hours: tally(devices.flatMap(({ hours }) => hours)),
    shops: shops.sort((a, b) => ascending(a.shop, b.shop)),
    shopDays,
    accessPoints: accessPointsOf(heard),
  };
}

/** Every device heard, ascending. */
export function devicesByTheRules(
  heard: readonly Heard[],
  hourStartsS: readonly number[],
): DeviceDayAnswer[] {
  const slotOf = ({ atS }: Heard) => hourStartsS.filter((startS) => startS <= atS).length - 1;
  return grouped(heard, ({ device }) => device)
    .map((records) => ({
      device: records[0]!.device,
      firstS: Math.min(...records.map(({ atS }) => atS)),
      lastS: Math.max(...records.map(({ atS }) => atS)),
      hours: distinct(records.map(slotOf)),
    }))
    .sort((a, b) => a.device - b.device);
}

/** One record for each device and second: the one that says where the device was. */
export function positionsOf(records: readonly Heard[]): Heard[] {
  return grouped(records, ({ device, atS }) => `${device} ${atS}`).map(
    (second) => [...second].sort(byPositionRule)[0]!,
  );
}

/** The strongest first; of equal ones the lowest address, none last; then the lowest shop code, none last. */
export function byPositionRule(a: Heard, b: Heard): number {
  return (
    (b.signalDbm ?? -128) - (a.signalDbm ?? -128) ||
    ascending(a.accessPoint ?? Number.POSITIVE_INFINITY, b.accessPoint ?? Number.POSITIVE_INFINITY) ||
    ascending(a.shop === '', b.shop === '') ||
    ascending(a.shop, b.shop)
  );
}

/** Cuts ascending seconds wherever the pause is longer than the gap. */
function visitsOf(secondsS: readonly number[], visitGapS: number): number[][] {
  const visits: number[][] = [];
  for (const atS of secondsS) {
    const visit = visits.at(-1);
    if (visit !== undefined && atS - visit.at(-1)! <= visitGapS) visit.push(atS);
    else visits.push([atS]);
  }
  return visits;
}

function accessPointsOf(heard: readonly Heard[]): DayAnswers['accessPoints'] {
  return grouped(
    heard.filter(({ accessPoint }) => accessPoint !== null),
    ({ accessPoint }) => accessPoint,
  )
    .map((records) => {
      const lastHeardS = Math.max(...records.map(({ atS }) => atS));
      const shops = records.filter(({ atS }) => atS === lastHeardS).map(({ shop }) => shop);
      const [shop = ''] = shops.filter((code) => code !== '').sort(ascending);
      return { accessPoint: records[0]!.accessPoint!, lastHeardS, shop, records: records.length };
    })
    .sort((a, b) => a.accessPoint - b.accessPoint);
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function tally(slots: readonly number[]): [slot: number, footfall: number][] {
  return distinct(slots).map((slot) => [slot, slots.filter((other) => other === slot).length]);
}

const distinct = (numbers: readonly number[]) => [...new Set(numbers)].sort((a, b) => a - b);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function ascending<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
