import type { Codebook } from '../codebook.ts';
import type { ServedMall, Shop } from './answers.ts';

/** Shops by the codebook's numbers, as the mall's list names them now; each is looked up once. */
export class ShopNames {
  readonly #served: ServedMall;
  readonly #shops: Shop[] = [];

  constructor(served: ServedMall) {
    this.#served = served;
  }

  /** Not for 0, the record that named no shop. */
  of(number: number): Shop {
    let shop = this.#shops[number];
    if (shop === undefined) {
      shop = shopOf(this.#served, this.#served.codebook.shopCode(number));
      this.#shops[number] = shop;
    }
    return shop;
  }
}

export function shopOf({ mall }: ServedMall, code: string): Shop {
  return { code, name: mall.shops.get(code) ?? null };
}

/** The number of a shop code that some record named; undefined for any other text. */
export function heardShop(codebook: Codebook, code: string): number | undefined {
  return codebook.findShop(code) || undefined;
}

/** Numbers of those of the codes that some record named. */
export function heardShops({ codebook }: ServedMall, codes: Iterable<string>): number[] {
  const numbers: number[] = [];
  for (const code of codes) {
    const number = heardShop(codebook, code);
    if (number !== undefined) numbers.push(number);
  }
  return numbers;
}
