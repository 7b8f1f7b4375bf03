import type { ShopDays } from '../terms.ts';
import type { Ask, FavoriteShop, Who } from './answers.ts';
import { askedDevice } from './asked-customer.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { readCustomer } from './customer-rows.ts';
import { heardShops, ShopNames } from './shop-names.ts';

/** The known shop that one customer visited most on one day; null when there is none. */
export async function favoriteShop(
  ask: Ask,
  args: { readonly mall: string; readonly who: Who; readonly date: string },
): Promise<FavoriteShop | null> {
  const served = servedMall(ask, args.mall);
  const device = askedDevice(served, args.who);
  const day = askedDay('date', args.date);
  const shops = heardShops(served, served.mall.shops.keys());
  const { row, shopDays } = await readCustomer(ask, served, day, device, { visitsMin: 1, shops });
  if (shopDays.length === 0) return null;
  const best = favoriteOf(shopDays, 0, shopDays.length);
  return {
    device,
    shop: new ShopNames(served).of(shopDays.shop[best]!),
    visits: shopDays.visits[best]!,
    dwellS: shopDays.dwellS[best]!,
    ...row,
  };
}

/** Of one device's rows, which are in the order of shop codes: most visits, then longer dwell, then shop code. */
export function favoriteOf({ visits, dwellS }: ShopDays, start: number, end: number): number {
  let best = start;
  for (let i = start + 1; i < end; i++) {
    const more = visits[i]! - visits[best]! || dwellS[i]! - dwellS[best]!;
    if (more > 0) best = i;
  }
  return best;
}
