import { phoneMac } from '../../src/ingest/simulator/addresses.ts';
import { Chance } from '../../src/ingest/simulator/chance.ts';
import type { MallPlan } from '../../src/ingest/simulator/mall-plan.ts';
import type { EpochDay } from '../../src/terms.ts';

const DAY_S = 86_400;
const OPENS_S = 10 * 3_600;
/** The last device comes so long after the first. */
const COMING_S = 9 * 3_600;
/** Shops that one device walks among. */
const NEIGHBOURHOOD = 6;
const MOVES_SHARE = 0.08;
const HEARD_NEXT_DOOR_SHARE = 0.04;
/** Half of the devices are regular ones, drawn from so many times as many. */
const REGULAR_POOL = 6;

export interface DayShape {
  readonly devices: number;
  readonly recordsPerDevice: number;
}

/**
 * The records of one day with exactly so many devices, and exactly so many records of each: device by device, each
 * in the order of its seconds. A device stays in a shop, moves on to one near by, comes back now and then, and is
 * sometimes heard next door. Half of the devices come on many days, the others on this one alone.
 */
export interface MallDay {
  readonly length: number;
  readonly mac: Float64Array;
  readonly occurredAtS: Uint32Array;
  /** Index among the access points of the plan. */
  readonly accessPoint: Uint16Array;
  readonly signalDbm: Int8Array;
}

/** `fromS`: the first second of the day. The same arguments always give the same records. */
export function createMallDay(plan: MallPlan, day: EpochDay, fromS: number, shape: DayShape): MallDay {
  const { devices, recordsPerDevice } = shape;
  const length = devices * recordsPerDevice;
  const records: MallDay = {
    length,
    mac: new Float64Array(length),
    occurredAtS: new Uint32Array(length),
    accessPoint: new Uint16Array(length),
    signalDbm: new Int8Array(length),
  };
  const chance = new Chance(plan.seed);
  for (let nth = 0; nth < devices; nth++) {
    chance.restart(plan.seed + day, nth);
    records.mac.fill(
      macOf(plan.seed, day, nth, devices),
      nth * recordsPerDevice,
      (nth + 1) * recordsPerDevice,
    );
    walk(plan, chance, records, { from: nth * recordsPerDevice, until: (nth + 1) * recordsPerDevice, fromS });
  }
  return records;
}

/** The rows of a day in the order in which they occurred. */
export function inOrderOfTime({ length, occurredAtS }: MallDay, fromS: number): Uint32Array {
  const next = new Uint32Array(DAY_S + 1);
  for (let row = 0; row < length; row++) next[occurredAtS[row]! - fromS + 1]!++;
  for (let second = 1; second <= DAY_S; second++) next[second]! += next[second - 1]!;
  const order = new Uint32Array(length);
  for (let row = 0; row < length; row++) order[next[occurredAtS[row]! - fromS]!++] = row;
  return order;
}

function macOf(seed: number, day: EpochDay, nth: number, devices: number): number {
  const regular = devices >> 1;
  const pool = regular * REGULAR_POOL;
  if (nth < regular) return phoneMac(seed, (nth + day * 7_919) % pool);
  return phoneMac(seed, pool + (day % 1_000) * devices + nth);
}

function walk(
  plan: MallPlan,
  chance: Chance,
  records: MallDay,
  { from, until, fromS }: { from: number; until: number; fromS: number },
): void {
  const shops = plan.places.length;
  const home = chance.below(shops);
  let shop = home;
  let atS = fromS + OPENS_S + chance.below(COMING_S);
  for (let row = from; row < until; row++) {
    if (chance.unit() < MOVES_SHARE) {
      shop = (home + chance.below(NEIGHBOURHOOD)) % shops;
      atS += 60 + chance.below(300);
    } else {
      atS += 5 + chance.below(50);
    }
    const isNextDoor = chance.unit() < HEARD_NEXT_DOOR_SHARE;
    const { accessPoints } = plan.places[isNextDoor ? (shop + 1) % shops : shop]!;
    records.occurredAtS[row] = atS;
    records.accessPoint[row] = accessPoints[chance.below(accessPoints.length)]!;
    records.signalDbm[row] = -(isNextDoor ? 75 : 45) - chance.below(20);
  }
}
