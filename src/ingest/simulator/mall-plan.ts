import type { ImportedCustomer, Mall } from '../../terms.ts';
import { phoneMac } from './addresses.ts';
import { Chance } from './chance.ts';
import { furnish, SHOP_WIDTH } from './floor-plan.ts';
import { ANY_TRADE, shopOf, type Trade } from './trades.ts';

const DAY_S = 86_400;
const ACCESS_POINT_MAKER = 0x3c8cf8 * 0x1000000;

/** An access point as the plan knows it. One plan unit is a centimetre. */
export interface PlannedAccessPoint {
  readonly mac: number;
  readonly ip: string;
  readonly x: number;
  readonly y: number;
  readonly floor: string | null;
  /** Index of the place that it serves. */
  readonly place: number;
  /** Whether the mall directory knows it. */
  readonly listed: boolean;
}

/** A shop, or a zone: a part of the building that is no shop, whose code the shop list does not know. */
export interface PlannedPlace {
  readonly code: string;
  /** Null for a zone. */
  readonly name: string | null;
  readonly trade: Trade;
  /** Share of visits in proportion to the other shops; 0 for a zone. */
  readonly popularity: number;
  /** Indices of its access points, at least one. */
  readonly accessPoints: readonly number[];
}

/** Everything of a simulated mall that does not change from day to day. */
export interface MallPlan {
  readonly seed: number;
  readonly name: string;
  readonly timeZone: string;
  readonly places: readonly PlannedPlace[];
  readonly accessPoints: readonly PlannedAccessPoint[];
  /** The mall's own list of customers; they are the first of the regular ones. */
  readonly knownCustomers: readonly ImportedCustomer[];
}

export interface MallPlanOptions {
  readonly seed: number;
  readonly name: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly shops: number;
  readonly accessPointsPerShop: number;
  readonly floors: number;
  /**
   * Entrances and halls: heard by access points of their own under codes that the shop list does not have. The
   * last one is so new that the directory does not know its access points either. 0 = every code and every
   * access point is known.
   */
  readonly zones: number;
  readonly knownCustomers: number;
  /** Known customers came in the year before this instant. */
  readonly knownBeforeS: number;
}

/** An invented mall; the same options always give the same one. */
export function createMallPlan(options: MallPlanOptions): MallPlan {
  const { seed, shops, accessPointsPerShop, zones } = options;
  for (const name of ['shops', 'accessPointsPerShop', 'floors'] as const) {
    if (!(Number.isInteger(options[name]) && options[name] > 0)) {
      throw new RangeError(`${name} is ${options[name]}; a mall needs a whole number from 1 on`);
    }
  }
  const chance = new Chance(seed, 1);
  const firstShop = chance.below(1_000);
  const popularities = shuffled(
    Array.from({ length: shops }, (_, rank) => 1 / (rank + 2) ** 0.9),
    chance,
  );
  const places: PlannedPlace[] = [];
  const accessPoints: PlannedAccessPoint[] = [];
  for (let index = 0; index < shops + zones; index++) {
    const isShop = index < shops;
    const spots = isShop
      ? furnish(index, { ...options, count: accessPointsPerShop }, chance)
      : furnishZone(index - shops, options);
    const listed = isShop || zones === 1 || index < shops + zones - 1;
    const first = accessPoints.length;
    spots.forEach((spot, nth) => {
      const mac = ACCESS_POINT_MAKER + (first + nth) * 7 + 1;
      accessPoints.push({ ...spot, mac, ip: ipOf(first + nth), place: index, listed });
    });
    const { trade, name } = shopOf(firstShop + index);
    places.push({
      code: isShop
        ? `S${String(index + 1).padStart(4, '0')}`
        : `Z${String(index - shops + 1).padStart(2, '0')}`,
      name: isShop ? name : null,
      trade: isShop ? trade : ANY_TRADE,
      popularity: isShop ? popularities[index]! : 0,
      accessPoints: spots.map((_, nth) => first + nth),
    });
  }
  const { name, timeZone } = options;
  return { seed, name, timeZone, places, accessPoints, knownCustomers: knownCustomers(options, chance) };
}

/**
 * A mall that exists, peopled: the shops and access points of its directory, the access points dealt out to the
 * shops in the order of both lists. The customers it knows are among the regular ones.
 */
export function planOfMall(mall: Mall, seed: number): MallPlan {
  const listed = [...mall.accessPoints.values()];
  const codes = [...mall.shops.keys()].slice(0, listed.length);
  if (codes.length === 0) {
    throw new RangeError(`mall ${mall.code} lists no shops or no access points; records come from both`);
  }
  const popularities = shuffled(
    codes.map((_, rank) => 1 / (rank + 2) ** 0.9),
    new Chance(seed, 1),
  );
  const placeOf = (index: number) => Math.floor((index * codes.length) / listed.length);
  const accessPoints = listed.map(({ mac, x, y, floor }, index) => {
    return { mac, ip: ipOf(index), x, y, floor, place: placeOf(index), listed: true };
  });
  const places = codes.map((code, place) => ({
    code,
    name: mall.shops.get(code)!,
    trade: ANY_TRADE,
    popularity: popularities[place]!,
    accessPoints: [...accessPoints.keys()].filter((index) => placeOf(index) === place),
  }));
  const { name, timeZone, importedCustomers: knownCustomers } = mall;
  return { seed, name, timeZone, places, accessPoints, knownCustomers };
}

/** Zones lie on the lowest storey: entrances at both ends of the aisle by turns, each further outside. */
function furnishZone(zone: number, options: MallPlanOptions): { x: number; y: number; floor: string }[] {
  const columns = Math.ceil(Math.ceil(options.shops / options.floors) / 2);
  const outside = 600 + 900 * Math.floor(zone / 2);
  const x = zone % 2 === 0 ? -outside : columns * SHOP_WIDTH + outside;
  return [-250, 250].map((aside) => ({ x, y: aside, floor: 'L1' }));
}

function knownCustomers(options: MallPlanOptions, chance: Chance): ImportedCustomer[] {
  return Array.from({ length: options.knownCustomers }, (_, index) => {
    const lastSeenS = options.knownBeforeS - 1 - chance.below(120 * DAY_S);
    const firstSeenS = lastSeenS - chance.below(245 * DAY_S);
    return { mac: phoneMac(options.seed, index), firstSeenS, lastSeenS };
  });
}

function ipOf(index: number): string {
  return `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}

function shuffled(values: readonly number[], chance: Chance): number[] {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index--) {
    const other = chance.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
