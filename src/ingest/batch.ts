import { Decoded } from '../decode/record-decoder.ts';
import { addDropped, DROP_REASONS, type DropCounts, totalDropped } from '../outcome.ts';
import type { EpochDay } from '../terms.ts';
import type { Receipt } from './operations.ts';

interface Waiter {
  readonly receipt: Receipt;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
}

/** Bodies gathered for one commit, and those who wait for it. Reused: filling it again allocates no columns. */
export class Batch {
  readonly decoded = new Decoded();
  /** Dropped records by the local day of their receipt. */
  readonly droppedByDay = new Map<EpochDay, DropCounts>();
  /** Where the sources of these bodies go on. */
  readonly checkpoints = new Map<string, string>();
  /** Whether its records are folded once they are kept; those of an import are not. */
  folds = true;
  /** Newest receipt. */
  receivedAtS = 0;
  readonly #waiters: Waiter[] = [];

  get isEmpty(): boolean {
    return this.decoded.lines === 0 && this.#waiters.length === 0;
  }

  /** Runs `decode`, which adds records to `decoded`, and books what it dropped. Returns what became of them. */
  take(receivedAtS: number, receiptDay: EpochDay, decode: (into: Decoded) => void): Receipt {
    const { decoded } = this;
    const keptBefore = decoded.sightings.length;
    const droppedBefore = { ...decoded.dropped };
    decode(decoded);
    const dropped: DropCounts = {};
    for (const reason of DROP_REASONS) {
      const count = (decoded.dropped[reason] ?? 0) - (droppedBefore[reason] ?? 0);
      if (count > 0) dropped[reason] = count;
    }
    this.countDropped(receiptDay, dropped);
    this.receivedAtS = Math.max(this.receivedAtS, receivedAtS);
    return { kind: 'received', kept: decoded.sightings.length - keptBefore, dropped };
  }

  /** Counts records that were dropped, here or before they came here. */
  countDropped(receiptDay: EpochDay, dropped: DropCounts): void {
    if (totalDropped(dropped) === 0) return;
    const counts = this.droppedByDay.get(receiptDay) ?? {};
    addDropped(counts, dropped);
    this.droppedByDay.set(receiptDay, counts);
  }

  /** Resolves with the receipt once the batch is acknowledged. */
  wait(receipt: Receipt): Promise<Receipt> {
    return new Promise((resolve, reject) => this.#waiters.push({ receipt, resolve, reject }));
  }

  acknowledge(): void {
    for (const { receipt, resolve } of this.#waiters) resolve(receipt);
    this.clear();
  }

  refuse(error: unknown): void {
    for (const { reject } of this.#waiters) reject(error);
    this.clear();
  }

  clear(): void {
    this.decoded.clear();
    this.droppedByDay.clear();
    this.checkpoints.clear();
    this.folds = true;
    this.receivedAtS = 0;
    this.#waiters.length = 0;
  }
}
