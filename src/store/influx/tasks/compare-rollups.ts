import type { DayRange, EpochDay } from '../../../terms.ts';
import { DAY_S } from '../day-books.ts';
import type { InfluxConnection } from '../influx-connection.ts';
import { quotedText, timeRange } from '../influx-ql.ts';
import { readRows } from '../influx-query.ts';

/** A day whose rollup is not what its rows say. */
export interface RollupDifference {
  readonly day: EpochDay;
  readonly rollup: number;
  readonly rows: number;
}

/**
 * Devices of each day by the rollups, against those of the rows, counted another way: in InfluxQL. Days of which only one
 * of the two has anything are different, too; not so those whose rows have been forgotten. Ascending.
 */
export async function compareRollups(
  connection: InfluxConnection,
  mall: string,
  days: DayRange,
): Promise<RollupDifference[]> {
  const range = timeRange({ second: days.from * DAY_S }, { second: (days.to + 1) * DAY_S });
  const where = `mall = ${quotedText(mall)} AND ${range}`;
  const numbers = async (bucket: 'footfall' | 'presence', question: string) => {
    const byDay = new Map<EpochDay, number>();
    await readRows(connection, bucket, question, {
      row: (row) => {
        if (row.numbers[1]! > 0) byDay.set(row.second / DAY_S, row.numbers[1]!);
      },
    });
    return byDay;
  };
  const [rollups, rows] = await Promise.all([
    numbers('footfall', `SELECT devices FROM mall_daily WHERE ${where}`),
    numbers('presence', `SELECT count(first) FROM mall_day WHERE ${where} GROUP BY time(1d)`),
  ]);
  return [...new Set([...rollups.keys(), ...rows.keys()])]
    .sort((a, b) => a - b)
    .map((day) => ({ day, rollup: rollups.get(day) ?? 0, rows: rows.get(day) ?? 0 }))
    .filter(({ rollup, rows: counted }) => rollup !== counted);
}
