import type { EpochDay } from '../../terms.ts';
import { deletePoints, slotsOf } from './delete-points.ts';
import type { InfluxConnection } from './influx-connection.ts';
import type { InfluxMall } from './influx-mall.ts';
import { LineBuffer } from './line-buffer.ts';
import { putExpired } from './registry.ts';
import type { LineWriter } from './write-lines.ts';

interface ExpiryDays {
  readonly raw: EpochDay | null;
  readonly customers: EpochDay | null;
}

/** Says first what is forgotten, then forgets it: what a crash leaves over goes the next time. */
export async function expireDays(
  connection: InfluxConnection,
  writer: LineWriter,
  mall: InfluxMall,
  before: ExpiryDays,
): Promise<void> {
  const expired = {
    raw: later(mall.expired.raw, before.raw),
    customers: later(mall.expired.customers, before.customers),
  };
  const lines = new LineBuffer();
  putExpired(lines, mall.code, expired);
  await writer.write('registry', lines);
  mall.expired = expired;
  const { code, calendar } = mall;
  if (before.raw !== null) {
    await deletePoints(connection, 'raw', code, { fromS: 0, untilS: calendar.range(before.raw).fromS });
  }
  if (before.customers !== null) {
    await deletePoints(connection, 'presence', code, slotsOf({ from: 0, to: before.customers - 1 }));
  }
}

function later(a: EpochDay | null, b: EpochDay | null): EpochDay | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
