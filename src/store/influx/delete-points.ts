import type { DayRange, TimeRange } from '../../terms.ts';
import { DAY_S } from './day-books.ts';
import type { BucketName, InfluxConnection } from './influx-connection.ts';

/** A delete goes through every shard that it touches: patience, where whole days go. */
const DELETE_MS = 120_000;

/** Deletes every point of a mall in a range of time. */
export async function deletePoints(
  { http, org, bucket }: InfluxConnection,
  name: BucketName,
  mall: string,
  { fromS, untilS }: TimeRange,
): Promise<void> {
  if (untilS <= fromS) return;
  const query = `org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket(name))}`;
  // Both ends are inside.
  const last = `${written(untilS - 1).slice(0, -1)}.999999999Z`;
  const body = JSON.stringify({
    start: written(fromS),
    stop: last,
    predicate: `mall=${JSON.stringify(mall)}`,
  });
  await http.text({
    method: 'POST',
    path: `/api/v2/delete?${query}`,
    type: 'application/json',
    body,
    timeoutMs: DELETE_MS,
  });
}

/** The slots of whole days, which lie in UTC days. */
export function slotsOf({ from, to }: DayRange): TimeRange {
  return { fromS: from * DAY_S, untilS: (to + 1) * DAY_S };
}

function written(atS: number): string {
  return new Date(atS * 1_000).toISOString().replace('.000', '');
}
