import type { AccessPointDay } from '../terms.ts';
import type { AccessPointAnswer, Ask, ServedMall } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { drawRows } from './limits.ts';
import { ShopNames } from './shop-names.ts';

/** A flood of invented addresses must not hide the plan's own: of those that only records name, the newest are listed. */
const UNPLANNED_MAX = 10_000;

/** The access points of the mall's directory, and those it does not know that were heard, the newest 10,000; by MAC. */
export async function accessPoints(ask: Ask, mallCode: string): Promise<AccessPointAnswer[]> {
  const served = servedMall(ask, mallCode);
  const { mall, codebook, calendar } = served;
  // The live rows are read first: a day that settles in between is then met twice, not missed.
  const open = ask.live.mall(mallCode)?.accessPoints() ?? [];
  const newest = new Map<number, AccessPointDay>();
  for (const row of await ask.store.accessPoints(mallCode)) newest.set(row.accessPoint, row);
  for (const row of open) {
    if (row.lastHeardS >= (newest.get(row.accessPoint)?.lastHeardS ?? 0)) newest.set(row.accessPoint, row);
  }
  newest.delete(0);
  const macs = [...mall.accessPoints.keys(), ...unplanned(served, [...newest.values()])];
  drawRows(ask, macs.length, 'ask for one mall at a time');
  const names = new ShopNames(served);
  const today = calendar.dayOf(ask.clock.nowS());
  return macs
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

function unplanned({ mall, codebook }: ServedMall, heard: readonly AccessPointDay[]): number[] {
  return heard
    .map(({ accessPoint, lastHeardS }) => ({ mac: codebook.accessPointMac(accessPoint), lastHeardS }))
    .filter(({ mac }) => !mall.accessPoints.has(mac))
    .sort((a, b) => b.lastHeardS - a.lastHeardS || a.mac - b.mac)
    .slice(0, UNPLANNED_MAX)
    .map(({ mac }) => mac);
}

function whereabouts(
  { mall }: ServedMall,
  mac: number,
): Pick<AccessPointAnswer, 'mac' | 'x' | 'y' | 'floor'> {
  const known = mall.accessPoints.get(mac);
  return { mac, x: known?.x ?? null, y: known?.y ?? null, floor: known?.floor ?? null };
}
