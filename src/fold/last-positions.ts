import type { Codebook } from '../codebook.ts';
import type { Position, Sightings } from '../terms.ts';
import { DeviceTable } from './device-table.ts';
import { grown } from './grown.ts';
import { outranks } from './position-rule.ts';
import { RowList } from './row-list.ts';

/** On the list of those that moved. */
const MOVED = 1;
/** Not yet reported as left. */
const IN_VIEW = 2;
/** Reported as provisional, and on the list of those. */
const UNDECIDED = 4;

/** Forgetting copies what stays, so it is done once that much more is to be forgotten. */
const FORGET_EVERY_S = 3_600;

/**
 * The last one-second position of every device of a mall, whatever the day, in any order of arrival: a later
 * second wins, and in one second the rule of positions. 14 bytes of columns and 14 to 20 of table a device.
 */
export class LastPositions {
  readonly #codebook: Codebook;
  #rows = new PositionRows();
  readonly #moved = new RowList();
  /** Told as provisional. */
  #undecided = new RowList();
  #spare = new RowList();
  #forgottenS = 0;

  constructor(codebook: Codebook) {
    this.#codebook = codebook;
  }

  /** Devices that have a position. */
  get size(): number {
    return this.#rows.table.size;
  }

  get bytes(): number {
    return this.#rows.bytes + this.#moved.bytes + this.#undecided.bytes;
  }

  hear(sightings: Sightings, i: number): void {
    const rows = this.#rows;
    const device = sightings.device[i]!;
    const atS = sightings.occurredAtS[i]!;
    const shop = sightings.shop[i]!;
    const accessPoint = sightings.accessPoint[i]!;
    const signalDbm = sightings.signalDbm[i]!;
    const known = rows.table.find(device);
    if (known >= 0) {
      const lastS = rows.atS[known]!;
      if (atS < lastS || (atS === lastS && !this.#outranks(known, signalDbm, accessPoint, shop))) return;
    }
    const row = known >= 0 ? known : rows.add(device);
    rows.atS[row] = atS;
    rows.shop[row] = shop;
    rows.accessPoint[row] = accessPoint;
    rows.signalDbm[row] = signalDbm;
    rows.flags[row]! |= IN_VIEW;
    this.#move(row);
  }

  /** Positions after `sinceS`, in any order; those later than the watermark are provisional. */
  since(sinceS: number, watermarkS: number): Position[] {
    const rows = this.#rows;
    const positions: Position[] = [];
    for (let row = 0; row < rows.table.size; row++) {
      if (rows.atS[row]! > sinceS) positions.push(rows.position(row, watermarkS));
    }
    return positions;
  }

  /** Devices whose last position is after `sinceS`. */
  countSince(sinceS: number): number {
    const { table, atS } = this.#rows;
    let count = 0;
    for (let row = 0; row < table.size; row++) {
      if (atS[row]! > sinceS) count++;
    }
    return count;
  }

  /** The positions that changed since the last call, each device once; no longer being provisional is a change. */
  takeMoved(watermarkS: number): Position[] {
    const { atS, flags } = this.#rows;
    const undecided = this.#undecided;
    this.#undecided = this.#spare;
    this.#spare = undecided;
    undecided.forEach((row) => {
      flags[row]! &= ~UNDECIDED;
      if (atS[row]! <= watermarkS) this.#move(row);
      else this.#leaveUndecided(row);
    });
    undecided.clear();
    const positions: Position[] = [];
    this.#moved.forEach((row) => {
      flags[row]! &= ~MOVED;
      positions.push(this.#rows.position(row, watermarkS));
      if (atS[row]! > watermarkS) this.#leaveUndecided(row);
    });
    this.#moved.clear();
    return positions;
  }

  /**
   * Devices whose last position fell out of the last `windowS` seconds since the last call. Every device that
   * moved is reported here once, unless it moves again in time; one that moved to a second already out of the
   * window is, too.
   */
  takeLeft(nowS: number, windowS: number): number[] {
    const { table, atS, flags } = this.#rows;
    const left: number[] = [];
    for (let row = 0; row < table.size; row++) {
      if ((flags[row]! & IN_VIEW) === 0 || atS[row]! > nowS - windowS) continue;
      flags[row]! &= ~IN_VIEW;
      left.push(table.deviceOf(row));
    }
    return left;
  }

  /** Lets go of positions before an instant, now or within the next hour of them: calling it often costs nothing. */
  forget(beforeS: number): void {
    if (beforeS - this.#forgottenS < FORGET_EVERY_S) return;
    this.#forgottenS = beforeS;
    const before = this.#rows;
    let kept = 0;
    for (let row = 0; row < before.table.size; row++) {
      if (before.atS[row]! >= beforeS) kept++;
    }
    if (kept === before.table.size) return;
    this.#rows = new PositionRows(kept);
    this.#moved.clear();
    this.#undecided.clear();
    for (let row = 0; row < before.table.size; row++) {
      if (before.atS[row]! >= beforeS) this.#copy(before, row);
    }
  }

  #outranks(row: number, signalDbm: number, accessPoint: number, shop: number): boolean {
    const { signalDbm: signals, accessPoint: accessPoints, shop: shops } = this.#rows;
    return outranks(
      this.#codebook,
      signalDbm,
      accessPoint,
      shop,
      signals[row]!,
      accessPoints[row]!,
      shops[row]!,
    );
  }

  #move(row: number): void {
    if ((this.#rows.flags[row]! & MOVED) !== 0) return;
    this.#rows.flags[row]! |= MOVED;
    this.#moved.add(row);
  }

  #leaveUndecided(row: number): void {
    if ((this.#rows.flags[row]! & UNDECIDED) !== 0) return;
    this.#rows.flags[row]! |= UNDECIDED;
    this.#undecided.add(row);
  }

  #copy(from: PositionRows, fromRow: number): void {
    const rows = this.#rows;
    const row = rows.add(from.table.deviceOf(fromRow));
    rows.atS[row] = from.atS[fromRow]!;
    rows.shop[row] = from.shop[fromRow]!;
    rows.accessPoint[row] = from.accessPoint[fromRow]!;
    rows.signalDbm[row] = from.signalDbm[fromRow]!;
    rows.flags[row] = from.flags[fromRow]! & IN_VIEW;
    if ((from.flags[fromRow]! & MOVED) !== 0) this.#move(row);
    if ((from.flags[fromRow]! & UNDECIDED) !== 0) this.#leaveUndecided(row);
  }
}

class PositionRows {
  readonly table: DeviceTable;
  atS: Uint32Array;
  shop: Uint32Array;
  accessPoint: Uint32Array;
  signalDbm: Int8Array;
  flags: Uint8Array;

  constructor(rows?: number) {
    this.table = new DeviceTable(rows);
    const { capacity } = this.table;
    this.atS = new Uint32Array(capacity);
    this.shop = new Uint32Array(capacity);
    this.accessPoint = new Uint32Array(capacity);
    this.signalDbm = new Int8Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  get bytes(): number {
    return this.table.bytes + this.table.capacity * 14;
  }

  add(device: number): number {
    const row = this.table.add(device);
    const { capacity } = this.table;
    if (row === this.atS.length) {
      this.atS = grown(new Uint32Array(capacity), this.atS);
      this.shop = grown(new Uint32Array(capacity), this.shop);
      this.accessPoint = grown(new Uint32Array(capacity), this.accessPoint);
      this.signalDbm = grown(new Int8Array(capacity), this.signalDbm);
      this.flags = grown(new Uint8Array(capacity), this.flags);
    }
    return row;
  }

  position(row: number, watermarkS: number): Position {
    const atS = this.atS[row]!;
    return {
      device: this.table.deviceOf(row),
      atS,
      shop: this.shop[row]!,
      accessPoint: this.accessPoint[row]!,
      signalDbm: this.signalDbm[row]!,
      provisional: atS > watermarkS,
    };
  }
}
