import { equipmentMac, phoneMac, randomizedMac } from './addresses.ts';
import { Chance, mixPair, unitOf } from './chance.ts';
import {
  addressesOf,
  type DayVisits,
  EQUIPMENT,
  PASSER_BY,
  ROTATING_ADDRESS,
  VISIT_ADDRESS,
  VisitColumns,
} from './day-visits.ts';
import type { Hearing } from './hearing.ts';
import type { MallPlan } from './mall-plan.ts';
import type { Network } from './network.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { STOPS_MAX, VisitPath } from './visit-path.ts';

/** A burst is one, two or three requests, a second apart: of 256 bursts, so many have more than one, than two. */
const TWO_PROBES_256 = 115;
const THREE_PROBES_256 = 38;
export const PROBES_PER_BURST = 1 + (TWO_PROBES_256 + THREE_PROBES_256) / 256;
export const BURST_S_MAX = 3;
/** Of 256 bursts of somebody who walks about, so many are nearest to another access point of the same shop. */
const ASIDE_256 = 64;
/** Somebody outside is heard through walls: so much weaker, and by so few of the others. */
const OUTSIDE_DB = 20;
export const OUTSIDE_HEARD_SHARE = 0.25;
const NEAREST_DBM = -52;
const FAINTEST_DBM = -97;
const STRONGEST_DBM = -30;
/** What a free slot points to, so that past days can be forgotten. */
const NO_VISITS: DayVisits = new VisitColumns();

/**
 * The visits of this moment. When a burst comes and what it is like follows from the visit's key and the number
 * of the burst alone, so a visit can be taken up in the middle; visits stay in the order in which they began.
 */
export class VisitsUnderWay {
  readonly #plan: MallPlan;
  readonly #rotationS: number;
  readonly #hearing: Hearing;
  readonly #path: VisitPath;
  readonly #chance = new Chance(0);
  /** Slots of the visits under way, in order. */
  #active = new Uint32Array(256);
  #activeCount = 0;
  #free: number[] = [];
  #nextAtS = new Uint32Array(0);
  #nextBurst = new Uint32Array(0);
  #row = new Uint32Array(0);
  #day: DayVisits[] = [];
  #stops = new Uint8Array(0);
  #placeOfStop = new Uint16Array(0);
  #untilSOfStop = new Uint32Array(0);

  constructor(options: SimulatorOptions, hearing: Hearing) {
    this.#plan = options.plan;
    this.#rotationS = options.rotationS;
    this.#hearing = hearing;
    this.#path = new VisitPath(options.plan);
  }

  clear(): void {
    this.#day.fill(NO_VISITS);
    this.#free = [...this.#day.keys()];
    this.#activeCount = 0;
  }

  /** Takes up a visit with its first burst at or after `sinceS`; one that has none left is over already. */
  begin(day: DayVisits, row: number, sinceS: number, wallMinute: number): void {
    const startS = day.startS[row]!;
    const durationS = day.durationS[row]!;
    const bursts = day.bursts[row]!;
    let burst = Math.max(0, Math.floor(((sinceS - startS) * bursts) / durationS) - 1);
    while (burst < bursts && burstAtS(day, row, burst) < sinceS) burst++;
    if (burst >= bursts) return;
    const slot = this.#free.pop() ?? this.#newSlot();
    this.#day[slot] = day;
    this.#row[slot] = row;
    this.#nextBurst[slot] = burst;
    this.#nextAtS[slot] = burstAtS(day, row, burst);
    const path = this.#path;
    path.walk(day.kind[row]!, day.key[row]!, day.member[row]!, startS, durationS, wallMinute);
    this.#stops[slot] = path.length;
    this.#placeOfStop.set(path.place, slot * STOPS_MAX);
    this.#untilSOfStop.set(path.untilS, slot * STOPS_MAX);
    if (this.#activeCount === this.#active.length)
      this.#active = doubled(this.#active, new Uint32Array(this.#activeCount * 2));
    this.#active[this.#activeCount++] = slot;
  }

  /** Sends the bursts that begin before `untilS`, and lets go of visits that are over. */
  advance(untilS: number, network: Network): void {
    const active = this.#active;
    const nextAtS = this.#nextAtS;
    let staying = 0;
    for (let index = 0; index < this.#activeCount; index++) {
      const slot = active[index]!;
      if (nextAtS[slot]! >= untilS || this.#send(slot, untilS, network)) active[staying++] = slot;
      else this.#release(slot);
    }
    this.#activeCount = staying;
  }

  #release(slot: number): void {
    this.#day[slot] = NO_VISITS;
    this.#free.push(slot);
  }

  /** Whether the visit goes on after its bursts before `untilS`. */
  #send(slot: number, untilS: number, network: Network): boolean {
    const day = this.#day[slot]!;
    const row = this.#row[slot]!;
    const bursts = day.bursts[row]!;
    let burst = this.#nextBurst[slot]!;
    let atS = this.#nextAtS[slot]!;
    while (atS < untilS) {
      this.#burst(slot, day, row, burst, atS, network);
      if (++burst === bursts) return false;
      atS = burstAtS(day, row, burst);
    }
    this.#nextBurst[slot] = burst;
    this.#nextAtS[slot] = atS;
    return true;
  }

  #burst(slot: number, day: DayVisits, row: number, burst: number, atS: number, network: Network): void {
    const chance = this.#chance;
    const kind = day.kind[row]!;
    const key = day.key[row]!;
    let stop = slot * STOPS_MAX;
    const lastStop = stop + this.#stops[slot]! - 1;
    while (stop < lastStop && atS >= this.#untilSOfStop[stop]!) stop++;
    const { accessPoints } = this.#plan.places[this.#placeOfStop[stop]!]!;
    const spot = mixPair(key, 0x100 + stop - slot * STOPS_MAX) & 0xffff;
    chance.restart(key, 0x40000000 + burst);
    const shape = chance.bits();
    const isAside = kind !== EQUIPMENT && (shape & 255) < ASIDE_256;
    const nearest = accessPoints[(spot + (isAside ? 1 : 0)) % accessPoints.length]!;
    const draw = kind === EQUIPMENT ? 255 : (shape >>> 8) & 255;
    const probes = draw < THREE_PROBES_256 ? 3 : draw < TWO_PROBES_256 ? 2 : 1;
    const weakerDb = (key & 7) + (kind === PASSER_BY ? OUTSIDE_DB : 0);
    const heard = kind === PASSER_BY ? OUTSIDE_HEARD_SHARE : 1;
    const mac = this.#macOf(day, row, burst);
    const { from, accessPoint, meanDbm, chance256 } = this.#hearing;
    for (let probe = 0; probe < probes; probe++) {
      const occurredAtS = atS + probe;
      network.carry(chance, occurredAtS, mac, nearest, signal(NEAREST_DBM - weakerDb, chance));
      for (let hearer = from[nearest]!; hearer < from[nearest + 1]!; hearer++) {
        if ((chance.bits() & 255) >= chance256[hearer]! * heard) continue;
        network.carry(
          chance,
          occurredAtS,
          mac,
          accessPoint[hearer]!,
          signal(meanDbm[hearer]! - weakerDb, chance),
        );
      }
    }
  }

  #macOf(day: DayVisits, row: number, burst: number): number {
    const { seed, knownCustomers } = this.#plan;
    const member = day.member[row]!;
    if (day.kind[row] === EQUIPMENT) return equipmentMac(seed, member);
    const address = day.address[row];
    if (address === VISIT_ADDRESS) return randomizedMac(day.key[row]!, row, 0);
    if (address === ROTATING_ADDRESS) {
      const addresses = addressesOf(address, day.durationS[row]!, this.#rotationS);
      return randomizedMac(day.key[row]!, row, 1 + Math.floor((burst * addresses) / day.bursts[row]!));
    }
    return member < knownCustomers.length ? knownCustomers[member]!.mac : phoneMac(seed, member);
  }

  #newSlot(): number {
    const slot = this.#day.length;
    if (slot === this.#nextAtS.length) {
      const slots = Math.max(256, slot * 2);
      this.#nextAtS = doubled(this.#nextAtS, new Uint32Array(slots));
      this.#nextBurst = doubled(this.#nextBurst, new Uint32Array(slots));
      this.#row = doubled(this.#row, new Uint32Array(slots));
      this.#stops = doubled(this.#stops, new Uint8Array(slots));
      this.#placeOfStop = doubled(this.#placeOfStop, new Uint16Array(slots * STOPS_MAX));
      this.#untilSOfStop = doubled(this.#untilSOfStop, new Uint32Array(slots * STOPS_MAX));
    }
    return slot;
  }
}

/** One burst falls in each equal part of the visit, somewhere in it. */
function burstAtS(day: DayVisits, row: number, burst: number): number {
  const within = unitOf(mixPair(day.key[row]! ^ 0x3c6ef372, burst));
  return day.startS[row]! + Math.floor(((burst + within) * day.durationS[row]!) / day.bursts[row]!);
}

/** Two digits and a sign, as every line of the simulator has. */
function signal(meanDbm: number, chance: Chance): number {
  const dbm = Math.round(meanDbm + 4.5 * chance.bell());
  return Math.max(FAINTEST_DBM, Math.min(dbm, STRONGEST_DBM));
}

function doubled<C extends Uint32Array | Uint16Array | Uint8Array>(from: C, into: C): C {
  into.set(from);
  return into;
}
