import { LastPositions } from '../fold/last-positions.ts';
import type { Position, Sightings, TimeRange } from '../terms.ts';
import type { Ask, ServedMall } from './answers.ts';

/** The last position of every device that has one after `sinceS`, in any order. */
export async function lastPositions(ask: Ask, served: ServedMall, sinceS: number): Promise<Position[]> {
  const live = ask.live.mall(served.mall.code);
  if (live !== undefined) return live.positionsSince(sinceS);
  return positionsOf(
    ask,
    served,
    ask.store.lastSecondsBetween(served.mall.code, lately(ask, served, sinceS)),
  );
}

/** The last position of every device in raw records, in any order. */
export async function positionsOf(
  ask: Ask,
  served: ServedMall,
  chunks: AsyncIterable<Sightings>,
): Promise<Position[]> {
  const last = new LastPositions(served.codebook);
  for await (const records of chunks) {
    for (let i = 0; i < records.length; i++) last.hear(records, i);
  }
  return last.since(Number.NEGATIVE_INFINITY, watermarkS(ask, served));
}

/** Raw records after `sinceS`. */
export function readLately(ask: Ask, served: ServedMall, sinceS: number): AsyncIterable<Sightings> {
  return ask.store.rawBetween(served.mall.code, lately(ask, served, sinceS));
}

/** From after `sinceS` on, with what clocks that run ahead have stamped. */
function lately(ask: Ask, { mall }: ServedMall, sinceS: number): TimeRange {
  return { fromS: sinceS + 1, untilS: ask.clock.nowS() + mall.settings.futureSkewSeconds + 1 };
}

/** Up to this second positions are decided. Where nobody is known to fold the mall, as far as its settings say. */
function watermarkS(ask: Ask, { mall }: ServedMall): number {
  return ask.live.mall(mall.code)?.watermarkS ?? ask.clock.nowS() - mall.settings.latenessSeconds;
}
