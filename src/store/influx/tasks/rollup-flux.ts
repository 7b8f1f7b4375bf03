import { formatDay } from '../../../calendar.ts';
import type { BucketName } from '../influx-connection.ts';

/**
 * The one definition of the rollups: what of `presence` becomes which number of `footfall`. Every line is a range in UTC
 * days, a filter, a count or a sum in windows of a UTC day: all of it is done by the storage, none row by row.
 */
interface Rollup {
  /** Of `presence`. */
  readonly from: string;
  /** A regular expression of Flux that the fields match. */
  readonly fields: string;
  readonly by: 'count' | 'sum';
  readonly into: string;
  /** The name of the number, where it is another than the field's. */
  readonly as?: string;
}

const ROLLUPS: readonly Rollup[] = [
  { from: 'mall_day', fields: '/^first$/', by: 'count', into: 'mall_daily', as: 'devices' },
  { from: 'mall_day', fields: '/^new$/', by: 'sum', into: 'mall_daily' },
  { from: 'mall_day', fields: '/^h[0-9][0-9]$/', by: 'count', into: 'mall_daily' },
  { from: 'shop_day', fields: '/^visits$/', by: 'count', into: 'shop_daily', as: 'devices' },
  { from: 'shop_day', fields: '/^(entered|visits|dwell)$/', by: 'sum', into: 'shop_daily' },
  { from: 'shop_day', fields: '/^h[0-9][0-9]$/', by: 'count', into: 'shop_daily' },
];

export interface RollupScript {
  readonly bucket: (name: BucketName) => string;
  /** Flux expressions of times. */
  readonly start: string;
  readonly stop: string;
  /** One mall; undefined = every mall. */
  readonly mall?: string;
}

/** The body of the task, and of the question that runs it for one day of one mall. */
export function rollupFlux({ bucket, start, stop, mall }: RollupScript): string {
  const ofMall = mall === undefined ? '' : ` and r.mall == ${fluxText(mall)}`;
  const parts = ROLLUPS.map(({ from, fields, by, into, as }) => {
    const named = as === undefined ? '' : `\n    |> set(key: "_field", value: ${fluxText(as)})`;
    return `from(bucket: ${fluxText(bucket('presence'))})
    |> range(start: ${start}, stop: ${stop})
    |> filter(fn: (r) => r._measurement == ${fluxText(from)} and r._field =~ ${fields}${ofMall})
    |> aggregateWindow(every: 1d, fn: ${by}, createEmpty: false, timeSrc: "_start")
    |> set(key: "_measurement", value: ${fluxText(into)})${named}
    |> to(bucket: ${fluxText(bucket('footfall'))})`;
  });
  return `${parts.join('\n\n')}\n`;
}

/** The newest days: what is older is counted when it settles. Slots lie ahead of the clock. */
const DAYS_BACK = 3;
const DAYS_AHEAD = 2;
const DAY_S = 86_400;

/** The task: its days follow the clock of the server. */
export function taskFlux(
  bucket: RollupScript['bucket'],
  { name, everyS }: { readonly name: string; readonly everyS: number },
): string {
  return `import "date"

option task = {name: ${fluxText(name)}, every: ${everyS}s}

firstDay = date.truncate(t: date.sub(d: ${DAYS_BACK}d, from: now()), unit: 1d)
lastDay = date.truncate(t: date.add(d: ${DAYS_AHEAD}d, to: now()), unit: 1d)

${rollupFlux({ bucket, start: 'firstDay', stop: 'lastDay' })}`;
}

/** The same count of the same days as a question, by a clock of ours. */
export function questionFlux(bucket: RollupScript['bucket'], nowS: number): string {
  const today = Math.floor(nowS / DAY_S);
  const midnight = (day: number) => `${formatDay(day)}T00:00:00Z`;
  return rollupFlux({ bucket, start: midnight(today - DAYS_BACK), stop: midnight(today + DAYS_AHEAD) });
}

/** A text as a literal of Flux, whatever is in it. */
export function fluxText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\$\{/g, '\\${').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
}
