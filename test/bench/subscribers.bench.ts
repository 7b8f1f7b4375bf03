import { join } from 'node:path';
import { BENCH_MALL, createHome } from './bench-mall.ts';
import { ClientProcess } from './client-process.ts';
import type { Figure } from './figure.ts';
import { HttpClient } from './http-client.ts';
import { LiveRecords } from './live-records.ts';
import type { Part, Setting } from './part.ts';
import { pinProcesses } from './pinned.ts';
import { startServer } from './product-process.ts';
import { whilePosting } from './steady-posts.ts';
import type { CrowdOrder, CrowdResult } from './subscriber-crowd.ts';

/** Some 460 of 500 customers are heard each second. */
const CUSTOMERS = 500;
const PACE = { recordsPerSecond: 1_300, bodyRecords: 130 };
const WATCHED_S = 20;

interface Crowd {
  readonly name: string;
  readonly query: string;
  readonly subscribers: number;
  readonly stalled: number;
}

const TOTALS = `subscription { mallFootfall(mall: "${BENCH_MALL}") { date footfall newCustomers asOf } }`;
const POSITIONS = `subscription { customerPositions(mall: "${BENCH_MALL}") {
  at full positions { customer at x y floor shop { code } } left
} }`;

const CROWDS: readonly Crowd[] = [
  { name: '10,000 subscribers of totals', query: TOTALS, subscribers: 10_000, stalled: 0 },
  { name: '1,000 subscribers of 500 positions', query: POSITIONS, subscribers: 1_000, stalled: 0 },
  {
    name: '10,000 sockets of positions, 1,000 of them stalled',
    query: POSITIONS,
    subscribers: 10_000,
    stalled: 1_000,
  },
];

/** Many who watch the same, an update a second: the server on one core, all that listen on another. */
export const benchSubscribers: Part = async (setting) => {
  const figures: Figure[] = [];
  for (const [nth, crowd] of CROWDS.entries()) figures.push(...(await benchCrowd(nth, crowd, setting)));
  return figures;
};

async function benchCrowd(nth: number, crowd: Crowd, setting: Setting): Promise<Figure[]> {
  const { quick, folder, tell } = setting;
  const pinned = pinProcesses();
  const home = await createHome(join(folder, `subscribers-${nth}`));
  const server = await startServer(home, { ...setting, launcher: pinned.server });
  const client = new HttpClient(server.url, 2);
  const crowded = new ClientProcess<CrowdOrder, CrowdResult | undefined>('subscriber-crowd', pinned.client);
  const share = quick ? 100 : 1;
  const subscribers = crowd.subscribers / share;
  const seconds = quick ? 2 : WATCHED_S;
  try {
    const records = new LiveRecords(CUSTOMERS);
    await records.postDaySoFar(client, 4, 500);
    const { query, stalled } = crowd;
    return await whilePosting(client, records, PACE, async () => {
      tell(`${crowd.name}: joining`);
      const { url } = server;
      await crowded.do({ kind: 'join', url, query, subscribers, stalled: stalled / share });
      tell(`${crowd.name}: listening`);
      const cpuBefore = server.process.cpuSeconds;
      const heard = await crowded.do<CrowdResult>({ kind: 'watch', seconds });
      const cpu = (server.process.cpuSeconds - cpuBefore) / seconds;
      return figuresOf(crowd, heard, { cpu, peakBytes: server.process.peakBytes, said: pinned.said });
    });
  } finally {
    client.close();
    await crowded.stop();
    await server.process.stop();
  }
}

function figuresOf(
  { name, stalled }: Crowd,
  heard: CrowdResult,
  { cpu, peakBytes, said }: { readonly cpu: number; readonly peakBytes: number; readonly said: string },
): Figure[] {
  const { p50Ms, p99Ms, updates, missedShare, bytesPerUpdate } = heard;
  const missed = `${(missedShare * 100).toFixed(1)} % missed`;
  const detail = `p50 ${p50Ms.toFixed(0)} ms, ${updates} updates of ${bytesPerUpdate.toFixed(0)} bytes, ${missed}`;
  return [
    {
      name: `${name}: from the first that heard to each, p99`,
      value: p99Ms,
      unit: 'ms',
      ...(stalled === 0 && { target: { atMost: 500 } }),
      detail,
    },
    { name: `${name}: processor`, value: cpu * 100, unit: '%', detail: `of a core; ${said}` },
    { name: `${name}: memory at most`, value: peakBytes / 1e9, unit: 'GB', detail: 'resident' },
  ];
}
