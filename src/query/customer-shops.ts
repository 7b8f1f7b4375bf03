import type { Ask, CustomerShop, Who } from './answers.ts';
import { askedDevice } from './asked-customer.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { readCustomer } from './customer-rows.ts';
import { drawRows } from './limits.ts';
import { ShopNames } from './shop-names.ts';

/** The shops that one customer visited on one day, by code, unknown ones too. */
export async function customerShops(
  ask: Ask,
  args: { readonly mall: string; readonly who: Who; readonly date: string },
): Promise<CustomerShop[]> {
  const served = servedMall(ask, args.mall);
  const device = askedDevice(served, args.who);
  const day = askedDay('date', args.date);
  const { row, shopDays } = await readCustomer(ask, served, day, device, { visitsMin: 1 });
  drawRows(ask, shopDays.length, 'ask for fewer customers');
  const names = new ShopNames(served);
  return Array.from({ length: shopDays.length }, (_, i) => ({
    shop: names.of(shopDays.shop[i]!),
    visits: shopDays.visits[i]!,
    dwellS: shopDays.dwellS[i]!,
    firstSeenS: shopDays.firstS[i]!,
    lastSeenS: shopDays.lastS[i]!,
    ...row,
  }));
}
