import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMallPlan, type MallPlan } from '../../src/ingest/simulator/mall-plan.ts';
import { writeMallDirectory } from '../../src/ingest/simulator/write-mall-directory.ts';

export const BENCH_MALL = 'bench';

/** The mall that is measured: 120 shops of three access points each, and known customers. */
export const BENCH_PLAN = planOf(120);

/** A mall alike, with as many shops as a big one has. */
export const BIG_PLAN = planOf(250);

function planOf(shops: number): MallPlan {
  return createMallPlan({
    seed: 90,
    name: 'Bench mall',
    timeZone: 'Asia/Shanghai',
    shops,
    accessPointsPerShop: 3,
    floors: 4,
    zones: 0,
    knownCustomers: 500,
    knownBeforeS: Date.UTC(2024, 0, 1) / 1_000,
  });
}

/** A data folder with the mall's directory beside it, and the environment in which the product finds both. */
export interface BenchHome {
  readonly folder: string;
  readonly dataFolder: string;
  readonly mallFolder: string;
  readonly env: Readonly<Record<string, string>>;
}

export function homeIn(folder: string): BenchHome {
  const dataFolder = join(folder, 'data');
  const mallsFolder = join(folder, 'malls');
  return {
    folder,
    dataFolder,
    mallFolder: join(mallsFolder, BENCH_MALL),
    env: { FOOTFALL_DATA: dataFolder, FOOTFALL_MALLS: mallsFolder, FOOTFALL_LOG: 'error' },
  };
}

export async function createHome(folder: string, plan = BENCH_PLAN): Promise<BenchHome> {
  const home = homeIn(folder);
  mkdirSync(home.dataFolder, { recursive: true });
  await writeMallDirectory(plan, home.mallFolder);
  return home;
}
