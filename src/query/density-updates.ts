import type { Ask, DensityUpdate } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { cellsInOrder, DensityGrid, type GridCell } from './density-grid.ts';
import { MINUTE_S } from './density-minutes.ts';
import { lastPositions } from './lately.ts';
import { newest } from './newest.ts';

/**
 * Devices by cell of the last 60 seconds, as they change: all cells at the start, after frames that the reader
 * missed and when the directory of the mall changed; else those whose number changed, emptied ones with 0.
 */
export function densityUpdates(
  ask: Ask,
  args: { readonly mall: string },
): AsyncIterableIterator<DensityUpdate> {
  let served = servedMall(ask, args.mall);
  let { mall } = served;
  let grid = new DensityGrid(served);
  let told = new Map<GridCell, number>();
  return newest(ask.live.mall(args.mall), async ({ missed }) => {
    served = servedMall(ask, args.mall);
    const full = missed || served.mall !== mall;
    if (served.mall !== mall) {
      mall = served.mall;
      grid = new DensityGrid(served);
    }
    const atS = ask.clock.nowS();
    const now = grid.tally(await lastPositions(ask, served, atS - MINUTE_S));
    const cells = full ? now : changed(told, now);
    told = now;
    return full || cells.size > 0 ? { atS, full, cells: cellsInOrder(cells) } : undefined;
  });
}

function changed(
  before: ReadonlyMap<GridCell, number>,
  now: ReadonlyMap<GridCell, number>,
): Map<GridCell, number> {
  const cells = new Map<GridCell, number>();
  for (const [cell, devices] of now) if (before.get(cell) !== devices) cells.set(cell, devices);
  for (const cell of before.keys()) if (!now.has(cell)) cells.set(cell, 0);
  return cells;
}
