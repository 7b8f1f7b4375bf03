import { PRESENT_S } from '../windows.ts';
import type { Ask, PresentNow, ServedMall } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { readLately } from './lately.ts';
import { heardShop } from './shop-names.ts';

/** Distinct devices heard in the last ten minutes: by the whole mall, or by one shop. */
export async function presentNow(
  ask: Ask,
  args: { readonly mall: string; readonly shop?: string },
): Promise<PresentNow> {
  const served = servedMall(ask, args.mall);
  const asOfS = ask.clock.nowS();
  const sinceS = asOfS - PRESENT_S;
  const shop = args.shop === undefined ? undefined : (heardShop(served.codebook, args.shop) ?? -1);
  const live = ask.live.mall(args.mall);
  if (live === undefined) {
    return { footfall: await countRecords(ask, served, sinceS, shop), asOfS, stale: true };
  }
  return { footfall: live.present(asOfS, shop), asOfS, stale: live.stale };
}

/** The same, of a mall that nobody is known to fold. */
async function countRecords(
  ask: Ask,
  served: ServedMall,
  sinceS: number,
  shop: number | undefined,
): Promise<number> {
  const devices = new Set<number>();
  for await (const records of readLately(ask, served, sinceS)) {
    for (let i = 0; i < records.length; i++) {
      if (shop === undefined || records.shop[i] === shop) devices.add(records.device[i]!);
    }
  }
  return devices.size;
}
