import type { Ask, DensityCell } from './answers.ts';
import { askedSecond } from './asked-instant.ts';
import { servedMall } from './asked-mall.ts';
import { cellsInOrder, DensityGrid } from './density-grid.ts';
import { MINUTE_S, minuteOf, minutesBetween } from './density-minutes.ts';
import { refuseForgottenRecords } from './expired.ts';
import { lastPositions } from './lately.ts';
import { drawRows } from './limits.ts';

/** Devices by cell of the calendar minute that holds an instant, or of the last 60 seconds. */
export async function density(
  ask: Ask,
  args: { readonly mall: string; readonly atS?: number },
): Promise<DensityCell[]> {
  const served = servedMall(ask, args.mall);
  const grid = new DensityGrid(served);
  let cells: DensityCell[] = [];
  if (args.atS === undefined) {
    const positions = await lastPositions(ask, served, ask.clock.nowS() - MINUTE_S);
    cells = cellsInOrder(grid.tally(positions));
  } else {
    const fromS = minuteOf(askedSecond(ask, served, args.atS));
    refuseForgottenRecords(ask, served, fromS);
    const range = { fromS, untilS: fromS + MINUTE_S };
    for await (const minute of minutesBetween(ask, served, range)) {
      cells = cellsInOrder(grid.tally(minute.positions));
    }
  }
  drawRows(ask, cells.length, 'make the densityCell of the mall larger');
  return cells;
}
