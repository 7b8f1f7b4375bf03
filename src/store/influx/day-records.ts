import { parseMac } from '../../mac.ts';
import type { Sightings, TimeRange } from '../../terms.ts';
import { type FieldQuestion, readField } from './flux-rows.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { textOfTag } from './line-buffer.ts';

/** The columns of records that a fold reads. */
export type RecordColumns = Pick<
  Sightings,
  'length' | 'device' | 'occurredAtS' | 'shop' | 'accessPoint' | 'signalDbm'
>;

/** One series: where it was heard, and the rows up to which the columns are its own. */
interface SeriesRows {
  readonly shop: number;
  readonly accessPoint: number;
  until: number;
}

/**
 * All records of a time by two streams, one of devices with their times and one of signals, which lie beside each other in
 * the same order. Undefined when they do not: a record came between the two. 21 bytes a record, at once.
 */
export async function readManyRecords(
  connection: InfluxConnection,
  mall: InfluxMall,
  { fromS, untilS }: TimeRange,
  records: number,
): Promise<RecordColumns | undefined> {
  const question = { bucket: 'raw', measurement: 'probe', mall: mall.code, fromS, untilS } as const;
  const device = new Float64Array(records);
  const occurredAtS = new Uint32Array(records);
  const signalDbm = new Int8Array(records);
  const read = (of: Pick<FieldQuestion, 'field' | 'withTime'>, row: Row) =>
    readSeries(connection, mall, { ...question, ...of }, row);
  const [devices, signals] = await Promise.all([
    read({ field: 'device', withTime: true }, (at, value, second) => {
      device[at] = value;
      occurredAtS[at] = second;
    }),
    read({ field: 'rssi', withTime: false }, (at, value) => {
      signalDbm[at] = value;
    }),
  ]);
  const length = devices.at(-1)?.until ?? 0;
  if (length > records || !sameSeries(devices, signals)) return undefined;
  const shop = new Uint32Array(records);
  const accessPoint = new Uint32Array(records);
  let from = 0;
  for (const newest of devices) {
    shop.fill(newest.shop, from, newest.until);
    accessPoint.fill(newest.accessPoint, from, newest.until);
    from = newest.until;
  }
  return { length, device, occurredAtS, shop, accessPoint, signalDbm };
}

type Row = (at: number, value: number, second: number) => void;

async function readSeries(
  connection: InfluxConnection,
  { codebook }: InfluxMall,
  question: FieldQuestion,
  row: Row,
): Promise<SeriesRows[]> {
  const series: SeriesRows[] = [];
  let at = 0;
  let newest: SeriesRows | undefined;
  await readField(connection, question, {
    begin: (tags) => {
      const mac = parseMac(tags.get('ap') ?? '');
      const shop = codebook.shop(textOfTag(tags.get('shop') ?? ''));
      const accessPoint = mac === undefined ? 0 : codebook.accessPoint(mac);
      newest = { shop, accessPoint, until: at };
      series.push(newest);
    },
    row: (value, second) => {
      row(at, value, second);
      at++;
      newest!.until = at;
    },
  });
  return series;
}

function sameSeries(these: readonly SeriesRows[], those: readonly SeriesRows[]): boolean {
  return (
    these.length === those.length &&
    these.every(({ shop, accessPoint, until }, i) => {
      const other = those[i]!;
      return shop === other.shop && accessPoint === other.accessPoint && until === other.until;
    })
  );
}
