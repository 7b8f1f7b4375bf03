import type { Ask, TopShop } from './answers.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow, rowsOfDays } from './days.ts';
import { drawRows, refuseOutside } from './limits.ts';
import { ShopNames } from './shop-names.ts';

const SHOPS_MAX = 1_000;

/** The known shops of one day with most distinct devices, at least one; equal ones by shop code. */
export async function topShops(
  ask: Ask,
  args: { readonly mall: string; readonly date: string; readonly limit: number },
): Promise<TopShop[]> {
  const served = servedMall(ask, args.mall);
  const day = askedDay('date', args.date);
  refuseOutside('limit', args.limit, 1, SHOPS_MAX);
  const days = await askDays(ask, served, { from: day, to: day });
  const [totals] = await rowsOfDays(ask, days, {
    of: `shops of ${args.mall}`,
    fromStore: (kept) => ask.store.shopTotals(args.mall, kept),
    fromOpen: (open) => open.shops(),
  });
  const row = dayRow(days[0]!);
  const names = new ShopNames(served);
  const ranked = totals!
    .filter(({ shop, footfall }) => footfall > 0 && names.of(shop).name !== null)
    .sort((a, b) => b.footfall - a.footfall || (served.codebook.shopRanksBefore(a.shop, b.shop) ? -1 : 1))
    .slice(0, args.limit);
  drawRows(ask, ranked.length, 'lower the limit');
  return ranked.map(({ shop, footfall }, i) => ({ rank: i + 1, shop: names.of(shop), footfall, ...row }));
}
