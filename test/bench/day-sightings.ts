import { randomBytes } from 'node:crypto';
import { Calendar, parseDay } from '../../src/calendar.ts';
import { Codebook } from '../../src/codebook.ts';
import { Pseudonyms } from '../../src/decode/pseudonyms.ts';
import { SightingColumns } from '../../src/sightings.ts';
import type { Sightings } from '../../src/terms.ts';
import { BENCH_PLAN } from './bench-mall.ts';
import { createMallDay, type DayShape, inOrderOfTime, type MallDay } from './mall-day.ts';

/** What the line hands to the fold at a time. */
const BATCH_RECORDS = 20_000;

export interface SightingsOfDay {
  readonly day: number;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly records: number;
  /** In batches, as a decoder would have made them. */
  byDevice(): Sightings[];
  byTime(): Sightings[];
}

/** A whole day of the bench mall, decoded. */
export function createSightings(shape: DayShape): SightingsOfDay {
  const day = parseDay('2024-06-14')!;
  const calendar = new Calendar(BENCH_PLAN.timeZone);
  const codebook = new Codebook(
    BENCH_PLAN.places.map(({ code }) => code),
    BENCH_PLAN.accessPoints.map(({ mac }) => mac),
  );
  const { fromS } = calendar.range(day);
  const records = createMallDay(BENCH_PLAN, day, fromS, shape);
  const pseudonyms = new Pseudonyms(randomBytes(32));
  const batches = (rowAt: (index: number) => number) => toBatches(records, day, pseudonyms, rowAt);
  return {
    day,
    calendar,
    codebook,
    records: records.length,
    byDevice: () => batches((index) => index),
    byTime: () => {
      const order = inOrderOfTime(records, fromS);
      return batches((index) => order[index]!);
    },
  };
}

function toBatches(
  records: MallDay,
  day: number,
  pseudonyms: Pseudonyms,
  rowAt: (index: number) => number,
): Sightings[] {
  const batches: Sightings[] = [];
  for (let from = 0; from < records.length; from += BATCH_RECORDS) {
    const batch = new SightingColumns(BATCH_RECORDS);
    const until = Math.min(from + BATCH_RECORDS, records.length);
    for (let index = from; index < until; index++) {
      const row = rowAt(index);
      const accessPoint = records.accessPoint[row]!;
      const device = pseudonyms.of(records.mac[row]!);
      const shop = BENCH_PLAN.accessPoints[accessPoint]!.place + 1;
      batch.push(day, device, records.occurredAtS[row]!, shop, accessPoint + 1, records.signalDbm[row]!);
    }
    batches.push(batch);
  }
  return batches;
}
