import { Gauge, type Registry } from 'prom-client';
import type { Log } from '../ingest/log.ts';
import type { InfluxConnection } from '../store/influx/influx-connection.ts';
import { compareRollups } from '../store/influx/tasks/compare-rollups.ts';
import { RollupTasks } from '../store/influx/tasks/rollup-tasks.ts';
import type { Clock } from '../terms.ts';

const LOOK_MS = 30_000;
/** Counting the rows of 250 shops costs the server some 60 ms a day: rollups are compared at every so many looks. */
const COMPARE_EVERY = 20;
const DAY_S = 86_400;
/** Today and the days before it that may still change. The newest rows may not be counted yet, so today is left out. */
const COMPARED_DAYS = { from: 7, to: 1 };

/**
 * Keeps the rollup task as it should be, and looks after it: what is missing or failed is mended, and rollups are compared
 * with the rows that they count. The returned function ends it.
 */
export async function keepTasks(options: {
  readonly connection: InfluxConnection;
  /** Malls that this process owns. */
  readonly malls: () => readonly string[];
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Log;
}): Promise<() => void> {
  const { connection, malls, clock, registry, log } = options;
  const registers = [registry];
  const tasks = new RollupTasks(connection, () => clock.nowS());
  await tasks.ensure();
  const age = new Gauge({
    name: 'footfall_task_age_seconds',
    help: 'Seconds since the rollup task completed a run.',
    labelNames: ['task'],
    registers,
  });
  const differences = new Gauge({
    name: 'footfall_rollup_differences',
    help: 'Counts of devices of the last week, of malls and shops, that are not what their rows say. Should be 0.',
    labelNames: ['mall'],
    registers,
  });
  let looks = 0;
  const look = async () => {
    for (const { problem, text } of await tasks.repair()) log.warn({ problem }, text);
    const seconds = await tasks.ageS();
    if (seconds !== undefined) age.set({ task: 'rollups' }, seconds);
    if (looks++ % COMPARE_EVERY !== 0) return;
    const today = Math.floor(clock.nowS() / DAY_S);
    differences.reset();
    for (const mall of malls()) {
      const days = { from: today - COMPARED_DAYS.from, to: today - COMPARED_DAYS.to };
      differences.set({ mall }, (await compareRollups(connection, mall, days)).length);
    }
  };
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look().catch((error: unknown) => {
      log.error({ err: error }, 'could not look after the rollup task; it is tried again');
    });
    isLooking = false;
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}
