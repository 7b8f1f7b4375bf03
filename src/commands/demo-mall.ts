import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Calendar } from '../calendar.ts';
import { readMallDirectory } from '../config/mall-directory.ts';
import type { Settings } from '../config/settings.ts';
import type { OpenMall } from '../ingest/open-mall.ts';
import type { ImportFile } from '../ingest/operations.ts';
import { createMallPlan, type MallPlan } from '../ingest/simulator/mall-plan.ts';
import { SimulatedSource } from '../ingest/simulator/simulated-source.ts';
import { Simulator } from '../ingest/simulator/simulator.ts';
import { SIMULATOR_DEFAULTS } from '../ingest/simulator/simulator-options.ts';
import { writeMallDirectory } from '../ingest/simulator/write-mall-directory.ts';
import type { TimeRange } from '../terms.ts';
import { type Embedded, systemClock } from './embedded.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

export const DEMO_MALL = 'demo';
const SEED = 2_026;
const BACKFILL_DAYS = 14;
/** A shorter gap is filled by the live source itself, at once. */
const GAP_S = 600;
const RETRY_MS = 1_000;

/** An invented mall that lives: its past is imported before anybody is served, then it goes on by the clock. */
export interface Demo {
  readonly backfill: (embedded: Embedded) => Promise<void>;
  live(embedded: Embedded): void;
  close(): Promise<void>;
}

/** The folder of the demo's mall directories, inside the data folder. */
export function demoMallsFolder(dataFolder: string): string {
  return join(dataFolder, 'malls');
}

/** Makes the directory of the demo mall where there is none yet. A backfill ends early once it is `stopping`. */
export async function openDemo(settings: Settings, terminal: Terminal, stopping: AbortSignal): Promise<Demo> {
  const plan = await demoPlan(join(demoMallsFolder(settings.dataFolder), DEMO_MALL));
  const simulator = new Simulator({ plan, ...SIMULATOR_DEFAULTS });
  const closing = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
  const source = new SimulatedSource(simulator, systemClock, () => pause(1_000 - (Date.now() % 1_000)));
  let following: Promise<void> = Promise.resolve();
  return {
    backfill: (embedded) => backfill(embedded, { simulator, source: source.name, terminal, stopping }),
    live: (embedded) => {
      const { line } = demoMall(embedded);
      const { log } = embedded;
      following = (async () => {
        while (!closing.signal.aborted) {
          try {
            await line.follow(source);
          } catch (error) {
            log.error({ mall: DEMO_MALL, err: error }, 'simulated records could not be kept; trying again');
          }
          await pause(RETRY_MS);
        }
      })();
    },
    close: async () => {
      closing.abort();
      await source.close();
      await following;
    },
  };
}

async function demoPlan(folder: string): Promise<MallPlan> {
  const known = existsSync(folder);
  const timeZone = known
    ? (await readMallDirectory(folder, DEMO_MALL)).timeZone
    : Intl.DateTimeFormat().resolvedOptions().timeZone;
  const plan = createMallPlan({
    seed: SEED,
    name: 'Demo mall',
    timeZone,
    shops: 40,
    accessPointsPerShop: 3,
    floors: 3,
    zones: 3,
    knownCustomers: 600,
    knownBeforeS: Date.UTC(2026, 0, 1) / 1_000,
  });
  if (!known) await writeMallDirectory(plan, folder);
  return plan;
}

/** Refuses when its directory is not taken: what it says then is what an operator has changed in it. */
function demoMall({ malls, directories }: Embedded): OpenMall {
  const mall = malls.find(DEMO_MALL);
  if (mall !== undefined) return mall;
  const [problem] = directories.problems().get(DEMO_MALL)?.message.split('\n') ?? [];
  throw new CommandFailed(
    `the demo mall cannot be served: ${problem ?? 'its directory is gone'}; mend it, or set FOOTFALL_DATA to another folder`,
  );
}

interface Backfill {
  readonly simulator: Simulator;
  readonly source: string;
  readonly terminal: Terminal;
  /** Aborted when it is to end early, after the day under way. */
  readonly stopping: AbortSignal;
}

/** Imports the demo's past: two weeks at the first start, what was missed since at a later one. */
async function backfill(embedded: Embedded, options: Backfill): Promise<void> {
  const { source, terminal } = options;
  const mall = demoMall(embedded);
  const range = rangeToFill(mall.calendar, mall.line.checkpoint(source), systemClock.nowS());
  if (range.untilS - range.fromS < GAP_S) return;
  await printLine(terminal.stderr, 'footfall: making up the demo mall until now ...');
  const files = pastFiles(mall.calendar, range, options);
  const { lines, seconds } = await embedded.malls.importFiles(DEMO_MALL, files, () => undefined);
  await printLine(
    terminal.stderr,
    `footfall: ${lines.toLocaleString('en')} records imported and settled in ${seconds.toFixed(1)} s`,
  );
}

/** From where the demo left off; after a pause longer than its past, only that past, so that a start is never long. */
export function rangeToFill(calendar: Calendar, checkpoint: string | undefined, nowS: number): TimeRange {
  const { fromS } = calendar.range(calendar.dayOf(nowS) - BACKFILL_DAYS);
  return { fromS: Math.max(fromS, Number(checkpoint ?? fromS)), untilS: nowS };
}

/** One file a day, each with its checkpoint, so that a start that is broken off goes on where it was. */
export async function* pastFiles(
  calendar: Calendar,
  { fromS, untilS }: TimeRange,
  { simulator, source, stopping }: Omit<Backfill, 'terminal'>,
): AsyncGenerator<ImportFile> {
  for (let atS = fromS; atS < untilS && !stopping.aborted; ) {
    const endS = Math.min(calendar.range(calendar.dayOf(atS)).untilS, untilS);
    const range = { fromS: atS, untilS: endS };
    yield {
      name: 'simulator',
      bytes: (async function* () {
        for (const { bytes } of simulator.chunks(range)) yield bytes;
      })(),
      checkpoint: { source, position: String(endS) },
    };
    atS = endS;
  }
}
