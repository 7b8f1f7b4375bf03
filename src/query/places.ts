import { isRandomized } from '../decode/customer-id.ts';
import type { AccessPoint, Position, UnknownSignal } from '../terms.ts';
import type { CustomerPosition, Place, ServedMall } from './answers.ts';
import { ShopNames } from './shop-names.ts';

const UNKNOWN_SIGNAL: UnknownSignal = -128;

/** Positions in words: with the shops and access points as the mall's directory has them now. */
export class Places {
  readonly #served: ServedMall;
  readonly #names: ShopNames;
  readonly #accessPoints: (AccessPoint | null)[] = [];

  constructor(served: ServedMall) {
    this.#served = served;
    this.#names = new ShopNames(served);
  }

  /** `shop` and `accessPoint` are numbers of the codebook. */
  place(atS: number, shop: number, accessPoint: number, signalDbm: number): Place {
    const known = this.#accessPoint(accessPoint);
    return {
      atS,
      x: known?.x ?? null,
      y: known?.y ?? null,
      floor: known?.floor ?? null,
      shop: shop === 0 ? null : this.#names.of(shop),
      accessPoint: accessPoint === 0 ? null : this.#served.codebook.accessPointMac(accessPoint),
      rssiDbm: signalDbm === UNKNOWN_SIGNAL ? null : signalDbm,
    };
  }

  /** By device. */
  positions(positions: readonly Position[]): CustomerPosition[] {
    const ordered = [...positions].sort((a, b) => a.device - b.device);
    return ordered.map((position) => {
      const { device, provisional } = position;
      const { atS, x, y, floor, shop, accessPoint, rssiDbm } = this.place(
        position.atS,
        position.shop,
        position.accessPoint,
        position.signalDbm,
      );
      const randomized = isRandomized(device);
      return { device, randomized, provisional, atS, x, y, floor, shop, accessPoint, rssiDbm };
    });
  }

  #accessPoint(number: number): AccessPoint | null {
    let known = this.#accessPoints[number];
    if (known === undefined) {
      const { mall, codebook } = this.#served;
      known = mall.accessPoints.get(codebook.accessPointMac(number)) ?? null;
      this.#accessPoints[number] = known;
    }
    return known;
  }
}
