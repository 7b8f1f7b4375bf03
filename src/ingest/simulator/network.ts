import { Arrivals } from './arrivals.ts';
import { Chance } from './chance.ts';
import { DAMAGES, type Damage, WHOLE } from './damage.ts';
import type { SimulatorOptions } from './simulator-options.ts';

/** Four of five late records are late by less than this. */
const SLIGHTLY_LATE_S = 50;
const REPEATED_WITHIN_S = 300;
const IDS_PER_MINUTE = 10_000_000;

/**
 * The way from the access points to the mall: most records arrive in the second in which they occur, some late,
 * some twice, some damaged. Holds what has occurred and not arrived yet, minute by minute.
 */
export class Network {
  readonly #latenessSMax: number;
  readonly #repeatedWithinS: number;
  readonly #late: number;
  readonly #repeated: number;
  readonly #damaged: number;
  readonly #minutes: readonly Arrivals[];
  /** What befalls a record draws from a chance of its own, so that what occurs is the same whatever goes wrong. */
  readonly #mishap = new Chance(0);
  #nextId = 0;

  constructor(options: SimulatorOptions) {
    const { latenessSMax, lateRate, repeatedRate, damagedRate } = options;
    this.#latenessSMax = latenessSMax;
    this.#repeatedWithinS = Math.min(REPEATED_WITHIN_S, latenessSMax);
    this.#late = lateRate * 2 ** 32;
    this.#repeated = this.#late + repeatedRate * 2 ** 32;
    this.#damaged = this.#repeated + damagedRate * 2 ** 32;
    const minutes = Math.ceil(latenessSMax / 60) + 2;
    this.#minutes = Array.from({ length: minutes }, () => new Arrivals());
  }

  /** Records are numbered within the minute in which their burst begins. */
  beginMinute(minute: number): void {
    this.#nextId = minute * IDS_PER_MINUTE;
  }

  carry(chance: Chance, occurredAtS: number, mac: number, accessPoint: number, signalDbm: number): void {
    const id = this.#nextId++;
    const fate = chance.bits();
    if (fate >= this.#damaged) {
      this.#arrive(occurredAtS, occurredAtS, mac, accessPoint, signalDbm, id, WHOLE);
      return;
    }
    const mishap = this.#mishap;
    mishap.restart(fate, id);
    if (fate < this.#late) {
      const atS = occurredAtS + this.#delayS(mishap);
      this.#arrive(atS, occurredAtS, mac, accessPoint, signalDbm, id, WHOLE);
    } else if (fate < this.#repeated) {
      const atS = occurredAtS + 1 + mishap.below(this.#repeatedWithinS);
      this.#arrive(occurredAtS, occurredAtS, mac, accessPoint, signalDbm, id, WHOLE);
      this.#arrive(atS, occurredAtS, mac, accessPoint, signalDbm, id, WHOLE);
    } else {
      const damage = DAMAGES[mishap.below(DAMAGES.length)]!;
      this.#arrive(occurredAtS, occurredAtS, mac, accessPoint, signalDbm, id, damage);
    }
  }

  /** Everything that arrives in a minute, complete once that minute and all before it were carried. */
  arrivedIn(minute: number): Arrivals {
    return this.#minutes[minute % this.#minutes.length]!;
  }

  /** Forgets everything under way. */
  clear(): void {
    for (const arrivals of this.#minutes) arrivals.clear();
  }

  #delayS(chance: Chance): number {
    const isSlight = chance.bits() % 5 > 0;
    return 1 + chance.below(isSlight ? Math.min(SLIGHTLY_LATE_S, this.#latenessSMax) : this.#latenessSMax);
  }

  #arrive(
    atS: number,
    occurredAtS: number,
    mac: number,
    accessPoint: number,
    signalDbm: number,
    id: number,
    damage: Damage,
  ): void {
    const minute = Math.floor(atS / 60);
    const arrivals = this.arrivedIn(minute);
    arrivals.add(atS - minute * 60, occurredAtS, mac, accessPoint, signalDbm, id, damage);
  }
}
