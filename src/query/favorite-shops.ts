import type { Ask, FavoriteShop, Page } from './answers.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { readCustomerRows } from './customer-rows.ts';
import { favoriteOf } from './favorite-shop.ts';
import { PAGE_MAX, refuseOutside } from './limits.ts';
import { pageOf } from './page.ts';
import { heardShops, ShopNames } from './shop-names.ts';

/** The favourite shop of every customer who visited a known shop on one day, by customer. */
export async function favoriteShops(
  ask: Ask,
  args: { readonly mall: string; readonly date: string; readonly first: number; readonly after?: string },
): Promise<Page<FavoriteShop>> {
  const served = servedMall(ask, args.mall);
  const day = askedDay('date', args.date);
  refuseOutside('first', args.first, 1, PAGE_MAX);
  const scope = { question: 'favoriteShops', mall: args.mall, of: args.date };
  const [afterDevice] = args.after === undefined ? [0] : readCursor(scope, args.after, isDeviceKey);
  const { row, shopDays } = await readCustomerRows(ask, served, day, {
    afterDevice,
    devicesMax: args.first + 1,
    visitsMin: 1,
    shops: heardShops(served, served.mall.shops.keys()),
  });
  const names = new ShopNames(served);
  const rows: FavoriteShop[] = [];
  const { settled, asOfS, stale } = row;
  const { length, device, shop, visits, dwellS } = shopDays;
  for (let start = 0, end = 0; start < length; start = end) {
    while (end < length && device[end] === device[start]) end++;
    const best = favoriteOf(shopDays, start, end);
    rows.push({
      day,
      settled,
      asOfS,
      stale,
      device: device[best]!,
      shop: names.of(shop[best]!),
      visits: visits[best]!,
      dwellS: dwellS[best]!,
    });
  }
  return pageOf(ask, rows, args.first, (last) => writeCursor(scope, [last.device]));
}

function isDeviceKey(key: readonly unknown[]): key is readonly [device: number] {
  return key.length === 1 && Number.isSafeInteger(key[0]);
}
