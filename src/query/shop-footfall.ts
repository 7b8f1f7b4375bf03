import type { ShopTotals } from '../terms.ts';
import type { Ask, DayRow, ServedMall, Shop, ShopFootfall } from './answers.ts';
import { askedDays, daysIn } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow, rowsOfDays } from './days.ts';
import { drawRows, refuseRowsAbove } from './limits.ts';
import { heardShop, heardShops, ShopNames, shopOf } from './shop-names.ts';

const LESS = 'ask for fewer days, or name fewer shops';

/**
 * Every known shop for every day, by code, and after them the unknown codes that had records on that day, by
 * code. With `shops`: exactly those codes for every day, by code, known or not.
 */
export async function shopFootfall(
  ask: Ask,
  args: {
    readonly mall: string;
    readonly from: string;
    readonly to: string;
    readonly shops?: readonly string[];
  },
): Promise<ShopFootfall[]> {
  const served = servedMall(ask, args.mall);
  const range = askedDays(args);
  const named = args.shops === undefined ? undefined : [...new Set(args.shops)].sort();
  const codes = named ?? [...served.mall.shops.keys()];
  const rows = daysIn(range) * codes.length;
  drawRows(ask, rows, LESS);
  const days = await askDays(ask, served, range);
  const totals = await rowsOfDays(ask, days, {
    of: named === undefined ? `shops of ${args.mall}` : undefined,
    fromStore: (kept) => ask.store.shopTotals(args.mall, kept, named && heardShops(served, named)),
    fromOpen: (open) => open.shops(),
  });
  const listed = new ListedShops(served, codes);
  const tables = totals.map((rows) => listed.sortOut(rows, named === undefined));
  const others = tables.reduce((sum, table) => sum + table.others.length, 0);
  refuseRowsAbove(rows + others, LESS);
  drawRows(ask, others, LESS);
  const names = new ShopNames(served);
  const answer: ShopFootfall[] = [];
  for (const [i, asked] of days.entries()) {
    const row = dayRow(asked);
    const table = tables[i]!;
    for (const [place, shop] of listed.shops.entries()) answer.push(shopRow(row, shop, table.found[place]));
    for (const other of table.others) answer.push(shopRow(row, names.of(other.shop), other));
  }
  return answer;
}

/** The shops that every day lists, in order. */
class ListedShops {
  readonly shops: readonly Shop[];
  readonly #served: ServedMall;
  /** Place in `shops` by the codebook's number. */
  readonly #places = new Map<number, number>();

  constructor(served: ServedMall, codes: readonly string[]) {
    this.#served = served;
    this.shops = codes.map((code) => shopOf(served, code));
    for (const [place, code] of codes.entries()) {
      const number = heardShop(served.codebook, code);
      if (number !== undefined) this.#places.set(number, place);
    }
  }

  /** One day's rows: those of listed shops at the shop's place and, when wanted, the others by code. */
  sortOut(rows: readonly ShopTotals[], wantOthers: boolean): SortedOut {
    const found = new Array<ShopTotals | undefined>(this.shops.length).fill(undefined);
    const others: ShopTotals[] = [];
    for (const row of rows) {
      const place = this.#places.get(row.shop);
      if (place !== undefined) found[place] = row;
      else if (wantOthers) others.push(row);
    }
    const { codebook } = this.#served;
    others.sort((a, b) => (codebook.shopRanksBefore(a.shop, b.shop) ? -1 : 1));
    return { found, others };
  }
}

interface SortedOut {
  readonly found: readonly (ShopTotals | undefined)[];
  readonly others: readonly ShopTotals[];
}

function shopRow(row: DayRow, shop: Shop, totals: ShopTotals | undefined): ShopFootfall {
  const { day, settled, asOfS, stale } = row;
  return {
    day,
    settled,
    asOfS,
    stale,
    shop,
    footfall: totals?.footfall ?? 0,
    entered: totals?.entered ?? 0,
    visits: totals?.visits ?? 0,
    dwellS: totals?.dwellS ?? 0,
  };
}
