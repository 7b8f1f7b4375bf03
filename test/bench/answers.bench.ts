import { formatDay } from '../../src/calendar.ts';
import type { DayRange } from '../../src/terms.ts';
import { ClientProcess } from './client-process.ts';
import type { Figure } from './figure.ts';
import { openHistory } from './history.ts';
import { type Answer, HttpClient } from './http-client.ts';
import type { LoadOrder, LoadResult } from './http-load.ts';
import type { Part } from './part.ts';
import { pinProcesses } from './pinned.ts';
import { startServer } from './product-process.ts';
import { QUERY_TEXTS } from './query-texts.ts';
import { median, quantile } from './samples.ts';

const CONNECTIONS = 16;
const ROUNDS = 3;
const LONG_RANGE_DAYS = 1_100;

type Kind = 'plain' | 'kept' | 'executed';

/**
 * How many questions one core of server answers: a plain JSON route, a day's totals that are kept, and the same made anew
 * each time, in turn, so that whatever else the machine does happens to all three. Then the two largest answers.
 */
export const benchAnswers: Part = async (setting) => {
  const { quick, days, tell } = setting;
  const shape = quick
    ? { days: 2, devices: 100, recordsPerDevice: 20 }
    : { days, devices: 20_000, recordsPerDevice: 50 };
  const history = await openHistory(shape, setting);
  const pinned = pinProcesses();
  const server = await startServer(history.home, { ...setting, launcher: pinned.server });
  const load = new ClientProcess<LoadOrder, LoadResult>('http-load', pinned.client);
  const client = new HttpClient(server.url, 1);
  try {
    const orders = ordersOf(server.url, history.days, quick ? 1 : 4);
    const results: Record<Kind, LoadResult[]> = { plain: [], kept: [], executed: [] };
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      tell(`a day's totals, round ${round + 1}`);
      for (const kind of ['plain', 'kept', 'executed'] as const) {
        results[kind].push(await load.do(orders[kind]));
      }
    }
    tell('large answers');
    const plainMs = await medianOf(() => client.get('/livez'));
    return [
      ...ratesOf(results, pinned.said),
      ...(await largeAnswers(client, history.days, { quick, plainMs })),
    ];
  } finally {
    client.close();
    await load.stop();
    await server.process.stop();
  }
};

function ordersOf(url: string, { from, to }: DayRange, seconds: number): Record<Kind, LoadOrder> {
  const bodies: string[] = [];
  for (let day = from; day <= to; day++) {
    const date = formatDay(day);
    bodies.push(bodyOf(QUERY_TEXTS.mallFootfall, { from: date, to: date }));
  }
  const common = { connections: CONNECTIONS, seconds };
  const graphql = `${url}/graphql`;
  return {
    plain: { ...common, url: `${url}/livez`, bodies: [] },
    kept: { ...common, url: graphql, bodies },
    executed: { ...common, url: graphql, bodies: bodies.map(anew) },
  };
}

function bodyOf(query: string, variables: object): string {
  return JSON.stringify({ query, variables });
}

/** What hides in a fragment is not one of those answers that are kept. */
function anew(body: string): string {
  const { query, variables } = JSON.parse(body) as { query: string; variables: object };
  return bodyOf(hidden(query), variables);
}

function hidden(query: string): string {
  return query.replace('{', '{ ... on Query {').replace(/\}\s*$/, '} }');
}

function ratesOf(results: Record<Kind, readonly LoadResult[]>, said: string): Figure[] {
  const rate = (kind: Kind) => median(results[kind].map(({ requestsPerSecond }) => requestsPerSecond));
  const figure = (kind: Kind, name: string, atLeast?: number): Figure => {
    const p99Ms = median(results[kind].map((result) => result.p99Ms));
    const share = kind === 'plain' ? '' : `, ${(rate(kind) / rate('plain')).toFixed(2)} of the plain route`;
    const detail = `p99 ${p99Ms.toFixed(0)} ms at ${CONNECTIONS} connections, ${said}${share}`;
    return {
      name,
      value: rate(kind),
      unit: 'requests/s',
      detail,
      ...(atLeast !== undefined && { target: { atLeast } }),
    };
  };
  return [
    figure('plain', 'a plain JSON route'),
    figure('kept', 'totals of a settled day, kept', 5_000),
    figure('executed', 'totals of a settled day, made anew each time', 1_500),
  ];
}

const CALLS = 100;
const WARM_UP_CALLS = 20;

async function medianOf(call: () => Promise<Answer>): Promise<number> {
  const times: number[] = [];
  while (times.length < CALLS) times.push((await call()).ms);
  return median(times);
}

interface LargeSetting {
  readonly quick: boolean;
  /** Of the plain route, in the same run. */
  readonly plainMs: number;
}

/** One caller, one call at a time. */
async function largeAnswers(
  client: HttpClient,
  days: DayRange,
  { quick, plainMs }: LargeSetting,
): Promise<Figure[]> {
  const range = { from: formatDay(days.from), to: formatDay(days.to) };
  const long = { from: formatDay(days.to - LONG_RANGE_DAYS + 1), to: range.to };
  const { mallFootfall, shopFootfall } = QUERY_TEXTS;
  const cases: readonly (readonly [name: string, query: string, variables: object, atMost: number])[] = [
    ['1,100 days of totals, kept', mallFootfall, long, 20],
    ['1,100 days of totals, made anew', hidden(mallFootfall), long, 20],
    ['all days of all shops, kept', shopFootfall, range, 150],
    ['all days of all shops, made anew', hidden(shopFootfall), range, 150],
  ];
  const figures: Figure[] = [];
  for (const [name, query, variables, atMost] of cases) {
    const times: number[] = [];
    let bytes = 0;
    const calls = quick ? 2 : CALLS;
    for (let call = 0; !quick && call < WARM_UP_CALLS; call++)
      await client.ask(query, variables as Record<string, unknown>);
    for (let call = 0; call < calls; call++) {
      const { ms, body } = await client.ask(query, variables as Record<string, unknown>);
      times.push(ms);
      bytes = body.byteLength;
    }
    const p50 = quantile(times, 0.5);
    const ratio = `${(p50 / plainMs).toFixed(0)} times the plain route`;
    const detail = `p50 ${p50.toFixed(1)} ms, ${(bytes / 1e6).toFixed(2)} MB, ${calls} calls, ${ratio}`;
    figures.push({
      name: `${name}, p99`,
      value: quantile(times, 0.99),
      unit: 'ms',
      target: { atMost },
      detail,
    });
  }
  return figures;
}
