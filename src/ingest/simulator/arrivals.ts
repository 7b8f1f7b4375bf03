import type { Damage } from './damage.ts';

/** Records that arrive in one minute, as columns. Emptied and filled again without allocating. */
export class Arrivals {
  length = 0;
  /** Second of the minute in which it arrives. */
  second = new Uint8Array(64);
  occurredAtS = new Uint32Array(64);
  mac = new Float64Array(64);
  accessPoint = new Uint16Array(64);
  signalDbm = new Int8Array(64);
  /** The record's `id`: a repeated one has the same. */
  id = new Float64Array(64);
  damage = new Uint8Array(64);
  /** Rows in the order of arrival; row `order[i]`, of second `s`, has `startOf[s]` <= i < `startOf[s + 1]`. */
  order = new Uint32Array(64);
  readonly startOf = new Uint32Array(61);

  add(
    second: number,
    occurredAtS: number,
    mac: number,
    accessPoint: number,
    signalDbm: number,
    id: number,
    damage: Damage,
  ): void {
    const row = this.length;
    if (row === this.second.length) this.#grow();
    this.second[row] = second;
    this.occurredAtS[row] = occurredAtS;
    this.mac[row] = mac;
    this.accessPoint[row] = accessPoint;
    this.signalDbm[row] = signalDbm;
    this.id[row] = id;
    this.damage[row] = damage;
    this.length = row + 1;
  }

  clear(): void {
    this.length = 0;
  }

  /** Works out `order` and `startOf`; records of one second keep the order in which they were added. */
  sort(): void {
    const { length, second, order, startOf } = this;
    startOf.fill(0);
    for (let row = 0; row < length; row++) startOf[second[row]! + 1]!++;
    for (let at = 1; at < 61; at++) startOf[at]! += startOf[at - 1]!;
    const next = startOf.slice();
    for (let row = 0; row < length; row++) order[next[second[row]!]!++] = row;
  }

  #grow(): void {
    const capacity = this.second.length * 2;
    this.second = grown(new Uint8Array(capacity), this.second);
    this.occurredAtS = grown(new Uint32Array(capacity), this.occurredAtS);
    this.mac = grown(new Float64Array(capacity), this.mac);
    this.accessPoint = grown(new Uint16Array(capacity), this.accessPoint);
    this.signalDbm = grown(new Int8Array(capacity), this.signalDbm);
    this.id = grown(new Float64Array(capacity), this.id);
    this.damage = grown(new Uint8Array(capacity), this.damage);
    this.order = new Uint32Array(capacity);
  }
}

function grown<C extends { set(from: C): void }>(into: C, from: C): C {
  into.set(from);
  return into;
}
