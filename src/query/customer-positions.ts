import type { Position } from '../terms.ts';
import { POSITIONS_BACK_S } from '../windows.ts';
import type { Ask, CustomerPosition, ServedMall } from './answers.ts';
import { askedSecond } from './asked-instant.ts';
import { servedMall } from './asked-mall.ts';
import { refuseForgottenRecords } from './expired.ts';
import { lastPositions, positionsOf } from './lately.ts';
import { drawRows, refuseOutside } from './limits.ts';
import { Places } from './places.ts';
import { heardShop } from './shop-names.ts';

/**
 * The last position of every device in (at − seenWithin, at], by device; with `shop`, of those whose last
 * position is there. Without `atS` it is now, and a device whose last second is ahead of the clock is listed too.
 */
export async function customerPositions(
  ask: Ask,
  args: {
    readonly mall: string;
    readonly shop?: string;
    readonly atS?: number;
    readonly seenWithinS: number;
  },
): Promise<CustomerPosition[]> {
  const served = servedMall(ask, args.mall);
  const { atS, seenWithinS } = args;
  refuseOutside('seenWithinSeconds', seenWithinS, 1, POSITIONS_BACK_S);
  const all =
    atS === undefined
      ? await lastPositions(ask, served, ask.clock.nowS() - seenWithinS)
      : await positionsAt(ask, served, askedSecond(ask, served, atS), seenWithinS);
  const positions = args.shop === undefined ? all : inShop(served, args.shop, all);
  drawRows(ask, positions.length, 'ask for one shop, or for fewer seenWithinSeconds');
  return new Places(served).positions(positions);
}

async function positionsAt(
  ask: Ask,
  served: ServedMall,
  atS: number,
  seenWithinS: number,
): Promise<Position[]> {
  const { mall, calendar } = served;
  const range = { fromS: atS - seenWithinS + 1, untilS: atS + 1 };
  refuseForgottenRecords(ask, served, range.fromS);
  const positions = await positionsOf(ask, served, ask.store.lastSecondsBetween(mall.code, range));
  const days = { from: calendar.dayOf(range.fromS), to: calendar.dayOf(atS) };
  const states = await ask.store.dayStates(mall.code, days);
  const settled = new Set(states.filter(({ settlement }) => settlement !== null).map(({ day }) => day));
  return positions.map((position) =>
    position.provisional && settled.has(calendar.dayOf(position.atS))
      ? { ...position, provisional: false }
      : position,
  );
}

function inShop({ codebook }: ServedMall, code: string, positions: readonly Position[]): Position[] {
  const number = heardShop(codebook, code);
  return positions.filter(({ shop }) => shop === number);
}
