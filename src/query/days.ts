import type { OpenDay } from '../live/live.ts';
import type { DayRange, DayState, EpochDay } from '../terms.ts';
import type { Ask, AskedDay, DayRow, Finality, ServedMall } from './answers.ts';

/**
 * Finds out about every day of a range, ascending. The order of reading is what keeps an answer from flashing
 * zeros while a day settles: the open days are held first, and stay readable; then the states of the days are
 * read, and only after both (by `rowsOfDays`) the stored answers. A day that settles in between is answered from
 * what is held, or from the store once its settlement was seen.
 */
export async function askDays(ask: Ask, served: ServedMall, { from, to }: DayRange): Promise<AskedDay[]> {
  const { code } = served.mall;
  const live = ask.live.mall(code);
  const stale = live?.stale ?? true;
  const held: (OpenDay | undefined)[] = [];
  for (let day = from; day <= to; day++) held.push(live?.openDay(day));
  // A day that is being folded has never settled, so a question about open days alone need not ask the store.
  const onlyOpen = !stale && held.every((open) => open !== undefined);
  const states = onlyOpen ? [] : await ask.store.dayStates(code, { from, to });
  const today = served.calendar.dayOf(ask.clock.nowS());
  const days: AskedDay[] = [];
  let next = 0;
  for (let day = from; day <= to; day++) {
    const state = states[next]?.day === day ? states[next++] : undefined;
    const frozen = ask.keepRawDays !== null && today - day >= ask.keepRawDays;
    const kept = state === undefined ? undefined : keptFinality(state, frozen);
    const stamp = kept === undefined ? '' : stampOf(state!);
    days.push({ day, kept, stamp, open: kept === undefined ? held[day - from] : undefined, stale });
  }
  ask.basis?.note(served, { from, to }, days, ask.clock.nowS());
  return days;
}

function keptFinality({ arrival, settlement }: DayState, frozen: boolean): Finality | undefined {
  if (settlement === null) return undefined;
  const complete = arrival === null || arrival.commit <= settlement.upToCommit;
  return { settled: complete || frozen, asOfS: settlement.settledAtS, stale: false };
}

/** Owners of different epochs may have given one version to two settlements; they did not settle in one second. */
function stampOf({ settlement }: DayState): string {
  return `${settlement!.version}@${settlement!.settledAtS}`;
}

/** What every row of the day begins with. An open day's is of this moment: make it together with the numbers. */
export function dayRow({ day, kept, open, stale }: AskedDay): DayRow {
  if (kept !== undefined) return { day, ...kept };
  // A day opens a moment before its first record is counted; until then it is as of never.
  const asOfS = open === undefined || open.asOfS === 0 ? null : open.asOfS;
  return { day, settled: false, asOfS, stale };
}

/** Which rows of days are asked for, and where they are. */
export interface RowSource<Row> {
  /** Names them among all rows of all malls, for those that are held; undefined: too many sets of them to hold any. */
  readonly of: string | undefined;
  /** Answers a range, ascending by day. */
  fromStore(range: DayRange): Promise<Row[]>;
  fromOpen(open: OpenDay): Row[];
}

/**
 * The rows of every day, index for index: the store's where it keeps answers of the day, else those of the fold,
 * else none.
 */
export async function rowsOfDays<Row extends { readonly day: EpochDay }>(
  { held }: Ask,
  days: readonly AskedDay[],
  { of, fromStore, fromOpen }: RowSource<Row>,
): Promise<(readonly Row[])[]> {
  const rows = days.map(({ day, kept, stamp, open }) => {
    if (kept !== undefined) return of === undefined ? undefined : held?.find<Row>(of, day, stamp);
    return open === undefined ? [] : fromOpen(open);
  });
  const from = rows.indexOf(undefined);
  if (from < 0) return rows as (readonly Row[])[];
  const to = rows.lastIndexOf(undefined);
  const stored = await fromStore({ from: days[from]!.day, to: days[to]!.day });
  let next = 0;
  for (let i = from; i <= to; i++) {
    const { day, stamp } = days[i]!;
    while (next < stored.length && stored[next]!.day < day) next++;
    if (rows[i] !== undefined) continue;
    const first = next;
    while (next < stored.length && stored[next]!.day === day) next++;
    const ofDay = stored.slice(first, next);
    if (of !== undefined) held?.keep(of, day, stamp, ofDay);
    rows[i] = ofDay;
  }
  return rows as (readonly Row[])[];
}
