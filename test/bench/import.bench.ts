import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportResult } from '../../src/ingest/operations.ts';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import { BENCH_MALL, type BenchHome, createHome } from './bench-mall.ts';
import { compact } from './compact.ts';
import type { Figure } from './figure.ts';
import type { Part, Setting } from './part.ts';
import { ProductProcess } from './product-process.ts';
import { median } from './samples.ts';

const ROUNDS = 3;

interface Size {
  readonly records: number;
  /** So that two days have about as many devices as the size says. */
  readonly recordsPerDevice: number;
  readonly residentGbMax: number;
}

const SIZES: readonly Size[] = [
  { records: 1_000_000, recordsPerDevice: 10, residentGbMax: 0.5 },
  { records: 10_000_000, recordsPerDevice: 11, residentGbMax: 1.5 },
];
const QUICK_SIZES: readonly Size[] = [{ records: 5_000, recordsPerDevice: 10, residentGbMax: 0.5 }];

/** The real command on an empty data folder: from the bytes of a file to settled days. */
export const benchImport: Part = async (setting) => {
  const figures: Figure[] = [];
  for (const size of setting.quick ? QUICK_SIZES : SIZES) figures.push(...(await importOf(size, setting)));
  return figures;
};

async function importOf(
  { records, recordsPerDevice, residentGbMax }: Size,
  setting: Setting,
): Promise<Figure[]> {
  const home = await createHome(join(setting.folder, 'import'));
  const file = join(home.folder, 'probes.ndjson');
  setting.tell(`simulating ${compact(records)} records`);
  const flags = [
    '--records',
    String(records),
    '--days',
    '2',
    '--records-per-device',
    String(recordsPerDevice),
  ];
  const simulating = ['simulate', '--mall', BENCH_MALL, ...flags, '--out', file];
  await new ProductProcess(simulating, home, { ...setting, nodeFlags: [] }).lastLine();
  const rates: number[] = [];
  const peaks: number[] = [];
  const cpuSeconds: number[] = [];
  const rounds = setting.quick ? 1 : ROUNDS;
  let devices = 0;
  for (let round = 0; round < rounds; round++) {
    setting.tell(`importing ${compact(records)} records`);
    rmSync(home.dataFolder, { recursive: true, force: true });
    const importing = new ProductProcess(['import', file, '--mall', BENCH_MALL], home, setting);
    const result = JSON.parse(await importing.lastLine()) as ImportResult;
    if (result.lines < records || result.days.some(({ state }) => state !== 'settled')) {
      throw new Error(`the import did not settle ${records} records: ${JSON.stringify(result)}`);
    }
    rates.push(result.recordsPerSecond);
    peaks.push(importing.peakBytes / 1e9);
    cpuSeconds.push(importing.cpuSeconds);
    if (round === 0) devices = await customersIn(home);
  }
  rmSync(home.folder, { recursive: true, force: true });
  const name = `${compact(records)} records`;
  return [
    {
      name: `${name}, file to settled answers`,
      value: median(rates),
      unit: 'records/s',
      target: { atLeast: 500_000 },
      detail: `NDJSON, ${compact(devices)} devices on 2 days, ${median(cpuSeconds).toFixed(1)} s of processor time; median of ${rounds}`,
    },
    {
      name: `${name}, most memory resident`,
      value: Math.max(...peaks),
      unit: 'GB',
      target: { atMost: residentGbMax },
      detail: `highest of ${rounds}`,
    },
  ];
}

async function customersIn({ dataFolder }: BenchHome): Promise<number> {
  const { store } = await openDuckDbStore({ file: join(dataFolder, 'footfall.duckdb') });
  await store.openMall(BENCH_MALL);
  let customers = 0;
  for await (const { length } of store.allCustomers(BENCH_MALL)) customers += length;
  await store.close();
  return customers;
}
