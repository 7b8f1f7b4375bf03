import type { EpochDay, Sightings } from './terms.ts';

/** Columns of records that grow by doubling and are emptied for reuse: filling them again allocates nothing. */
export class SightingColumns implements Sightings {
  length = 0;
  day: Int32Array;
  device: Float64Array;
  occurredAtS: Uint32Array;
  shop: Uint32Array;
  accessPoint: Uint32Array;
  signalDbm: Int8Array;
  slot: Uint32Array;

  constructor(capacity = 2_048) {
    this.day = new Int32Array(capacity);
    this.device = new Float64Array(capacity);
    this.occurredAtS = new Uint32Array(capacity);
    this.shop = new Uint32Array(capacity);
    this.accessPoint = new Uint32Array(capacity);
    this.signalDbm = new Int8Array(capacity);
    this.slot = new Uint32Array(capacity);
  }

  push(
    day: EpochDay,
    device: number,
    occurredAtS: number,
    shop: number,
    accessPoint: number,
    signalDbm: number,
    slot = 0,
  ): void {
    const row = this.length;
    if (row === this.day.length) this.#grow();
    this.day[row] = day;
    this.device[row] = device;
    this.occurredAtS[row] = occurredAtS;
    this.shop[row] = shop;
    this.accessPoint[row] = accessPoint;
    this.signalDbm[row] = signalDbm;
    this.slot[row] = slot;
    this.length = row + 1;
  }

  clear(): void {
    this.length = 0;
  }

  #grow(): void {
    const capacity = this.day.length * 2;
    this.day = copyInto(new Int32Array(capacity), this.day);
    this.device = copyInto(new Float64Array(capacity), this.device);
    this.occurredAtS = copyInto(new Uint32Array(capacity), this.occurredAtS);
    this.shop = copyInto(new Uint32Array(capacity), this.shop);
    this.accessPoint = copyInto(new Uint32Array(capacity), this.accessPoint);
    this.signalDbm = copyInto(new Int8Array(capacity), this.signalDbm);
    this.slot = copyInto(new Uint32Array(capacity), this.slot);
  }
}

function copyInto<A extends { set(from: A): void }>(into: A, from: A): A {
  into.set(from);
  return into;
}
