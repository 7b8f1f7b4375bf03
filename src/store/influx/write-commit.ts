import type { EpochDay } from '../../terms.ts';
import type { Commit } from '../store.ts';
import { putCheckpoint } from './checkpoint.ts';
import { type DayBook, putDayBook } from './day-books.ts';
import type { InfluxMall } from './influx-mall.ts';
import { LineBuffer } from './line-buffer.ts';
import { putRecords, RawSeries } from './raw-records.ts';
import { putCodebook } from './registry.ts';
import type { LineWriter } from './write-lines.ts';

/**
 * Writes commits: the numbers that they use first, their records, and last the checkpoint with which they count. Lines
 * are built in buffers that are used again.
 */
export class CommitWriter {
  readonly #writer: LineWriter;
  readonly #series = new Map<InfluxMall, RawSeries>();
  readonly #spare: LineBuffer[] = [];

  constructor(writer: LineWriter) {
    this.#writer = writer;
  }

  async write(mall: InfluxMall, commit: Commit): Promise<void> {
    const { number, sightings, arrivals, ingestDays, checkpoints } = commit;
    await this.keepCodebook(mall);
    const lines = this.#spare.pop() ?? new LineBuffer();
    try {
      putRecords(lines, this.#seriesOf(mall), mall, number, sightings);
      await Promise.all([this.#writer.write('raw', lines), this.#keepBooks(mall)]);
    } finally {
      lines.clear();
      this.#spare.push(lines);
    }
    const days = joined(arrivals, ingestDays);
    const positions = new Map([...mall.positions, ...checkpoints]);
    const last = new LineBuffer();
    putCheckpoint(last, mall.code, { epoch: mall.epoch, commit: number, positions, days });
    await this.#writer.write('registry', last);
    mall.commit = number;
    mall.positions = positions;
    mall.inCheckpoint = days;
  }

  /** Numbers that the store lacks, before any row uses them. */
  async keepCodebook(mall: InfluxMall): Promise<void> {
    const { shopCount, accessPointCount } = mall.codebook;
    const lines = new LineBuffer();
    putCodebook(lines, mall);
    await this.#writer.write('registry', lines);
    mall.shopsKept = Math.max(mall.shopsKept, shopCount);
    mall.accessPointsKept = Math.max(mall.accessPointsKept, accessPointCount);
  }

  /** The books of days that only the checkpoint holds, before another takes its place. */
  async #keepBooks(mall: InfluxMall): Promise<void> {
    const lines = new LineBuffer();
    for (const book of mall.inCheckpoint) putDayBook(lines, mall.code, mall.epoch, book);
    await this.#writer.write('registry', lines);
  }

  #seriesOf(mall: InfluxMall): RawSeries {
    let series = this.#series.get(mall);
    if (series === undefined || series.codebook !== mall.codebook) {
      series = new RawSeries(mall.codebook);
      this.#series.set(mall, series);
    }
    return series;
  }
}

function joined(arrivals: Commit['arrivals'], ingestDays: Commit['ingestDays']): DayBook[] {
  const days = new Map<EpochDay, DayBook>();
  for (const arrival of arrivals) days.set(arrival.day, { day: arrival.day, arrival, ingest: null });
  for (const ingest of ingestDays) {
    days.set(ingest.day, { day: ingest.day, arrival: days.get(ingest.day)?.arrival ?? null, ingest });
  }
  return [...days.values()];
}
