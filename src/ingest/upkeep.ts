import { formatDay } from '../calendar.ts';
import type { DeadLetters, Store } from '../store/store.ts';
import type { Clock, EpochDay } from '../terms.ts';
import { expireMall } from './expiry.ts';
import { Lock } from './lock.ts';
import type { Log } from './log.ts';
import type { OpenMall } from './open-mall.ts';
import type { SettledDay } from './operations.ts';

const EXPIRY_EVERY_S = 3_600;

export interface UpkeepOptions {
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly keepRawDays: number | null;
  readonly keepCustomerDays: number | null;
  readonly keepDeadLetterDays: number;
  readonly log: Log;
}

/**
 * What is done to malls beside their lines: days settle, what is too old is forgotten, changed directories are taken
 * up. One thing at a time, whatever the mall: a settlement holds a day's rows in memory, and what it reads must
 * not be forgotten meanwhile.
 */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #turns = new Lock();
  /** Days that imports are still adding to. */
  readonly #importing = new Set<ReadonlySet<EpochDay>>();
  #round: Promise<void> | undefined;
  #expiredAtS = 0;
  #closing = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Runs a task while nothing else is done to any mall. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.run(task);
  }

  /** Does what is due, unless that is under way already. */
  begin(malls: Iterable<OpenMall>): void {
    if (this.#closing) return;
    this.#round ??= this.#doRound([...malls]).finally(() => {
      this.#round = undefined;
    });
  }

  /** Resolves when the round that is under way has ended. */
  async done(): Promise<void> {
    await this.#round;
  }

  /** Leaves the days alone that an import adds to, until the returned function is called. */
  leaveAlone(days: ReadonlySet<EpochDay>): () => void {
    this.#importing.add(days);
    return () => this.#importing.delete(days);
  }

  /** Settles those that are over, and folds those that are not again, ascending. A frozen day stays as it is. */
  async settleDays(mall: OpenMall, days: readonly EpochDay[]): Promise<SettledDay[]> {
    const answers: SettledDay[] = [];
    for (const day of [...days].sort((a, b) => a - b)) {
      const over = await this.exclusively(async () => {
        const nowS = this.#options.clock.nowS();
        const over = mall.rules.isOver(day, nowS);
        if (!over) await mall.refold(day);
        else if (mayChange(mall, day, nowS)) await mall.settle(day);
        return over;
      });
      answers.push({ date: formatDay(day), state: over ? 'settled' : 'open' });
    }
    return answers;
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#round;
    await this.exclusively(async () => undefined);
  }

  async #doRound(malls: readonly OpenMall[]): Promise<void> {
    const { clock, log } = this.#options;
    for (const mall of malls) {
      const fields = { mall: mall.code };
      if (mall.hasToDo) await this.#try(fields, 'take up the directory of a mall', () => mall.catchUp());
      for (const day of mall.dueDays(clock.nowS())) {
        if (this.#closing) return;
        if ([...this.#importing].some((days) => days.has(day))) continue;
        const dated = { ...fields, date: formatDay(day) };
        const settled = await this.#try(dated, 'settle a day', () => mall.settle(day));
        if (settled) log.info(dated, 'settled a day');
      }
    }
    if (this.#closing || clock.nowS() - this.#expiredAtS < EXPIRY_EVERY_S) return;
    this.#expiredAtS = clock.nowS();
    await this.#try({}, 'forget what is no longer kept', () => this.#expire(malls));
  }

  async #expire(malls: readonly OpenMall[]): Promise<void> {
    const { store, deadLetters, clock, keepDeadLetterDays } = this.#options;
    const nowS = clock.nowS();
    // What an import has read was judged when it began, which may be long ago.
    if (this.#importing.size > 0) return;
    for (const mall of malls) await expireMall(store, mall, this.#options, nowS);
    await deadLetters.expire(nowS - keepDeadLetterDays * 86_400);
  }

  /** What fails is logged, and tried again in a later round. */
  async #try(fields: object, action: string, task: () => Promise<void>): Promise<boolean> {
    try {
      await this.exclusively(task);
      return true;
    } catch (error) {
      this.#options.log.error({ ...fields, err: error }, `could not ${action}; it is tried again`);
      return false;
    }
  }
}

/** A frozen day is settled for records that came before it froze, a forgotten one never. */
function mayChange({ ledger, rules }: OpenMall, day: EpochDay, nowS: number): boolean {
  return !rules.isForgotten(day) && (ledger.waits(day) || !rules.isFrozen(day, nowS));
}
