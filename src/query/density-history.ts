import type { TimeRange } from '../terms.ts';
import type { Ask, DensityMinute, Page, ServedMall } from './answers.ts';
import { formatInstant, refuseInstantOutside } from './asked-instant.ts';
import { servedMall } from './asked-mall.ts';
import { type CursorScope, readCursor, writeCursor } from './cursor.ts';
import { type CellPlace, cellsInOrder, compareCells, DensityGrid } from './density-grid.ts';
import { MINUTE_S, minuteOf, minutesBetween } from './density-minutes.ts';
import { refuseForgottenRecords } from './expired.ts';
import { PAGE_MAX, refuseOutside } from './limits.ts';
import { pageOf } from './page.ts';
import { Refusal } from './refusal.ts';

const RANGE_MAX_S = 25 * 3_600;

interface MinuteCell extends CellPlace {
  readonly minuteS: number;
}

/**
 * Devices by cell of every calendar minute that begins in [from, until), by minute, then cell. Each minute is
 * counted whole, so adjacent ranges list every minute once.
 */
export async function densityHistory(
  ask: Ask,
  args: {
    readonly mall: string;
    readonly fromS: number;
    readonly untilS: number;
    readonly first: number;
    readonly after?: string;
  },
): Promise<Page<DensityMinute>> {
  const served = servedMall(ask, args.mall);
  const { fromS, untilS, first } = args;
  refuseInstantOutside('from', fromS);
  refuseInstantOutside('to', untilS);
  refuseRange(fromS, untilS);
  refuseOutside('first', first, 1, PAGE_MAX);
  refuseForgottenRecords(ask, served, fromS);
  const scope = { question: 'densityHistory', mall: args.mall, of: `${fromS} to ${untilS}` };
  const minutes = { fromS: nextMinute(fromS), untilS: nextMinute(untilS) };
  const after = args.after === undefined ? undefined : cellAfter(scope, args.after, minutes);
  const range = { fromS: after?.minuteS ?? minutes.fromS, untilS: minutes.untilS };
  const rows = await readRows(ask, served, range, first, after);
  return pageOf(ask, rows, first, ({ minuteS, floor, x, y }) => writeCursor(scope, [minuteS, floor, x, y]));
}

/** The rows of one page, and one more when there are more. */
async function readRows(
  ask: Ask,
  served: ServedMall,
  range: TimeRange,
  first: number,
  after: MinuteCell | undefined,
): Promise<DensityMinute[]> {
  const grid = new DensityGrid(served);
  const rows: DensityMinute[] = [];
  for await (const { minuteS, positions } of minutesBetween(ask, served, range)) {
    for (const cell of cellsInOrder(grid.tally(positions))) {
      if (after?.minuteS === minuteS && compareCells(cell, after) <= 0) continue;
      rows.push({ minuteS, ...cell });
    }
    if (rows.length > first) return rows;
  }
  return rows;
}

function refuseRange(fromS: number, untilS: number): void {
  const asked = `from ${formatInstant(fromS)}`;
  if (fromS > untilS) {
    throw new Refusal(
      'BAD_RANGE',
      `${asked} is after to ${formatInstant(untilS)}; the earlier instant comes first`,
    );
  }
  if (untilS - fromS > RANGE_MAX_S) {
    const last = formatInstant(fromS + RANGE_MAX_S);
    throw new Refusal(
      'RANGE_TOO_WIDE',
      `${asked} to ${formatInstant(untilS)} is more than 25 hours; ask for at most that at a time, such as to ${last}`,
    );
  }
}

/** The first minute that begins at an instant or after it. */
function nextMinute(atS: number): number {
  return Math.ceil(atS / MINUTE_S) * MINUTE_S;
}

type MinuteKey = readonly [minuteS: number, floor: string | null, x: number, y: number];

/** The row that a page ended with, which lies in one of the minutes asked for. */
function cellAfter(scope: CursorScope, text: string, minutes: TimeRange): MinuteCell {
  const isKey = (key: readonly unknown[]): key is MinuteKey => {
    const [minuteS, floor, x, y] = key;
    const cell = Number.isSafeInteger(x) && Number.isSafeInteger(y);
    return (
      key.length === 4 && cell && (floor === null || typeof floor === 'string') && isIn(minutes, minuteS)
    );
  };
  const [minuteS, floor, x, y] = readCursor(scope, text, isKey);
  return { minuteS, floor, x, y };
}

function isIn({ fromS, untilS }: TimeRange, minuteS: unknown): boolean {
  return typeof minuteS === 'number' && minuteS >= fromS && minuteS < untilS && minuteS === minuteOf(minuteS);
}
