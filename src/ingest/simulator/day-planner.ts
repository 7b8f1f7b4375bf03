import type { Calendar } from '../../calendar.ts';
import type { EpochDay } from '../../terms.ts';
import { FIRST_PASSING_PHONE, FIRST_STAFF_PHONE, PHONES_MAX } from './addresses.ts';
import { Chance, mixPair, unitOf } from './chance.ts';
import { createDayCurve, type DayCurve, loadOf } from './day-curve.ts';
import {
  addressesOf,
  type DayVisits,
  EQUIPMENT,
  MAKERS_ADDRESS,
  PASSER_BY,
  ROTATING_ADDRESS,
  SHOPPER,
  STAFF,
  VISIT_ADDRESS,
  VisitColumns,
} from './day-visits.ts';
import type { SimulatorOptions } from './simulator-options.ts';

/** No visit is longer, equipment aside, which ends with its day: who is there now came today or yesterday. */
const VISIT_S_MAX = 6 * 3_600;
const PASSERS_BY_SHARE = 0.28;
const STAFF_SHARE = 0.015;
const REGULARS_SHARE = 0.16;
/** Equipment makes at most this share of the records. */
const EQUIPMENT_SHARE = 0.05;
/** It speaks often enough that no hour of the night is silent, and no more often than a screen does. */
const EQUIPMENT_BURSTS_MIN = 96;
const EQUIPMENT_BURSTS_MAX = 288;
/** Share of days on which the average regular customer comes. */
const REGULAR_ATTENDANCE = 0.13;
const REGULARS_MAX = FIRST_STAFF_PHONE;
/** Five of seven days. */
const STAFF_ATTENDANCE = 5 / 7;
const NIGHT_STAFF_SHARE = 0.1;

/** Plans the visits of one local day. The same day always has the same visits, whatever was planned before. */
export class DayPlanner {
  readonly #options: SimulatorOptions;
  readonly #calendar: Calendar;
  readonly #recordsPerBurst: readonly number[];

  /** `recordsPerBurst`: how many a burst is expected to make, by kind of visit. */
  constructor(options: SimulatorOptions, calendar: Calendar, recordsPerBurst: readonly number[]) {
    this.#options = options;
    this.#calendar = calendar;
    this.#recordsPerBurst = recordsPerBurst;
  }

  plan(day: EpochDay): DayVisits {
    const { plan, devicesPerDay, recordsPerDevice, repeatedRate } = this.#options;
    const { fromS, untilS } = this.#calendar.range(day);
    const load = loadOf(plan.seed, day);
    const devices = Math.round(devicesPerDay * load);
    const records = (devices * recordsPerDevice) / (1 + repeatedRate);
    const key = mixPair(plan.seed ^ 0x1d872b41, day);
    const draft = new DayDraft(this.#options, day, key, fromS, untilS);
    draft.addEquipment(records / this.#recordsPerBurst[EQUIPMENT]!);
    draft.addStaff();
    draft.addPassersBy(Math.round(devices * PASSERS_BY_SHARE));
    draft.addRegulars(load);
    draft.addWalkIns(devices);
    draft.visits.shareOut(records, this.#recordsPerBurst, new Chance(key, 1));
    return draft.visits.inOrder();
  }
}

/** One day's visits as they are being put together. */
class DayDraft {
  readonly visits = new VisitColumns();
  readonly #options: SimulatorOptions;
  readonly #day: EpochDay;
  readonly #key: number;
  readonly #fromS: number;
  readonly #untilS: number;
  readonly #curve: DayCurve;
  readonly #chance: Chance;
  /** Addresses that these visits show. */
  #devices = 0;
  #walkIns = 0;

  constructor(options: SimulatorOptions, day: EpochDay, key: number, fromS: number, untilS: number) {
    this.#options = options;
    this.#day = day;
    this.#key = key;
    this.#fromS = fromS;
    this.#untilS = untilS;
    this.#curve = createDayCurve(day, Math.floor((untilS - fromS) / 60));
    this.#chance = new Chance(key);
  }

  /** Tills, printers, screens: all day, every day. `bursts`: how many would make all records of the day. */
  addEquipment(bursts: number): void {
    const shops = this.#options.plan.places.length;
    const share = bursts * EQUIPMENT_SHARE;
    const pieces = Math.max(1, Math.min(Math.ceil(shops / 3), Math.floor(share / EQUIPMENT_BURSTS_MIN)));
    const each = Math.min(EQUIPMENT_BURSTS_MAX, Math.max(EQUIPMENT_BURSTS_MIN, share / pieces));
    const durationS = this.#untilS - this.#fromS;
    for (let member = 0; member < pieces; member++) {
      this.#add(EQUIPMENT, MAKERS_ADDRESS, member, this.#fromS, durationS, -Math.round(each));
    }
  }

  addStaff(): void {
    const { plan, devicesPerDay } = this.#options;
    const chance = this.#chance;
    const employed = Math.max(2, Math.round((devicesPerDay * STAFF_SHARE) / STAFF_ATTENDANCE));
    for (let member = 0; member < employed; member++) {
      const person = mixPair(plan.seed ^ 0x51aff, member);
      if (unitOf(mixPair(person, this.#day)) >= STAFF_ATTENDANCE) continue;
      const isAtNight = unitOf(person) < NIGHT_STAFF_SHARE;
      const shiftStartS = isAtNight ? 22 * 3_600 : (person & 1) === 0 ? 8.5 * 3_600 : 13 * 3_600;
      const startS = this.#fromS + Math.round(shiftStartS + chance.unit() * 2_700);
      const durationS = VISIT_S_MAX - chance.below(5_400);
      this.#add(STAFF, MAKERS_ADDRESS, FIRST_STAFF_PHONE + member, startS, durationS, 3 + chance.unit());
    }
  }

  addPassersBy(count: number): void {
    const chance = this.#chance;
    for (let nth = 0; nth < count; nth++) {
      const minute = this.#curve.passersBy.at(chance.unit());
      const startS = this.#fromS + minute * 60 + chance.below(60);
      const address = chance.unit() < this.#options.randomizedShare ? VISIT_ADDRESS : MAKERS_ADDRESS;
      const member = address === MAKERS_ADDRESS ? this.#nextPassingPhone() : 0;
      this.#add(PASSER_BY, address, member, startS, 20 + chance.below(220), 0.15);
    }
  }

  /** Customers who come back. A few come nearly every other day, most once in some weeks. */
  addRegulars(load: number): void {
    const { plan, devicesPerDay } = this.#options;
    const expected = (devicesPerDay * REGULARS_SHARE) / REGULAR_ATTENDANCE;
    const pool = Math.min(REGULARS_MAX, Math.max(plan.knownCustomers.length, Math.round(expected)));
    for (let member = 0; member < pool; member++) {
      const person = mixPair(plan.seed ^ 0x2e6ac5, member);
      const attendance = (0.03 + 0.5 * unitOf(person) ** 4) * load;
      if (unitOf(mixPair(person, this.#day)) < attendance) this.#addShopper(MAKERS_ADDRESS, member);
    }
  }

  /** Everyone else, until the day has as many devices as it should. */
  addWalkIns(devices: number): void {
    const { randomizedShare, rotatingShare } = this.#options;
    const chance = this.#chance;
    while (this.#devices < devices) {
      if (chance.unit() >= randomizedShare) this.#addShopper(MAKERS_ADDRESS, this.#nextPassingPhone());
      else this.#addShopper(chance.unit() < rotatingShare ? ROTATING_ADDRESS : VISIT_ADDRESS, 0);
    }
  }

  #addShopper(address: number, member: number): void {
    const chance = this.#chance;
    const startS = this.#fromS + this.#curve.shoppers.at(chance.unit()) * 60 + chance.below(60);
    const durationS = Math.round(Math.min(VISIT_S_MAX, Math.max(240, chance.skewed(3_000, 0.65))));
    const weight = chance.skewed(1, 0.4) * (0.35 + durationS / 3_600);
    this.#add(SHOPPER, address, member, startS, durationS, weight);
  }

  #add(
    kind: number,
    address: number,
    member: number,
    startS: number,
    durationS: number,
    weight: number,
  ): void {
    const key = mixPair(this.#key, this.visits.length);
    const addresses = addressesOf(address, durationS, this.#options.rotationS);
    this.visits.add({ startS, durationS, kind, address, member, key, weight, addresses });
    this.#devices += addresses;
  }

  /** Phones seen on one day; a mall that saw a hundred million of them sees the first ones again. */
  #nextPassingPhone(): number {
    const nth = this.#day * Math.ceil(this.#options.devicesPerDay) + this.#walkIns++;
    return FIRST_PASSING_PHONE + (nth % (PHONES_MAX - FIRST_PASSING_PHONE));
  }
}
