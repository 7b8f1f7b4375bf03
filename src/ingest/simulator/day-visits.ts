import type { Chance } from './chance.ts';

/** Who comes. */
export const SHOPPER = 0;
export const PASSER_BY = 1;
export const STAFF = 2;
export const EQUIPMENT = 3;

/** Where a visit's address comes from: its maker, made up for the visit, or made up anew every few minutes. */
export const MAKERS_ADDRESS = 0;
export const VISIT_ADDRESS = 1;
export const ROTATING_ADDRESS = 2;

/** How many addresses a visit shows. */
export function addressesOf(address: number, durationS: number, rotationS: number): number {
  return address === ROTATING_ADDRESS ? Math.ceil(durationS / rotationS) : 1;
}

/** The visits that begin on one local day, as columns, in the order in which they begin. */
export interface DayVisits {
  readonly length: number;
  readonly startS: Uint32Array;
  readonly durationS: Uint32Array;
  readonly kind: Uint8Array;
  readonly address: Uint8Array;
  /** Which phone or piece of equipment, where the address is its maker's. */
  readonly member: Uint32Array;
  /** What everything that happens by chance in this visit is drawn from. */
  readonly key: Int32Array;
  /** Bursts of probe requests that it sends, at least one. */
  readonly bursts: Uint32Array;
}

/** Visits of a day while they are being planned, in any order. */
export class VisitColumns implements DayVisits {
  length = 0;
  startS = new Uint32Array(0);
  durationS = new Uint32Array(0);
  kind = new Uint8Array(0);
  address = new Uint8Array(0);
  member = new Uint32Array(0);
  key = new Int32Array(0);
  bursts = new Uint32Array(0);
  /** How many bursts it sends in proportion to the others; below 0: exactly so many. */
  weight = new Float32Array(0);
  /** How many it shows. */
  addresses = new Uint16Array(0);

  add(visit: {
    startS: number;
    durationS: number;
    kind: number;
    address: number;
    member: number;
    key: number;
    weight: number;
    addresses: number;
  }): void {
    const row = this.length;
    if (row === this.startS.length) this.#grow();
    this.startS[row] = visit.startS;
    this.durationS[row] = visit.durationS;
    this.kind[row] = visit.kind;
    this.address[row] = visit.address;
    this.member[row] = visit.member;
    this.key[row] = visit.key;
    this.weight[row] = visit.weight;
    this.addresses[row] = visit.addresses;
    this.length = row + 1;
  }

  /**
   * Gives every visit its bursts: one at least for each of its addresses, and so many that the records they are
   * expected to make come to `records`.
   */
  shareOut(records: number, recordsPerBurst: readonly number[], chance: Chance): void {
    const { length, weight, kind, addresses } = this;
    let scale = 1;
    for (let round = 0; round < 8; round++) {
      let least = 0;
      let scaled = 0;
      for (let row = 0; row < length; row++) {
        const perBurst = recordsPerBurst[kind[row]!]!;
        const bursts = weight[row]! < 0 ? -weight[row]! : weight[row]! * scale;
        const fewest = addresses[row]!;
        if (weight[row]! < 0 || bursts <= fewest) least += perBurst * Math.max(fewest, bursts);
        else scaled += perBurst * bursts;
      }
      if (scaled === 0 || least >= records) break;
      scale *= (records - least) / scaled;
    }
    for (let row = 0; row < length; row++) {
      const exact = weight[row]! < 0 ? -weight[row]! : weight[row]! * scale;
      this.bursts[row] = Math.max(addresses[row]!, Math.floor(exact + chance.unit()));
    }
  }

  /** The same visits in the order in which they begin; of one second, in the order in which they were added. */
  inOrder(): DayVisits {
    const order = new Uint32Array(this.length).map((_, row) => row);
    order.sort((a, b) => this.startS[a]! - this.startS[b]! || a - b);
    return {
      length: this.length,
      startS: picked(new Uint32Array(this.length), this.startS, order),
      durationS: picked(new Uint32Array(this.length), this.durationS, order),
      kind: picked(new Uint8Array(this.length), this.kind, order),
      address: picked(new Uint8Array(this.length), this.address, order),
      member: picked(new Uint32Array(this.length), this.member, order),
      key: picked(new Int32Array(this.length), this.key, order),
      bursts: picked(new Uint32Array(this.length), this.bursts, order),
    };
  }

  #grow(): void {
    const capacity = Math.max(1_024, this.startS.length * 2);
    this.startS = grown(new Uint32Array(capacity), this.startS);
    this.durationS = grown(new Uint32Array(capacity), this.durationS);
    this.kind = grown(new Uint8Array(capacity), this.kind);
    this.address = grown(new Uint8Array(capacity), this.address);
    this.member = grown(new Uint32Array(capacity), this.member);
    this.key = grown(new Int32Array(capacity), this.key);
    this.bursts = grown(new Uint32Array(capacity), this.bursts);
    this.weight = grown(new Float32Array(capacity), this.weight);
    this.addresses = grown(new Uint16Array(capacity), this.addresses);
  }
}

type Column = Uint32Array | Int32Array | Uint16Array | Uint8Array | Float32Array;

function grown<C extends Column>(into: C, from: C): C {
  into.set(from);
  return into;
}

function picked<C extends Column>(into: C, from: C, order: Uint32Array): C {
  for (let row = 0; row < order.length; row++) into[row] = from[order[row]!]!;
  return into;
}
