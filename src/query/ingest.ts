import { DROP_REASONS, type DropCounts } from '../outcome.ts';
import type { IngestDay, TimeRange } from '../terms.ts';
import type { Ask, IngestAnswer } from './answers.ts';
import { askedDays, daysIn } from './asked-days.ts';
import { servedMall } from './asked-mall.ts';
import { askDays, dayRow } from './days.ts';
import { drawRows } from './limits.ts';

const MINUTE_S = 60;

/** Records of every day: kept ones by when they occurred, dropped ones by when they were received. */
export async function ingest(
  ask: Ask,
  args: { readonly mall: string; readonly from: string; readonly to: string },
): Promise<IngestAnswer[]> {
  const served = servedMall(ask, args.mall);
  const range = askedDays(args);
  drawRows(ask, daysIn(range), 'ask for fewer days');
  const days = await askDays(ask, served, range);
  const counters = new Map<number, IngestDay>();
  for (const row of await ask.store.ingestDays(args.mall, range)) counters.set(row.day, row);
  const nowS = ask.clock.nowS();
  return days.map((asked) => {
    const counted = counters.get(asked.day);
    return {
      kept: counted?.kept ?? 0,
      dropped: inListOrder(counted?.dropped ?? {}),
      minutesWithoutRecords: silentMinutes(served.calendar.range(asked.day), nowS, counted?.minutes),
      lastRecordS: counted?.lastRecordS ?? null,
      ...dayRow(asked),
    };
  });
}

function inListOrder(dropped: DropCounts): { reason: string; count: number }[] {
  return DROP_REASONS.map((reason) => ({ reason, count: dropped[reason] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
}

/** Minutes of a day that are over and in which no kept record occurred. Bit `m` of `minutes`: one did in minute `m`. */
function silentMinutes({ fromS, untilS }: TimeRange, nowS: number, minutes: Uint8Array | undefined): number {
  const over = Math.max(0, Math.floor((Math.min(nowS, untilS) - fromS) / MINUTE_S));
  let silent = 0;
  for (let minute = 0; minute < over; minute++) {
    const heard = (minutes?.[minute >> 3] ?? 0) & (1 << (minute & 7));
    if (heard === 0) silent++;
  }
  return silent;
}
