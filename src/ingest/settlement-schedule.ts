import type { DayState, MallSettings, TimeRange } from '../terms.ts';

/** The longest that late records of a settled day wait for its next settlement, at first and at most. */
const LATE_WAIT_FIRST_S = 600;
const LATE_WAIT_MAX_S = 3_600;

/**
 * When a day is to be settled, epoch seconds; null when nothing of it waits. `days` is the day's own range of
 * seconds. The rules are those of "Live and settled" in the contract of the numbers:
 * - never settled: its end has passed by the settling delay, and no record came for the quiet time;
 * - settled, with late records: no record came for the quiet time, at the latest 10 minutes after the first;
 *   each settlement of late records doubles that wait, up to an hour;
 * - settled with another visit gap than the one in force: now.
 */
export function settlementDueS(state: DayState, range: TimeRange, settings: MallSettings): number | null {
  const { arrival, settlement } = state;
  if (arrival === null) return null;
  const quietS = arrival.newestReceiptS + settings.settleQuietSeconds;
  if (settlement === null) return Math.max(range.untilS + settings.settleDelaySeconds, quietS);
  if (arrival.commit > settlement.upToCommit) {
    const waitS = Math.min(LATE_WAIT_FIRST_S * 2 ** settlement.lateSettlements, LATE_WAIT_MAX_S);
    return Math.min(quietS, arrival.waitingSinceS + waitS);
  }
  return settlement.visitGapS === settings.visitGapSeconds ? null : settlement.settledAtS;
}

/** Whether records of a day are refused at a receipt, because raw records that old are no longer kept. */
export function isFrozen(ageDays: number, keepRawDays: number | null): boolean {
  return keepRawDays !== null && ageDays >= keepRawDays;
}
