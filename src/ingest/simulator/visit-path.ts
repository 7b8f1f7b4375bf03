import { Chance } from './chance.ts';
import { CumulativeWeights } from './cumulative-weights.ts';
import { EQUIPMENT, PASSER_BY, SHOPPER, STAFF } from './day-visits.ts';
import type { MallPlan } from './mall-plan.ts';
import { DAY_PARTS, dayPartOf } from './trades.ts';

export const STOPS_MAX = 8;
/** Nobody decides for a further shop without so much time for it. */
const STOP_S = 420;
const GO_ON_SHARE = 0.7;
const COME_BACK_SHARE = 0.18;

/** Where one visit leads: place after place, each until an instant. Reused from visit to visit. */
export class VisitPath {
  length = 0;
  readonly place = new Uint16Array(STOPS_MAX);
  readonly untilS = new Uint32Array(STOPS_MAX);
  readonly #shops: readonly CumulativeWeights[];
  readonly #plan: MallPlan;
  /** Indices of the zones among the places. */
  readonly #zones: readonly number[];
  readonly #chance = new Chance(0);
  readonly #shares = new Float64Array(STOPS_MAX);

  constructor(plan: MallPlan) {
    this.#plan = plan;
    this.#zones = [...plan.places.keys()].filter((index) => plan.places[index]!.popularity === 0);
    this.#shops = Array.from({ length: DAY_PARTS }, (_, part) => {
      return new CumulativeWeights(
        plan.places.map(({ popularity, trade }) => popularity * trade.pull[part]!),
      );
    });
  }

  /** Works out the path of a visit, always the same one for the same key. `member` is the person or the piece. */
  walk(
    kind: number,
    key: number,
    member: number,
    startS: number,
    durationS: number,
    wallMinute: number,
  ): void {
    const chance = this.#chance;
    chance.restart(key, 2);
    this.length = 0;
    if (kind === EQUIPMENT) this.#stop(member % this.#plan.places.length, 1);
    else if (kind === PASSER_BY) this.#stop(this.#entrance(wallMinute), 1);
    else if (kind === STAFF) this.#work(member, wallMinute);
    else this.#stroll(durationS, wallMinute);
    let total = 0;
    for (let stop = 0; stop < this.length; stop++) total += this.#shares[stop]!;
    let passed = 0;
    for (let stop = 0; stop < this.length; stop++) {
      passed += this.#shares[stop]!;
      this.untilS[stop] = startS + Math.round((durationS * passed) / total);
    }
  }

  #stroll(durationS: number, wallMinute: number): void {
    const chance = this.#chance;
    if (this.#zones.length > 0) this.#stop(this.#entrance(wallMinute), 0.06);
    const most = Math.min(STOPS_MAX, this.length + 1 + Math.floor(durationS / STOP_S));
    const first = this.length;
    do {
      const canComeBack = this.length - first >= 2;
      const comesBack = canComeBack && chance.unit() < COME_BACK_SHARE;
      const place = comesBack
        ? this.place[first + chance.below(this.length - first - 1)]!
        : this.#shop(wallMinute + (60 * this.length) / 4);
      this.#stop(place, chance.skewed(1, 0.8));
    } while (this.length < most && chance.unit() < GO_ON_SHARE);
  }

  /** At their own shop, with a break elsewhere. */
  #work(member: number, wallMinute: number): void {
    const shops = this.#plan.places.length - this.#zones.length;
    const own = member % shops;
    this.#stop(own, 1 + this.#chance.unit());
    this.#stop(this.#shop(wallMinute + 180), 0.15);
    this.#stop(own, 1 + this.#chance.unit());
  }

  #shop(wallMinute: number): number {
    return this.#shops[dayPartOf(wallMinute % 1_440)]!.at(this.#chance.unit());
  }

  #entrance(wallMinute: number): number {
    const zones = this.#zones;
    return zones.length > 0 ? zones[this.#chance.below(zones.length)]! : this.#shop(wallMinute);
  }

  #stop(place: number, share: number): void {
    this.place[this.length] = place;
    this.#shares[this.length] = share;
    this.length++;
  }
}

/** How many records one burst of a kind of visit is expected to make, by kind. */
export function recordsPerBurst(
  plan: MallPlan,
  hearersOf: (accessPoints: readonly number[]) => number,
  probes: { readonly mean: number; readonly faintShare: number },
): number[] {
  let shops = 0;
  let zones = 0;
  let zoneCount = 0;
  let popularities = 0;
  let all = 0;
  for (const { popularity, accessPoints } of plan.places) {
    const hearers = hearersOf(accessPoints);
    all += hearers;
    shops += popularity * hearers;
    popularities += popularity;
    if (popularity === 0) {
      zones += hearers;
      zoneCount++;
    }
  }
  const inShops = shops / popularities;
  const atEntrances = zoneCount > 0 ? zones / zoneCount : inShops;
  const result: number[] = [];
  result[SHOPPER] = probes.mean * (1 + inShops);
  result[PASSER_BY] = probes.mean * (1 + atEntrances * probes.faintShare);
  result[STAFF] = probes.mean * (1 + inShops);
  result[EQUIPMENT] = 1 + all / plan.places.length;
  return result;
}
