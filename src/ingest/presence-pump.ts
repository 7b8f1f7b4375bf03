import type { Codebook } from '../codebook.ts';
import type { CustomerRecord } from '../fold/customer-record.ts';
import type { MallFold } from '../fold/mall-fold.ts';
import type { OpenDayRows, Presence } from '../store/store.ts';
import type { EpochDay } from '../terms.ts';

/** What changes with every record is written so often: half of what a reader may wait for it. */
const LATER_EVERY_S = 5;
/**
 * And at most so many rows of each kind at a time. Rows of a thousand different devices a second are written within those
 * seconds; of many more, the server gets the records first, and `asOf` says how old the rows are.
 */
const LATER_ROWS_MAX = 40_000;

/** Rows that were taken from the fold, and are not kept yet. */
interface Taken {
  readonly rows: OpenDayRows;
  /** Receipt of the newest record in them, when nothing was left for later; undefined when something was. */
  readonly asOfS: number | undefined;
}

/**
 * Writes the rows of the open days of one mall to a store that other processes read: a device, a shop or an hour
 * met for the first time within a second, the rest every few seconds. What could not be written is written again
 * before anything newer of its day.
 */
export class PresencePump {
  readonly #parts: PresencePumpParts;
  readonly #taken = new Map<EpochDay, Taken>();
  readonly #resting = new Set<EpochDay>();
  readonly #keptAsOfS = new Map<EpochDay, number>();
  #writing: Promise<void> | undefined;
  #laterAtS = 0;

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
    for (const day of this.#keptAsOfS.keys()) if (!open.includes(day)) this.#keptAsOfS.delete(day);
    for (const day of this.#taken.keys()) if (!open.includes(day)) this.#taken.delete(day);
    const withLater = nowS - this.#laterAtS >= LATER_EVERY_S;
    if (withLater) this.#laterAtS = nowS;
    for (const day of open) {
      if (this.#taken.has(day)) await this.#keep(day);
      this.#take(day, withLater ? LATER_ROWS_MAX : 0);
      await this.#keep(day);
    }
  }

  #take(day: EpochDay, laterMax: number): void {
    const { fold, customers, codebook } = this.#parts;
    const found = fold.find(day);
    const changes = found?.changes;
    if (found === undefined || changes === undefined || this.#resting.has(day)) return;
    const taken = changes.take(laterMax);
    const { device, isNew } = taken.deviceDays;
    customers.markNew(day, device, isNew);
    const rows = { day, codebook, ...taken };
    this.#taken.set(day, { rows, asOfS: changes.waiting === 0 ? found.asOfS : undefined });
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
