import type { DayRange, DayState } from '../../terms.ts';
import { EVER } from './kept-books.ts';

type ReadStates = (days: DayRange) => Promise<DayState[]>;

interface Held {
  readonly atMs: number;
  readonly states: Promise<DayState[]>;
}

/**
 * States of days as they were read a moment ago, for a process that is asked about the same days over and over. A range
 * with a day that was not settled then is read again: it may have settled since, and whoever is told that a day is open
 * looks for its numbers elsewhere.
 */
export class HeldStates {
  readonly #heldMs: number;
  readonly #stopwatchMs: () => number;
  readonly #held = new Map<string, Held>();

  constructor(heldMs: number, stopwatchMs: () => number) {
    this.#heldMs = heldMs;
    this.#stopwatchMs = stopwatchMs;
  }

  async between(mall: string, days: DayRange, read: ReadStates): Promise<DayState[]> {
    if (this.#heldMs === 0) return read(days);
    const held = this.#held.get(mall);
    const nowMs = this.#stopwatchMs();
    if (held === undefined || nowMs - held.atMs >= this.#heldMs) {
      const states = read(EVER);
      this.#held.set(mall, { atMs: nowMs, states });
      // One that failed, or was given up by whoever asked first, is nobody else's answer.
      states.catch(() => this.#held.delete(mall));
      return within(days, await states);
    }
    const found = within(days, await held.states.catch(() => []));
    const areSettled = found.length === days.to - days.from + 1 && found.every(isSettled);
    return areSettled ? found : read(days);
  }
}

function within({ from, to }: DayRange, states: readonly DayState[]): DayState[] {
  return states.filter(({ day }) => day >= from && day <= to);
}

function isSettled({ arrival, settlement }: DayState): boolean {
  return settlement !== null && (arrival === null || arrival.commit <= settlement.upToCommit);
}
