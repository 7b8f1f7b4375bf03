import { formatMac, parseMac } from '../../mac.ts';
import type { AccessPointDay, EpochDay } from '../../terms.ts';
import { DAY_S } from './day-books.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { quotedText } from './influx-ql.ts';
import { readRows } from './influx-query.ts';
import { fieldName, type LineBuffer, seriesKey } from './line-buffer.ts';

const LAST_HEARD = fieldName('last_heard');
const SHOP = fieldName('shop');
const RECORDS = fieldName('records');

/** One row an access point and day; of several, that of the newest record, and of one second that of the lowest shop code. */
export function putAccessPoints(
  lines: LineBuffer,
  { code, codebook }: InfluxMall,
  day: EpochDay,
  rows: readonly AccessPointDay[],
): void {
  const newest = new Map<number, AccessPointDay>();
  for (const row of rows) {
    const other = newest.get(row.accessPoint);
    const isNewer = other === undefined || row.lastHeardS > other.lastHeardS;
    const ties = other !== undefined && row.lastHeardS === other.lastHeardS;
    if (isNewer || (ties && codebook.shopRanksBefore(row.shop, other.shop))) newest.set(row.accessPoint, row);
  }
  for (const { accessPoint, lastHeardS, shop, records } of newest.values()) {
    if (accessPoint === 0) continue;
    lines.begin(
      seriesKey('access_point', { ap: formatMac(codebook.accessPointMac(accessPoint)), mall: code }),
    );
    lines.integer(LAST_HEARD, lastHeardS);
    lines.text(SHOP, codebook.shopCode(shop));
    lines.integer(RECORDS, records);
    lines.end(day * DAY_S, 0);
  }
}

/** The row of the newest day of every access point. */
export async function newestAccessPoints(
  connection: InfluxConnection,
  { code, codebook }: InfluxMall,
): Promise<AccessPointDay[]> {
  const newest: AccessPointDay[] = [];
  const where = `mall = ${quotedText(code)}`;
  const question = `SELECT last_heard, shop, records FROM access_point WHERE ${where} GROUP BY ap ORDER BY time DESC LIMIT 1`;
  let accessPoint = 0;
  await readRows(connection, 'registry', question, {
    begin: ({ tags }) => {
      accessPoint = codebook.accessPoint(parseMac(tags?.ap ?? '') ?? 0);
    },
    row: ({ numbers, texts }) => {
      newest.push({
        accessPoint,
        lastHeardS: numbers[1]!,
        shop: codebook.shop(texts[2] ?? ''),
        records: numbers[3]!,
      });
    },
  });
  return newest;
}
