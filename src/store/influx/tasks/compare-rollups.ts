import type { DayRange, EpochDay } from '../../../terms.ts';
import { DAY_S } from '../day-books.ts';
import type { InfluxConnection } from '../influx-connection.ts';
import { quotedText, timeRange } from '../influx-ql.ts';
import { readRows } from '../influx-query.ts';
import { textOfTag } from '../line-buffer.ts';

/** A count of devices that is not what its rows say. */
export interface RollupDifference {
  readonly day: EpochDay;
  /** Code of the shop; null = the mall. */
  readonly shop: string | null;
  readonly rollup: number;
  readonly rows: number;
}

/**
 * Devices of each day, of the mall and of every shop, by the rollups, against those of the rows, counted another way: in
 * InfluxQL. Where only one of the two has anything they are different, too; not so where rows have been forgotten.
 * Ascending by day, the mall before its shops.
 */
export async function compareRollups(
  connection: InfluxConnection,
  mall: string,
  days: DayRange,
): Promise<RollupDifference[]> {
  const range = timeRange({ second: days.from * DAY_S }, { second: (days.to + 1) * DAY_S });
  const where = `mall = ${quotedText(mall)} AND ${range}`;
  const counts = new Map<string, { -readonly [Field in keyof RollupDifference]: RollupDifference[Field] }>();
  const count = (by: 'rollup' | 'rows', question: string) => {
    let shop: string | null = null;
    return readRows(connection, by === 'rollup' ? 'footfall' : 'presence', question, {
      begin: ({ tags }) => {
        shop = tags?.shop === undefined ? null : textOfTag(tags.shop);
      },
      row: ({ second, numbers }) => {
        if (!(numbers[1]! > 0)) return;
        const day = second / DAY_S;
        const key = `${day} ${shop === null ? '' : `of ${shop}`}`;
        const known = counts.get(key) ?? { day, shop, rollup: 0, rows: 0 };
        counts.set(key, { ...known, [by]: numbers[1]! });
      },
    });
  };
  await Promise.all([
    count('rollup', `SELECT devices FROM mall_daily WHERE ${where}`),
    count('rows', `SELECT count(first) FROM mall_day WHERE ${where} GROUP BY time(1d)`),
    count('rollup', `SELECT devices FROM shop_daily WHERE ${where} GROUP BY shop`),
    count('rows', `SELECT count(first) FROM shop_day WHERE ${where} GROUP BY shop, time(1d)`),
  ]);
  return [...counts.values()]
    .filter(({ rollup, rows }) => rollup !== rows)
    .sort((a, b) => a.day - b.day || ((a.shop ?? '') < (b.shop ?? '') ? -1 : 1));
}
