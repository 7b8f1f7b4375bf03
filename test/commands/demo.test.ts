import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask, createHome, type Home } from '../system/system.ts';
import { until } from '../system/until.ts';
import { watch } from '../system/watch.ts';
import { interrupt, ONE_SENTENCE, type Running, run, served, start } from './program.ts';

/** Two weeks are made up, imported and settled first; it is five seconds on a machine that has nothing else to do. */
const BACKFILLED_WITHIN_MS = 240_000;
/** It takes itself five seconds at most; a busy machine is given more. */
const STOPPED_WITHIN_MS = 30_000;
const DAY_MS = 86_400_000;

let home: Home;
let demo: Running;
beforeAll(() => {
  home = createHome([]);
});
afterAll(() => {
  demo.process.kill('SIGKILL');
  home.remove();
});

interface Day {
  readonly footfall: number;
  readonly settled: boolean;
}

async function stop(): Promise<void> {
  demo.process.kill('SIGINT');
  const code = await until('the demo to stop', () => demo.process.exitCode ?? undefined, STOPPED_WITHIN_MS);
  expect(code).toBe(0);
}

/** Of yesterday a late record may still come, shortly after midnight; the days before it stand. */
async function settledRange(url: string): Promise<string> {
  const { mall } = await ask<{ mall: { today: string } }>(url, '{ mall(code: "demo") { today } }');
  const daysAgo = (days: number) =>
    new Date(Date.parse(mall.today) - days * DAY_MS).toISOString().slice(0, 10);
  return `mall: "demo", from: "${daysAgo(14)}", to: "${daysAgo(2)}"`;
}

async function daysOf(url: string, range: string): Promise<Day[]> {
  const query = `{ mallFootfall(${range}) { date footfall newCustomers settled asOf } }`;
  return (await ask<{ mallFootfall: Day[] }>(url, query)).mallFootfall;
}

test(
  'Ctrl-C while the past is made up ends it with 0, and without a word of trouble',
  async () => {
    const other = createHome([]);
    const starting = start(['start', '--demo', '--port', '0'], other.env);
    await until('the backfill to begin', () => starting.printed().stderr.includes('making up the demo mall'));
    const { code, stdout, stderr } = await interrupt(starting);
    other.remove();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).not.toMatch(/error/i);
  },
  BACKFILLED_WITHIN_MS,
);

test(
  'the demo makes up two weeks, lives, stops at Ctrl-C, and goes on with the settled days as they were',
  async () => {
    demo = start(['start', '--demo', '--port', '0'], home.env);
    await until('the backfill to begin', () => demo.printed().stderr.includes('making up the demo mall'));
    const second = await run(['start', '--port', '0'], home.env);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(ONE_SENTENCE);
    expect(second.stderr).toContain('in use by another process');

    const url = await served(demo, BACKFILLED_WITHIN_MS);
    const range = await settledRange(url);
    const days = await daysOf(url, range);
    expect(days).toHaveLength(13);
    expect(days.filter(({ footfall, settled }) => footfall > 100 && settled)).toHaveLength(13);
    const positions = watch<{ full: boolean }>(url, 'customerPositions(mall: "demo") { full }');
    expect(await positions.next()).toEqual({ full: true });
    await positions.close();
    await stop();

    demo = start(['start', '--demo', '--port', '0'], home.env);
    const again = await served(demo, BACKFILLED_WITHIN_MS);
    expect(await daysOf(again, range)).toEqual(days);
    const kept = async () => {
      const { mall } = await ask<{ mall: { accessPoints: { recordsToday: number }[] } }>(
        again,
        '{ mall(code: "demo") { accessPoints { recordsToday } } }',
      );
      return mall.accessPoints.reduce((sum, { recordsToday }) => sum + recordsToday, 0);
    };
    const atFirst = await kept();
    await until('new records', async () => (await kept()) !== atFirst, BACKFILLED_WITHIN_MS);
    await stop();
  },
  3 * BACKFILLED_WITHIN_MS,
);
