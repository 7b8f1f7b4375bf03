import type { Store } from '../store/store.ts';
import type { OpenMall } from './open-mall.ts';

/**
 * Forgets raw records of days that are frozen, and customer rows of days older than those are kept. A day that
 * still waits to settle keeps its raw records, and so do all days after it.
 */
export async function expireMall(
  store: Store,
  mall: OpenMall,
  keep: { keepRawDays: number | null; keepCustomerDays: number | null },
  nowS: number,
): Promise<void> {
  if (keep.keepRawDays === null) return;
  const today = mall.calendar.dayOf(nowS);
  const waiting = mall.ledger.days().find((day) => mall.ledger.waits(day)) ?? today;
  const raw = Math.min(today - keep.keepRawDays + 1, waiting);
  const customers = keep.keepCustomerDays === null ? null : Math.min(today - keep.keepCustomerDays + 1, raw);
  await store.expire(mall.code, { raw, customers });
}
