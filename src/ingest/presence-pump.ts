import type { Codebook } from '../codebook.ts';
import type { CustomerRecord } from '../fold/customer-record.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { OpenDayRows, Presence } from '../store/store.ts';
import type { EpochDay } from '../terms.ts';

/**
 * What changes with every record is written in rounds: what waits when one begins, a part of it with every tick, so that
 * records never wait long behind it. A reader waits for two rounds at most.
 */
const ROUND_S = 5;
/** At most so many rows of each kind with a tick. A round of more lasts longer: the server gets the records first. */
const TICK_ROWS_MAX = 8_000;

/** Rows that were taken from the fold, and are not kept yet. */
interface Taken {
  readonly rows: OpenDayRows;
  /** With them everything is kept that was received up to then; undefined while something older waits. */
  readonly asOfS: number | undefined;
}

interface Round {
  readonly startS: number;
  /** Receipt of the newest record when it began. */
  readonly asOfS: number;
  /** Rows of either kind that are still to be taken. */
  left: number;
  readonly aTick: number;
}

/**
 * Writes the rows of the open days of one mall to a store that other processes read: a device, a shop or an hour
 * met for the first time within a second, the rest every few seconds. What could not be written is written again
 * before anything newer of its day.
 */
export class PresencePump {
  readonly #parts: PresencePumpParts;
  readonly #taken = new Map<EpochDay, Taken>();
  readonly #rounds = new Map<EpochDay, Round>();
  readonly #resting = new Set<EpochDay>();
  readonly #keptAsOfS = new Map<EpochDay, number>();
  #writing: Promise<void> | undefined;

  constructor(parts: PresencePumpParts) {
    this.#parts = parts;
  }

  /** Receipt up to which the rows of a day are kept; undefined while that is not known. */
  keptAsOfS(day: EpochDay): number | undefined {
    return this.#keptAsOfS.get(day);
  }

  /** Begins to write what changed, unless that is under way. About once a second. */
  tick(nowS: number): void {
    this.#writing ??= this.#write(nowS)
      .catch((error: unknown) => this.#parts.onFailure(error))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Resolves when what is under way has ended. */
  async rest(): Promise<void> {
    await this.#writing;
  }

  /** Writes nothing of a day, until the returned function is called; resolves once nothing is under way. */
  async leaveAlone(day: EpochDay): Promise<() => void> {
    this.#resting.add(day);
    await this.#writing;
    return () => {
      this.#resting.delete(day);
    };
  }

  async #write(nowS: number): Promise<void> {
    const { fold } = this.#parts;
    const open = fold.openDays();
    for (const known of [this.#keptAsOfS, this.#taken, this.#rounds]) {
      for (const day of known.keys()) if (!open.includes(day)) known.delete(day);
    }
    for (const day of open) {
      if (this.#taken.has(day)) await this.#keep(day);
      this.#take(day, nowS);
      await this.#keep(day);
    }
  }

  #take(day: EpochDay, nowS: number): void {
    const { fold, customers, codebook } = this.#parts;
    const found = fold.find(day);
    const changes = found?.changes;
    if (found === undefined || changes === undefined || this.#resting.has(day)) return;
    const round = this.#roundOf(day, nowS, found.asOfS, changes.later);
    const laterMax = Math.min(round.left, round.aTick);
    round.left -= laterMax;
    const taken = changes.take(laterMax);
    const { device, isNew } = taken.deviceDays;
    customers.markNew(day, device, isNew);
    const rows = { day, codebook, ...taken };
    const asOfS = changes.waiting === 0 ? found.asOfS : round.left === 0 ? round.asOfS : undefined;
    this.#taken.set(day, { rows, asOfS });
  }

  #roundOf(day: EpochDay, nowS: number, asOfS: number, later: number): Round {
    const under = this.#rounds.get(day);
    if (under !== undefined && (under.left > 0 || nowS - under.startS < ROUND_S)) return under;
    const aTick = Math.min(TICK_ROWS_MAX, Math.ceil(later / ROUND_S));
    const round = { startS: nowS, asOfS, left: later, aTick };
    this.#rounds.set(day, round);
    return round;
  }

  async #keep(day: EpochDay): Promise<void> {
    const { mall, presence } = this.#parts;
    const taken = this.#taken.get(day);
    if (taken === undefined || this.#resting.has(day)) return;
    const { rows, asOfS } = taken;
    if (rows.deviceDays.length + rows.shopDays.length > 0) await presence.keepOpenRows(mall, rows);
    this.#taken.delete(day);
    if (asOfS !== undefined) this.#keptAsOfS.set(day, asOfS);
  }
}

export interface PresencePumpParts {
  readonly mall: string;
  readonly presence: Presence;
  readonly fold: MallFold;
  readonly customers: CustomerRecord;
  readonly codebook: Codebook;
  /** Rows could not be kept; they are tried again. */
  readonly onFailure: (error: unknown) => void;
}
