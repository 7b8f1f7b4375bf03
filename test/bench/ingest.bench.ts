import { join } from 'node:path';
import { BENCH_MALL, createHome } from './bench-mall.ts';
import { HttpClient } from './http-client.ts';
import { LiveRecords } from './live-records.ts';
import type { Part } from './part.ts';
import { startServer } from './product-process.ts';
import { quantile } from './samples.ts';
import { postSteadily } from './steady-posts.ts';

const OFFERED = { recordsPerSecond: 150_000, bodyRecords: 2_000 };
const CONNECTIONS = 8;

/** Records over HTTP: at an offered rate (open loop), and as many as it takes (closed loop). */
export const benchIngest: Part = async (setting) => {
  const { quick, folder, tell } = setting;
  const home = await createHome(join(folder, 'ingest'));
  const server = await startServer(home, setting);
  const client = new HttpClient(server.url, CONNECTIONS);
  const records = new LiveRecords(quick ? 1_000 : 100_000);
  const offeredMs = quick ? 300 : 20_000;
  try {
    await postSteadily(client, records, OFFERED, (ms) => ms >= offeredMs / 10);
    tell('offering 150k records a second');
    const cpuBefore = server.process.cpuSeconds;
    const startedMs = performance.now();
    const { times, refused } = await postSteadily(client, records, OFFERED, (ms) => ms >= offeredMs);
    const taken = (times.length * OFFERED.bodyRecords) / ((performance.now() - startedMs) / 1_000);
    const cpuUs = ((server.process.cpuSeconds - cpuBefore) / (times.length * OFFERED.bodyRecords)) * 1e6;
    tell('as many records as it takes');
    const most = await postWithoutPause(client, records, quick ? 300 : 10_000);
    const how = `open loop, ${CONNECTIONS} connections, ${cpuUs.toFixed(1)} µs of processor time a record, ${refused} bodies refused`;
    return [
      // A rate that is offered is never quite reached: the last answers come after the last body was due.
      {
        name: 'offered 150k records/s, taken',
        value: taken,
        unit: 'records/s',
        target: { atLeast: 149_000 },
        detail: how,
      },
      {
        name: '… answered within, p50',
        value: quantile(times, 0.5),
        unit: 'ms',
        detail: 'from when a body was due',
      },
      { name: '… answered within, p99', value: quantile(times, 0.99), unit: 'ms', target: { atMost: 100 } },
      {
        name: 'as many as it takes',
        value: most.recordsPerSecond,
        unit: 'records/s',
        detail: `closed loop, ${CONNECTIONS} connections, p50 ${most.p50Ms.toFixed(0)} ms, p99 ${most.p99Ms.toFixed(0)} ms`,
      },
      { name: 'most memory resident', value: server.process.peakBytes / 1e9, unit: 'GB' },
    ];
  } finally {
    client.close();
    await server.process.stop();
  }
};

async function postWithoutPause(client: HttpClient, records: LiveRecords, forMs: number) {
  const startedMs = performance.now();
  const times: number[] = [];
  const connection = async () => {
    while (performance.now() - startedMs < forMs) {
      const body = records.body(OFFERED.bodyRecords, Math.floor(Date.now() / 1_000));
      const { status, ms } = await client.offerRecords(BENCH_MALL, body);
      if (status === 200) times.push(ms);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    recordsPerSecond: (times.length * OFFERED.bodyRecords) / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
