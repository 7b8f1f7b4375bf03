import type { Codebook } from '../codebook.ts';
import { outranks } from '../fold/position-rule.ts';
import { SightingColumns } from '../sightings.ts';
import type { Sightings } from '../terms.ts';
import type { Ask, Place, Who } from './answers.ts';
import { askedDevice } from './asked-customer.ts';
import { askedDay } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { refuseForgottenRecords } from './expired.ts';
import { drawRows } from './limits.ts';
import { Places } from './places.ts';

/** Every one-second position of one customer on one day, in order. */
export async function customerTrack(
  ask: Ask,
  args: { readonly mall: string; readonly who: Who; readonly date: string },
): Promise<Place[]> {
  const served = servedMall(ask, args.mall);
  const device = askedDevice(served, args.who);
  const range = served.calendar.range(askedDay('date', args.date));
  refuseForgottenRecords(ask, served, range.fromS);
  const seconds = await secondsOf(served.codebook, ask.store.rawBetween(args.mall, range, device));
  drawRows(ask, seconds.length, 'ask where customers were at single instants of that day instead');
  const places = new Places(served);
  const { length, occurredAtS, shop, accessPoint, signalDbm } = seconds;
  return Array.from({ length }, (_, i) =>
    places.place(occurredAtS[i]!, shop[i]!, accessPoint[i]!, signalDbm[i]!),
  );
}

/** The record that decides each second, from the records of one device in the order of their seconds. */
async function secondsOf(codebook: Codebook, chunks: AsyncIterable<Sightings>): Promise<Sightings> {
  const seconds = new SightingColumns();
  for await (const records of chunks) {
    for (let i = 0; i < records.length; i++) {
      const atS = records.occurredAtS[i]!;
      const shop = records.shop[i]!;
      const accessPoint = records.accessPoint[i]!;
      const signalDbm = records.signalDbm[i]!;
      const last = seconds.length - 1;
      if (last >= 0 && seconds.occurredAtS[last] === atS) {
        const placed = [seconds.signalDbm[last]!, seconds.accessPoint[last]!, seconds.shop[last]!] as const;
        if (!outranks(codebook, signalDbm, accessPoint, shop, ...placed)) continue;
        seconds.length = last;
      }
      seconds.push(records.day[i]!, records.device[i]!, atS, shop, accessPoint, signalDbm);
    }
  }
  return seconds;
}
