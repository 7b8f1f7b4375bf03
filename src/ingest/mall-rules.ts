import type { Calendar } from '../calendar.ts';
import type { KeptMall } from '../store/store.ts';
import type { DayState, EpochDay, Mall } from '../terms.ts';
import { isFrozen, settlementDueS } from './settlement-schedule.ts';

/** What holds for a mall now: its directory, and what of its past is gone. */
export class MallRules {
  readonly #calendar: Calendar;
  #expired: KeptMall['expired'];
  readonly #keepRawDays: number | null;
  #mall: Mall;
  #judged: Mall;

  constructor(
    mall: Mall,
    options: { calendar: Calendar; expired: KeptMall['expired']; keepRawDays: number | null },
  ) {
    this.#calendar = options.calendar;
    this.#expired = options.expired;
    this.#keepRawDays = options.keepRawDays;
    this.#mall = mall;
    this.#judged = this.#withoutForgotten(mall);
  }

  /** As its directory describes it. */
  get mall(): Mall {
    return this.#mall;
  }

  /** As records are judged by: nothing is taken for days whose raw records are gone. */
  get judged(): Mall {
    return this.#judged;
  }

  /** Days before these were forgotten; null = none. */
  get expired(): KeptMall['expired'] {
    return this.#expired;
  }

  change(mall: Mall): void {
    this.#mall = mall;
    this.#judged = this.#withoutForgotten(mall);
  }

  /** Said before it is done: of a day whose raw records are gone in part, nothing is settled any more. */
  forget(before: KeptMall['expired']): void {
    this.#expired = before;
    this.change(this.#mall);
  }

  /** Whether raw records of a day were forgotten, so that its answers stay whatever comes. */
  isForgotten(day: EpochDay): boolean {
    return this.#expired.raw !== null && day < this.#expired.raw;
  }

  /** Whether records of a day are refused at this time, because raw records that old are no longer kept. */
  isFrozen(day: EpochDay, nowS: number): boolean {
    return this.isForgotten(day) || isFrozen(this.#calendar.dayOf(nowS) - day, this.#keepRawDays);
  }

  isOver(day: EpochDay, nowS: number): boolean {
    return this.#calendar.range(day).untilS <= nowS;
  }

  /** Whether a day is to be settled now. One whose answers stand is not touched once it is frozen. */
  isDue(state: DayState, nowS: number): boolean {
    const { day, arrival, settlement } = state;
    if (this.isForgotten(day)) return false;
    const waits = arrival !== null && arrival.commit > (settlement?.upToCommit ?? 0);
    if (!waits && this.isFrozen(day, nowS)) return false;
    const dueS = settlementDueS(state, this.#calendar.range(day), this.#mall.settings);
    return dueS !== null && dueS <= nowS;
  }

  /** Were records taken for a day whose raw records are forgotten, its next settlement would lose the rest of it. */
  #withoutForgotten(mall: Mall): Mall {
    const since = Math.max(mall.settings.since, this.#expired.raw ?? mall.settings.since);
    return { ...mall, settings: { ...mall.settings, since } };
  }
}
