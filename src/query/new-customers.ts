import type { Ask, NewCustomers } from './answers.ts';
import { mallFootfall } from './mall-footfall.ts';

/** Customers whose first second ever lies on the day, for every day. */
export async function newCustomers(
  ask: Ask,
  args: { readonly mall: string; readonly from: string; readonly to: string },
): Promise<NewCustomers[]> {
  const rows = await mallFootfall(ask, args);
  return rows.map(({ day, settled, asOfS, stale, newCustomers }) => ({
    day,
    settled,
    asOfS,
    stale,
    newCustomers,
  }));
}
