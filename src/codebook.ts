/**
 * Numbers for the texts of one mall: shop codes and access-point addresses, so that records and rows are columns
 * of integers. A number, once given, never changes; 0 means "none". The store keeps the codebook with the first
 * rows that use a new number.
 */
export class Codebook {
  readonly #shopCodes: string[] = [''];
  readonly #shopNumbers = new Map<string, number>();
  readonly #macs: number[] = [-1];
  readonly #macNumbers = new Map<number, number>();

  constructor(shopCodes: Iterable<string> = [], accessPointMacs: Iterable<number> = []) {
    for (const code of shopCodes) this.shop(code);
    for (const mac of accessPointMacs) this.accessPoint(mac);
  }

  /** How many shop codes have a number; the newest has this one. */
  get shopCount(): number {
    return this.#shopCodes.length - 1;
  }

  get accessPointCount(): number {
    return this.#macs.length - 1;
  }

  /** The number of a shop code, given now if it had none; '' is 0. */
  shop(code: string): number {
    if (code === '') return 0;
    let number = this.#shopNumbers.get(code);
    if (number === undefined) {
      number = this.#shopCodes.push(code) - 1;
      this.#shopNumbers.set(code, number);
    }
    return number;
  }

  /** The number of a shop code, or undefined when it was never given one. */
  findShop(code: string): number | undefined {
    return code === '' ? 0 : this.#shopNumbers.get(code);
  }

  shopCode(number: number): string {
    return this.#shopCodes[number] ?? '';
  }

  /** The number of an access point by its 48-bit address, given now if it had none. */
  accessPoint(mac: number): number {
    let number = this.#macNumbers.get(mac);
    if (number === undefined) {
      number = this.#macs.push(mac) - 1;
      this.#macNumbers.set(mac, number);
    }
    return number;
  }

  findAccessPoint(mac: number): number | undefined {
    return this.#macNumbers.get(mac);
  }

  /** The 48-bit address of an access point; −1 for number 0. */
  accessPointMac(number: number): number {
    return this.#macs[number] ?? -1;
  }

  /** Whether shop `a` ranks before shop `b` in a tie: lower code first, "no shop" last. */
  shopRanksBefore(a: number, b: number): boolean {
    if (a === b || a === 0) return false;
    return b === 0 || this.shopCode(a) < this.shopCode(b);
  }

  /** Whether access point `a` ranks before `b` in a tie: lower address first, "none" last. */
  accessPointRanksBefore(a: number, b: number): boolean {
    if (a === b || a === 0) return false;
    return b === 0 || this.accessPointMac(a) < this.accessPointMac(b);
  }
}

/** The code under which a shop counts once a mall and day has too many unknown ones. */
export const OVERFLOW_SHOP = '?overflow';
