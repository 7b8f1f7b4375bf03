import { formatDay } from '../../../calendar.ts';
import type { EpochDay } from '../../../terms.ts';
import type { InfluxConnection } from '../influx-connection.ts';
import { InfluxRefusal } from '../influx-http.ts';
import { rollupFlux } from './rollup-flux.ts';

/** Counts one day of one mall now, by the very script of the task; resolves when the rollup is written. */
export async function runRollup(connection: InfluxConnection, mall: string, day: EpochDay): Promise<void> {
  const { bucket } = connection;
  const start = `${formatDay(day)}T00:00:00Z`;
  const stop = `${formatDay(day + 1)}T00:00:00Z`;
  await runFlux(connection, rollupFlux({ bucket, start, stop, mall }));
}

/** Runs a script for what it writes; what it yields is read away. Rejects when it failed on the way, too. */
export async function runFlux({ http, org }: InfluxConnection, query: string): Promise<void> {
  const answer = await http.text({
    method: 'POST',
    path: `/api/v2/query?org=${encodeURIComponent(org)}`,
    type: 'application/json',
    body: JSON.stringify({ query, dialect: { header: true, annotations: [] } }),
  });
  // An error that comes after the answer has begun is a table of its own.
  const failed = /(?:^|\n)\r?\n?,?error,reference\r?\n,?(.*)/.exec(answer);
  if (failed !== null) throw new InfluxRefusal(200, 'query failed', failed[1] ?? '');
}
