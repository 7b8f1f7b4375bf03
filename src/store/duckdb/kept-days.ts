import type { DayArrival, DayRange, DaySettlement, DayState, EpochDay } from '../../terms.ts';
import type { DayCorrection } from '../store.ts';

/**
 * The states of a mall's days, held in memory: this process alone writes them, so they are those of the tables, and every
 * question about days begins with them.
 */
export class KeptDays {
  readonly #states = new Map<EpochDay, DayState>();

  constructor(arrivals: readonly DayArrival[], settlements: readonly DaySettlement[]) {
    for (const arrival of arrivals) this.arrived(arrival);
    for (const settlement of settlements) this.settled(settlement);
  }

  arrived(arrival: DayArrival): void {
    const { day } = arrival;
    this.#states.set(day, { day, arrival, settlement: this.#states.get(day)?.settlement ?? null });
  }

  settled(settlement: DaySettlement): void {
    const { day } = settlement;
    this.#states.set(day, { day, arrival: this.#states.get(day)?.arrival ?? null, settlement });
  }

  corrected(corrections: readonly DayCorrection[]): void {
    for (const { day, version } of corrections) {
      const settlement = this.#states.get(day)?.settlement;
      if (settlement) this.settled({ ...settlement, version });
    }
  }

  /** Ascending. */
  between({ from, to }: DayRange): DayState[] {
    if (to - from >= this.#states.size) {
      const days = [...this.#states.keys()].filter((day) => day >= from && day <= to);
      return days.sort((a, b) => a - b).map((day) => this.#states.get(day)!);
    }
    const states: DayState[] = [];
    for (let day = from; day <= to; day++) {
      const state = this.#states.get(day);
      if (state !== undefined) states.push(state);
    }
    return states;
  }
}
