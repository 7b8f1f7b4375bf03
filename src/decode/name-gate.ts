import { type Codebook, OVERFLOW_SHOP } from '../codebook.ts';
import type { EpochDay } from '../terms.ts';
import { AdmittedNames } from './admitted-names.ts';

const UNKNOWN_MAX = 2_000;

export interface NameGateOptions {
  readonly codebook: Codebook;
  /** Whether the mall directory knows a shop code now. */
  isKnownShop(code: string): boolean;
  /** Whether the mall directory knows an access point now. */
  isKnownAccessPoint(mac: number): boolean;
  /** Unknown shop codes of one day, and as many unknown access points; 2,000 when left out. */
  readonly limit?: number;
}

interface DayNames {
  readonly day: EpochDay;
  readonly shops: AdmittedNames;
  readonly accessPoints: AdmittedNames;
  seeded: boolean;
}

/**
 * Keeps a flood of invented names out of the codebook and the store: of the shop codes that the directory does not
 * know, the first 2,000 of each day are admitted, further ones count as the shop `?overflow`; of unknown access
 * points as many, further ones count as none. What is admitted stays admitted for its day.
 */
export class NameGate {
  /** Records that counted as the overflow shop, and records whose access point counted as none. */
  readonly overflowed = { shops: 0, accessPoints: 0 };
  readonly #codebook: Codebook;
  readonly #limit: number;
  readonly #isKnownShop: (number: number) => boolean;
  readonly #isKnownAccessPoint: (number: number) => boolean;
  readonly #options: NameGateOptions;
  readonly #days = new Map<EpochDay, DayNames>();
  #recent: DayNames | undefined;

  constructor(options: NameGateOptions) {
    const { codebook, limit = UNKNOWN_MAX } = options;
    this.#options = options;
    this.#codebook = codebook;
    this.#limit = limit;
    this.#isKnownShop = (number) => {
      const code = codebook.shopCode(number);
      return code === OVERFLOW_SHOP || options.isKnownShop(code);
    };
    this.#isKnownAccessPoint = (number) => options.isKnownAccessPoint(codebook.accessPointMac(number));
  }

  /** What a shop that has a number counts as on a day: that number, or the overflow shop's. */
  shopNumber(day: EpochDay, number: number): number {
    const { shops } = this.#namesOf(day);
    if (number === 0 || shops.has(number)) return number;
    if (this.#isKnownShop(number)) shops.addKnown(number);
    else if (this.#unknownShops(shops) < this.#limit) shops.addUnknown(number);
    else return this.#overflowShop(shops);
    return number;
  }

  /** The number of a shop code, never the overflow shop's, on a day. A code that is not admitted gets none of its own. */
  shop(day: EpochDay, code: string): number {
    const number = this.#codebook.findShop(code);
    if (number !== undefined) return this.shopNumber(day, number);
    const { shops } = this.#namesOf(day);
    const mayEnter = this.#options.isKnownShop(code) || this.#unknownShops(shops) < this.#limit;
    return mayEnter ? this.shopNumber(day, this.#codebook.shop(code)) : this.#overflowShop(shops);
  }

  /** What an access point that has a number counts as on a day: that number, or 0. */
  accessPointNumber(day: EpochDay, number: number): number {
    const { accessPoints } = this.#namesOf(day);
    if (number === 0 || accessPoints.has(number)) return number;
    if (this.#isKnownAccessPoint(number)) accessPoints.addKnown(number);
    else if (this.#unknownAccessPoints(accessPoints) < this.#limit) accessPoints.addUnknown(number);
    else return this.#overflowAccessPoint();
    return number;
  }

  /** The number of an access point's 48-bit address on a day; 0 when it is not admitted. */
  accessPoint(day: EpochDay, mac: number): number {
    const number = this.#codebook.findAccessPoint(mac);
    if (number !== undefined) return this.accessPointNumber(day, number);
    const { accessPoints } = this.#namesOf(day);
    const mayEnter =
      this.#options.isKnownAccessPoint(mac) || this.#unknownAccessPoints(accessPoints) < this.#limit;
    return mayEnter
      ? this.accessPointNumber(day, this.#codebook.accessPoint(mac))
      : this.#overflowAccessPoint();
  }

  /** Names that the store has of a day already: admitted, and counted towards its limit. */
  seed(day: EpochDay, shops: readonly number[], accessPoints: readonly number[]): void {
    const names = this.#namesOf(day);
    for (const number of shops) names.shops.add(number);
    for (const number of accessPoints) names.accessPoints.add(number);
    names.seeded = true;
  }

  /** Days that admitted an unknown name while nobody has said what the store has of them, ascending. */
  unseededDays(): EpochDay[] {
    const days: EpochDay[] = [];
    for (const { day, seeded, shops, accessPoints } of this.#days.values()) {
      if (seeded) continue;
      if (this.#unknownShops(shops) > 0 || this.#unknownAccessPoints(accessPoints) > 0) days.push(day);
    }
    return days.sort((a, b) => a - b);
  }

  /** Asks anew which names are known: those that became known no longer count towards the limit. */
  directoryChanged(): void {
    for (const { shops, accessPoints } of this.#days.values()) {
      shops.recount();
      accessPoints.recount();
    }
  }

  /** Lets go of the days before this one. */
  forget(beforeDay: EpochDay): void {
    for (const day of this.#days.keys()) if (day < beforeDay) this.#days.delete(day);
    this.#recent = undefined;
  }

  #unknownShops(shops: AdmittedNames): number {
    return shops.unknown(this.#isKnownShop);
  }

  #unknownAccessPoints(accessPoints: AdmittedNames): number {
    return accessPoints.unknown(this.#isKnownAccessPoint);
  }

  #overflowShop(shops: AdmittedNames): number {
    this.overflowed.shops++;
    const number = this.#codebook.shop(OVERFLOW_SHOP);
    shops.addKnown(number);
    return number;
  }

  #overflowAccessPoint(): number {
    this.overflowed.accessPoints++;
    return 0;
  }

  #namesOf(day: EpochDay): DayNames {
    if (this.#recent?.day === day) return this.#recent;
    let names = this.#days.get(day);
    if (names === undefined) {
      names = { day, shops: new AdmittedNames(), accessPoints: new AdmittedNames(), seeded: false };
      this.#days.set(day, names);
    }
    this.#recent = names;
    return names;
  }
}
