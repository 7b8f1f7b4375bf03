import { Calendar } from '../../calendar.ts';
import { Codebook } from '../../codebook.ts';
import type { EpochDay } from '../../terms.ts';
import type { MallIdentity } from '../store.ts';
import type { DayBook } from './day-books.ts';

const UNKNOWN_ZONE = 'UTC';

/** What this process knows of one mall of the shared store. */
export class InfluxMall {
  readonly code: string;
  /** The numbers that every row of this mall is read in; a text without one is given the next. */
  codebook: Codebook;
  /** Numbers that the store has. */
  shopsKept = 0;
  accessPointsKept = 0;
  epoch = 0;
  commit = 0;
  positions = new Map<string, string>();
  /** Of commits that are kept: days that only the checkpoint holds so far. */
  inCheckpoint: readonly DayBook[] = [];
  expired: { raw: EpochDay | null; customers: EpochDay | null } = { raw: null, customers: null };
  #identity: MallIdentity | null = null;
  #calendar: Calendar = new Calendar(UNKNOWN_ZONE);

  /** Devices that days had when they were counted: how wide a range of pseudonyms holds a page. */
  readonly devicesOf = new Map<EpochDay, number>();

  constructor(code: string, codebook = new Codebook()) {
    this.code = code;
    this.codebook = codebook;
  }

  get identity(): MallIdentity | null {
    return this.#identity;
  }

  set identity(identity: MallIdentity | null) {
    this.#identity = identity;
    this.#calendar = new Calendar(identity?.timeZone ?? UNKNOWN_ZONE);
  }

  /** Says on which day a record occurred: known once the identity is kept. */
  get calendar(): Calendar {
    return this.#calendar;
  }
}
