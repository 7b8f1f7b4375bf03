import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMallDirectory } from '../config/mall-directory.ts';
import type { Settings } from '../config/settings.ts';
import type { OpenMall } from '../ingest/open-mall.ts';
import type { ImportFile } from '../ingest/operations.ts';
import { createMallPlan, type MallPlan } from '../ingest/simulator/mall-plan.ts';
import { SimulatedSource } from '../ingest/simulator/simulated-source.ts';
import { Simulator } from '../ingest/simulator/simulator.ts';
import { SIMULATOR_DEFAULTS } from '../ingest/simulator/simulator-options.ts';
import { writeMallDirectory } from '../ingest/simulator/write-mall-directory.ts';
import { type Embedded, systemClock } from './embedded.ts';
import { printLine, type Terminal } from './terminal.ts';

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

/** Makes the directory of the demo mall where there is none yet. */
export async function openDemo(settings: Settings, terminal: Terminal): Promise<Demo> {
  const plan = await demoPlan(join(demoMallsFolder(settings.dataFolder), DEMO_MALL));
  const simulator = new Simulator({ plan, ...SIMULATOR_DEFAULTS });
  const stopping = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const source = new SimulatedSource(simulator, systemClock, () => pause(1_000 - (Date.now() % 1_000)));
  let following: Promise<void> = Promise.resolve();
  return {
    backfill: (embedded) => backfill(embedded, simulator, source.name, terminal),
    live: ({ malls, log }) => {
      const { line } = malls.find(DEMO_MALL)!;
      following = (async () => {
        while (!stopping.signal.aborted) {
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
      stopping.abort();
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

/** Imports the demo's past: two weeks at the first start, what was missed since at a later one. */
async function backfill(
  { malls }: Embedded,
  simulator: Simulator,
  source: string,
  terminal: Terminal,
): Promise<void> {
  const mall = malls.find(DEMO_MALL)!;
  const nowS = systemClock.nowS();
  const checkpoint = mall.line.checkpoint(source);
  const today = mall.calendar.dayOf(nowS);
  const fromS =
    checkpoint === undefined ? mall.calendar.range(today - BACKFILL_DAYS).fromS : Number(checkpoint);
  if (nowS - fromS < GAP_S) return;
  await printLine(terminal.stderr, 'footfall: making up the demo mall until now ...');
  const files = pastFiles(mall, simulator, source, fromS, nowS);
  const { lines, seconds } = await malls.importFiles(DEMO_MALL, files, () => undefined);
  await printLine(
    terminal.stderr,
    `footfall: ${lines.toLocaleString('en')} records imported and settled in ${seconds.toFixed(1)} s`,
  );
}

/** One file a day, each with its checkpoint, so that a start that is broken off goes on where it was. */
async function* pastFiles(
  mall: OpenMall,
  simulator: Simulator,
  source: string,
  fromS: number,
  untilS: number,
): AsyncGenerator<ImportFile> {
  for (let atS = fromS; atS < untilS; ) {
    const endS = Math.min(mall.calendar.range(mall.calendar.dayOf(atS)).untilS, untilS);
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
