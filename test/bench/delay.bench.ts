import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../system/until.ts';
import { BENCH_MALL, createHome } from './bench-mall.ts';
import type { Figure } from './figure.ts';
import { HttpClient } from './http-client.ts';
import { LiveRecords } from './live-records.ts';
import type { Part } from './part.ts';
import { startServer } from './product-process.ts';
import { quantile } from './samples.ts';
import { whilePosting } from './steady-posts.ts';
import { WatchedCount } from './watched-count.ts';

const PACE = { recordsPerSecond: 1_300, bodyRecords: 100 };
const RECORDS_PER_DEVICE = 50;
/** Shares no divisor with the second between two frames, so that every moment between them is met. */
const NEWCOMER_EVERY_MS = 137;

/**
 * From the POST of a device that never came before to the frame that counts it. All other records are of devices
 * that are present already, so each count of a subscription says how many newcomers it knows of.
 */
export const benchDelay: Part = async (setting) => {
  const { quick, folder, tell } = setting;
  const home = await createHome(join(folder, 'delay'));
  const server = await startServer(home, setting);
  const client = new HttpClient(server.url, 4);
  const devices = quick ? 500 : 20_000;
  const records = new LiveRecords(devices);
  const watched = ['presentNow', 'mallFootfall'].map((field) => new WatchedCount(server.url, field));
  try {
    tell('a day so far');
    await records.postDaySoFar(client, quick ? 4 : RECORDS_PER_DEVICE);
    for (const count of watched) await until(`all devices in ${count.field}`, () => count.now === devices);
    tell('newcomers');
    const newcomers = quick ? 5 : 300;
    const postedMs: number[] = [];
    await whilePosting(client, records, PACE, async () => {
      for (let nth = 0; nth < newcomers; nth++) {
        postedMs.push(performance.now());
        await client.postRecords(BENCH_MALL, records.newcomer(Math.floor(Date.now() / 1_000)));
        await pause(NEWCOMER_EVERY_MS);
      }
      for (const count of watched) {
        await until('the last newcomer', () => (count.now ?? 0) >= devices + newcomers);
      }
    });
    return watched.flatMap((count) => {
      const delaysMs = postedMs.map((ms, nth) => count.reachedMs(devices + nth + 1) - ms);
      return figuresOf(count.field, delaysMs);
    });
  } finally {
    await Promise.all(watched.map((count) => count.close()));
    client.close();
    await server.process.stop();
  }
};

function figuresOf(field: string, delaysMs: readonly number[]): Figure[] {
  const detail = `${delaysMs.length} newcomers among 1,300 records/s`;
  return [
    { name: `POST to frame of ${field}, p50`, value: quantile(delaysMs, 0.5), unit: 'ms', detail },
    {
      name: `POST to frame of ${field}, p99`,
      value: quantile(delaysMs, 0.99),
      unit: 'ms',
      target: { atMost: 1_200 },
      detail: `longest ${Math.max(...delaysMs).toFixed(0)} ms`,
    },
  ];
}
