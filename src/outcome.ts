/** Why a record was dropped: the closed list, in the order in which the reasons are checked. */
export const DROP_REASONS = [
  'unknown_mall',
  'malformed',
  'bad_device',
  'bad_time',
  'too_old',
  'from_future',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** Records dropped, by reason. A reason that is absent counts as zero. */
export type DropCounts = { [reason in DropReason]?: number };

/** A dropped record as the dead letters keep it. Addresses in `body` and `detail` are already masked. */
export interface DeadLetter {
  readonly reason: DropReason;
  /** One sentence for the operator: what was wrong and with which value. */
  readonly detail: string;
  /** When the batch that held the record was received, epoch seconds. */
  readonly receivedAtS: number;
  /** The record as it came, UTF-8, at most 4 KiB, every MAC-like text cut to its first three octets. */
  readonly body: string;
}

export function totalDropped(dropped: DropCounts): number {
  let total = 0;
  for (const reason of DROP_REASONS) total += dropped[reason] ?? 0;
  return total;
}

/** Adds `more` to `into`. */
export function addDropped(into: DropCounts, more: DropCounts): void {
  for (const reason of DROP_REASONS) {
    const count = more[reason];
    if (count) into[reason] = (into[reason] ?? 0) + count;
  }
}
