import { type AskedHistory, askHistory } from './asked-history.ts';
import type { Figure, Target } from './figure.ts';
import { openHistory } from './history.ts';
import { HttpClient } from './http-client.ts';
import { LiveRecords } from './live-records.ts';
import type { Part } from './part.ts';
import { type ProductProcess, startServer } from './product-process.ts';
import { type Allowance, QUERY_CASES, type QueryCase } from './query-cases.ts';
import { QUERY_TEXTS } from './query-texts.ts';
import { median, quantile } from './samples.ts';
import { whilePosting } from './steady-posts.ts';

const PACE = { recordsPerSecond: 1_300, bodyRecords: 100 };
const CALLS_MAX = 300;
const CALLS_MIN = 30;
const CASE_MS_MAX = 6_000;
const WARM_UP_CALLS = 20;

/** Every question, asked over HTTP by one client, one at a time: of an idle server, and while records come in. */
export const benchQueries: Part = async (setting) => {
  const { quick, days, tell } = setting;
  const shape = quick
    ? { days: 2, devices: 100, recordsPerDevice: 20 }
    : { days, devices: 20_000, recordsPerDevice: 50 };
  const history = await openHistory(shape, setting);
  const server = await startServer(history.home, setting);
  const client = new HttpClient(server.url, 1);
  const poster = new HttpClient(server.url, 4);
  const records = new LiveRecords(quick ? 100 : 20_000);
  try {
    tell('a day so far');
    await records.postDaySoFar(poster, shape.recordsPerDevice);
    const asked = await askHistory(client, history.days);
    const asking = { client, history: asked, server: server.process, quick };
    tell('queries, idle');
    const idle = await askAll({ ...asking, state: 'idle' });
    tell('queries, under posts');
    const busy = await whilePosting(poster, records, PACE, () => askAll({ ...asking, state: 'under posts' }));
    return QUERY_CASES.flatMap((_, nth) => [idle[nth]!, busy[nth]!]);
  } finally {
    client.close();
    poster.close();
    await server.process.stop();
  }
};

interface Asking {
  readonly client: HttpClient;
  readonly history: AskedHistory;
  readonly server: ProductProcess;
  readonly quick: boolean;
  readonly state: 'idle' | 'under posts';
}

async function askAll(asking: Asking): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const query of QUERY_CASES) figures.push(await askOften(query, asking));
  return figures;
}

async function askOften(
  query: QueryCase,
  { client, history, server, quick, state }: Asking,
): Promise<Figure> {
  const ask = () => client.ask(QUERY_TEXTS[query.field], query.variables(history));
  const [callsMin, callsMax] = quick ? [1, 1] : [CALLS_MIN, CALLS_MAX];
  for (let call = 0; !quick && call < WARM_UP_CALLS; call++) await ask();
  const times: number[] = [];
  const rows: number[] = [];
  const startedMs = performance.now();
  const cpuBefore = server.cpuSeconds;
  while (
    times.length < callsMin ||
    (times.length < callsMax && performance.now() - startedMs < CASE_MS_MAX)
  ) {
    const { ms, body } = await ask();
    times.push(ms);
    rows.push(rowsIn(body, query.field));
  }
  const target = targetOf(query.allowance, Math.min(...rows));
  const cpuMs = ((server.cpuSeconds - cpuBefore) * 1_000) / times.length;
  const cpu = state === 'idle' ? `, ${cpuMs.toFixed(1)} ms of processor time each` : '';
  return {
    name: `${query.name}; ${state}, p99`,
    value: quantile(times, 0.99),
    unit: 'ms',
    ...(target && { target }),
    detail: `p50 ${quantile(times, 0.5).toFixed(1)} ms, ${median(rows)} rows, ${times.length} calls${cpu}`,
  };
}

/** 30 ms for up to 1,000 rows, and 12 µs for each further one; 150 ms for what is read from raw records. */
function targetOf(allowance: Allowance, rows: number): Target | undefined {
  if (allowance === 'none') return undefined;
  if (allowance === 'instant') return { atMost: 150 };
  return { atMost: 30 + 0.012 * Math.max(0, rows - 1_000) };
}

function rowsIn(body: Buffer, field: string): number {
  const { data } = JSON.parse(body.toString()) as { data: Record<string, unknown> };
  const answer = data[field];
  if (Array.isArray(answer)) return answer.length;
  if (answer === null) return 0;
  const { nodes } = answer as { nodes?: unknown[] };
  return nodes === undefined ? 1 : nodes.length;
}
