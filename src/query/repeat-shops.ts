import type { Ask, Page, RepeatShop } from './answers.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { readCustomerRows } from './customer-rows.ts';
import { PAGE_MAX, refuseOutside } from './limits.ts';
import { pageOf } from './page.ts';
import { heardShops, ShopNames } from './shop-names.ts';

const VISITS_MIN = 2;

/** The known shops that a customer visited more than once on one day, by customer, then shop code. */
export async function repeatShops(
  ask: Ask,
  args: { readonly mall: string; readonly date: string; readonly first: number; readonly after?: string },
): Promise<Page<RepeatShop>> {
  const served = servedMall(ask, args.mall);
  const day = askedDay('date', args.date);
  refuseOutside('first', args.first, 1, PAGE_MAX);
  const scope = { question: 'repeatShops', mall: args.mall, of: args.date };
  const after = args.after === undefined ? undefined : readCursor(scope, args.after, isDeviceShopKey);
  const { row, shopDays } = await readCustomerRows(ask, served, day, {
    // A page may have ended inside a device, so its last device is read again: one more than the page and the
    // row that tells of a further page can need.
    afterDevice: after === undefined ? 0 : after[0] - 1,
    devicesMax: args.first + 2,
    visitsMin: VISITS_MIN,
    shops: heardShops(served, served.mall.shops.keys()),
  });
  const names = new ShopNames(served);
  const rows: RepeatShop[] = [];
  const { settled, asOfS, stale } = row;
  const { length, device, shop, visits } = shopDays;
  for (let i = 0; i < length && rows.length <= args.first; i++) {
    const named = names.of(shop[i]!);
    if (after !== undefined && device[i] === after[0] && named.code <= after[1]) continue;
    rows.push({ day, settled, asOfS, stale, device: device[i]!, shop: named, visits: visits[i]! });
  }
  return pageOf(ask, rows, args.first, (last) => writeCursor(scope, [last.device, last.shop.code]));
}

function isDeviceShopKey(key: readonly unknown[]): key is readonly [device: number, code: string] {
  return key.length === 2 && Number.isSafeInteger(key[0]) && typeof key[1] === 'string';
}
