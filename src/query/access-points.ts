import type { AccessPointDay } from '../terms.ts';
import type { AccessPointAnswer, Ask, ServedMall } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { ShopNames } from './shop-names.ts';

/** The access points of the mall's directory, and those it does not know that were heard on an open day; by MAC. */
export async function accessPoints(ask: Ask, mallCode: string): Promise<AccessPointAnswer[]> {
  const served = servedMall(ask, mallCode);
  const { mall, codebook, calendar } = served;
  // The live rows are read first: a day that settles in between is then met twice, not missed.
  const open = ask.live.mall(mallCode)?.accessPoints() ?? [];
  const newest = new Map<number, AccessPointDay>();
  for (const row of await ask.store.accessPoints(mallCode)) newest.set(row.accessPoint, row);
  const macs = new Set(mall.accessPoints.keys());
  for (const row of open) {
    if (row.accessPoint === 0) continue;
    macs.add(codebook.accessPointMac(row.accessPoint));
    if (row.lastHeardS >= (newest.get(row.accessPoint)?.lastHeardS ?? 0)) newest.set(row.accessPoint, row);
  }
  const names = new ShopNames(served);
  const today = calendar.dayOf(ask.clock.nowS());
  return [...macs]
    .sort((a, b) => a - b)
    .map((mac) => {
      const heard = newest.get(codebook.findAccessPoint(mac) ?? 0);
      return {
        ...whereabouts(served, mac),
        shop: heard === undefined || heard.shop === 0 ? null : names.of(heard.shop),
        lastHeardS: heard?.lastHeardS ?? null,
        recordsToday: heard !== undefined && calendar.dayOf(heard.lastHeardS) === today ? heard.records : 0,
      };
    });
}

function whereabouts(
  { mall }: ServedMall,
  mac: number,
): Pick<AccessPointAnswer, 'mac' | 'x' | 'y' | 'floor'> {
  const known = mall.accessPoints.get(mac);
  return { mac, x: known?.x ?? null, y: known?.y ?? null, floor: known?.floor ?? null };
}
