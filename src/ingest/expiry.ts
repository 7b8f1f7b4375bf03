import type { Store } from '../store/store.ts';
import type { OpenMall } from './open-mall.ts';

/** A record is judged when it is received and kept a moment later: a day frozen in between still takes it. */
const UNDER_WAY_S = 3_600;

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
  const { ledger, rules, calendar } = mall;
  const today = calendar.dayOf(nowS - UNDER_WAY_S);
  const waiting = ledger.days().find((day) => ledger.waits(day) && !rules.isForgotten(day)) ?? today;
  const raw = Math.max(Math.min(today - keep.keepRawDays + 1, waiting), rules.expired.raw ?? 0);
  const customers = keep.keepCustomerDays === null ? null : Math.min(today - keep.keepCustomerDays + 1, raw);
  rules.forget({ raw, customers: customers ?? rules.expired.customers });
  await store.expire(mall.code, { raw, customers });
}
