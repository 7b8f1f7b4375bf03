import type { Calendar } from '../calendar.ts';
import type { Customer, CustomerChanges, Customers, EpochDay } from '../terms.ts';
import { DeviceTable } from './device-table.ts';
import { grown } from './grown.ts';
import { RowList } from './row-list.ts';

/** On the mall's own list of customers. */
const IMPORTED = 1;
/** In the store's record. */
const KEPT = 2;
/** Not as the store has it, and on the list of changes. */
const CHANGED = 4;

/** Days on which a time of 32 bits can lie, in every zone. */
const DAYS = 49_712;

/**
 * First and last second of every customer ever seen in a mall. A first second moves to earlier days when late
 * records come, and a customer is imported at any time; how many customers are new on a day follows at once.
 *
 * 17 bytes of columns and 14 to 20 of table a customer; a customer that is seen again costs one look-up.
 */
export class CustomerRecord {
  readonly #calendar: Calendar;
  readonly #table = new DeviceTable();
  #firstS: Uint32Array;
  #lastS: Uint32Array;
  #flags: Uint8Array;
  /** Rows with CHANGED, in the order in which they changed. */
  readonly #changes = new RowList();
  /** Told of a customer that was new on a day and is so no longer. */
  readonly #onNoLongerNew: ((day: EpochDay, device: number) => void) | undefined;
  /** By day: customers not imported whose first second lies on it. */
  readonly #newOn = new Int32Array(DAYS);

  constructor(calendar: Calendar, onNoLongerNew?: (day: EpochDay, device: number) => void) {
    this.#calendar = calendar;
    this.#onNoLongerNew = onNoLongerNew;
    this.#firstS = new Uint32Array(this.#table.capacity);
    this.#lastS = new Uint32Array(this.#table.capacity);
    this.#flags = new Uint8Array(this.#table.capacity);
  }

  get size(): number {
    return this.#table.size;
  }

  get bytes(): number {
    const columns = this.#firstS.byteLength + this.#lastS.byteLength + this.#flags.byteLength;
    return this.#table.bytes + columns + this.#changes.bytes + this.#newOn.byteLength;
  }

  /** Customers as the store keeps them; before any other is seen. */
  load(chunk: Customers): void {
    for (let i = 0; i < chunk.length; i++) {
      const flags = KEPT | (chunk.imported[i] === 1 ? IMPORTED : 0);
      this.#add(chunk.device[i]!, chunk.firstSeenS[i]!, chunk.lastSeenS[i]!, flags);
    }
  }

  see(device: number, atS: number): void {
    this.seeRange(device, atS, atS);
  }

  /** A customer was seen at both seconds, and maybe between. */
  seeRange(device: number, firstS: number, lastS: number): void {
    const row = this.#table.find(device);
    if (row < 0) {
      this.#mark(this.#add(device, firstS, lastS, 0));
      return;
    }
    if (lastS > this.#lastS[row]!) {
      this.#lastS[row] = lastS;
      this.#mark(row);
    }
    if (firstS < this.#firstS[row]!) this.#moveFirst(row, firstS);
  }

  /** A line of the mall's own list: widens what is known, and the customer never counts as new again. */
  importCustomer(device: number, firstSeenS: number, lastSeenS: number): void {
    this.seeRange(device, firstSeenS, lastSeenS);
    const row = this.#table.find(device);
    if ((this.#flags[row]! & IMPORTED) !== 0) return;
    this.#countNew(row, -1);
    this.#onNoLongerNew?.(this.#calendar.dayOf(this.#firstS[row]!), device);
    this.#flags[row]! |= IMPORTED;
    this.#mark(row);
  }

  find(device: number): Customer | undefined {
    const row = this.#table.find(device);
    if (row < 0) return undefined;
    const imported = (this.#flags[row]! & IMPORTED) !== 0;
    return { device, firstSeenS: this.#firstS[row]!, lastSeenS: this.#lastS[row]!, imported };
  }

  /** Customers, not imported, whose first second lies on a day. */
  newOn(day: EpochDay): number {
    return this.#newOn[day] ?? 0;
  }

  /** Writes 1 for each device that is new on a day, 0 for every other. */
  markNew(day: EpochDay, devices: Float64Array, isNew: Uint8Array): void {
    for (let i = 0; i < isNew.length; i++) {
      const row = this.#table.find(devices[i]!);
      const counts = row >= 0 && (this.#flags[row]! & IMPORTED) === 0;
      isNew[i] = counts && this.#calendar.dayOf(this.#firstS[row]!) === day ? 1 : 0;
    }
  }

  /** What the store does not have yet. From now on it counts as kept; `giveBack` says that it could not be. */
  takeChanges(): CustomerChanges {
    const added: number[] = [];
    const changed: number[] = [];
    this.#changes.forEach((row) => {
      const flags = this.#flags[row]!;
      ((flags & KEPT) === 0 ? added : changed).push(row);
      this.#flags[row] = (flags | KEPT) & ~CHANGED;
    });
    this.#changes.clear();
    return { added: this.#columns(added), changed: this.#columns(changed) };
  }

  /** The changes were not kept: they are changes again, with what came since. */
  giveBack(changes: CustomerChanges): void {
    for (let i = 0; i < changes.added.length; i++) {
      const row = this.#table.find(changes.added.device[i]!);
      this.#flags[row]! &= ~KEPT;
      this.#mark(row);
    }
    for (let i = 0; i < changes.changed.length; i++) {
      this.#mark(this.#table.find(changes.changed.device[i]!));
    }
  }

  #add(device: number, firstS: number, lastS: number, flags: number): number {
    const row = this.#table.add(device);
    if (row === this.#flags.length) this.#grow();
    this.#firstS[row] = firstS;
    this.#lastS[row] = lastS;
    this.#flags[row] = flags;
    this.#countNew(row, 1);
    return row;
  }

  #moveFirst(row: number, firstS: number): void {
    const wasNewOn = this.#calendar.dayOf(this.#firstS[row]!);
    this.#countNew(row, -1);
    this.#firstS[row] = firstS;
    this.#countNew(row, 1);
    this.#mark(row);
    const tell = this.#onNoLongerNew;
    if (tell === undefined || (this.#flags[row]! & IMPORTED) !== 0) return;
    if (this.#calendar.dayOf(firstS) !== wasNewOn) tell(wasNewOn, this.#table.deviceOf(row));
  }

  #countNew(row: number, change: 1 | -1): void {
    if ((this.#flags[row]! & IMPORTED) === 0)
      this.#newOn[this.#calendar.dayOf(this.#firstS[row]!)]! += change;
  }

  #mark(row: number): void {
    if ((this.#flags[row]! & CHANGED) !== 0) return;
    this.#flags[row]! |= CHANGED;
    this.#changes.add(row);
  }

  #columns(rows: readonly number[]): Customers {
    const { length } = rows;
    const device = new Float64Array(length);
    const firstSeenS = new Uint32Array(length);
    const lastSeenS = new Uint32Array(length);
    const imported = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      device[i] = this.#table.deviceOf(row);
      firstSeenS[i] = this.#firstS[row]!;
      lastSeenS[i] = this.#lastS[row]!;
      imported[i] = this.#flags[row]! & IMPORTED;
    }
    return { length, device, firstSeenS, lastSeenS, imported };
  }

  #grow(): void {
    const { capacity } = this.#table;
    this.#firstS = grown(new Uint32Array(capacity), this.#firstS);
    this.#lastS = grown(new Uint32Array(capacity), this.#lastS);
    this.#flags = grown(new Uint8Array(capacity), this.#flags);
  }
}
