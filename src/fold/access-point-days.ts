import type { Codebook } from '../codebook.ts';
import type { AccessPointDay } from '../terms.ts';
import { grown, grownCapacity } from './grown.ts';

const FIRST_ACCESS_POINTS = 256;

/** What was heard of each access point of one day, by its number. */
export class AccessPointDays {
  readonly #codebook: Codebook;
  #records = new Uint32Array(FIRST_ACCESS_POINTS);
  #lastHeardS = new Uint32Array(FIRST_ACCESS_POINTS);
  #shop = new Uint32Array(FIRST_ACCESS_POINTS);

  constructor(codebook: Codebook) {
    this.#codebook = codebook;
  }

  get bytes(): number {
    return this.#records.byteLength + this.#lastHeardS.byteLength + this.#shop.byteLength;
  }

  /** Records that name no access point are nobody's. */
  hear(accessPoint: number, atS: number, shop: number): void {
    if (accessPoint === 0) return;
    if (accessPoint >= this.#records.length) this.#grow(accessPoint);
    const first = this.#records[accessPoint]!++ === 0;
    const lastS = this.#lastHeardS[accessPoint]!;
    if (atS < lastS) return;
    if (first || atS > lastS || this.#codebook.shopRanksBefore(shop, this.#shop[accessPoint]!)) {
      this.#shop[accessPoint] = shop;
    }
    this.#lastHeardS[accessPoint] = atS;
  }

  /** Ascending by number. */
  rows(): AccessPointDay[] {
    const rows: AccessPointDay[] = [];
    for (let accessPoint = 1; accessPoint < this.#records.length; accessPoint++) {
      const records = this.#records[accessPoint]!;
      if (records === 0) continue;
      const lastHeardS = this.#lastHeardS[accessPoint]!;
      rows.push({ accessPoint, lastHeardS, shop: this.#shop[accessPoint]!, records });
    }
    return rows;
  }

  #grow(accessPoint: number): void {
    const length = grownCapacity(this.#records.length, accessPoint + 1);
    this.#records = grown(new Uint32Array(length), this.#records);
    this.#lastHeardS = grown(new Uint32Array(length), this.#lastHeardS);
    this.#shop = grown(new Uint32Array(length), this.#shop);
  }
}
