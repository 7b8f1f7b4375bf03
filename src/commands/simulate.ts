import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDay } from '../calendar.ts';
import { readMallDirectory } from '../config/mall-directory.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { createMallPlan, type MallPlan, planOfMall } from '../ingest/simulator/mall-plan.ts';
import { firstRecords, pacedRecords } from '../ingest/simulator/simulated-run.ts';
import { Simulator } from '../ingest/simulator/simulator.ts';
import { devicesPerDayFor, SIMULATOR_DEFAULTS } from '../ingest/simulator/simulator-options.ts';
import { writeMallDirectory } from '../ingest/simulator/write-mall-directory.ts';
import { positive } from './dead-letters.ts';
import { systemClock } from './embedded.ts';
import { mallsFolders, withOperations } from './operations.ts';
import { postRecords } from './post-records.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
Makes up the records of a mall: phones that come by the curve of the day, walk through shops and stay a while, addresses
that rotate, equipment heard round the clock, and late, repeated and damaged records. The same flags always give the same
records. The mall's own shops and access points are used; --make-mall invents them where there is no such mall yet.

  --records N   so many records, over --days days from --from on; written to --out, or imported into the mall
  --speed X     records without end, from --from on (today), X times as fast as the clock until they have caught up with
                it; written to --out, or posted to the server that runs on this data folder

Examples:
  footfall simulate --mall try --make-mall --records 100000
  footfall simulate --mall shanghai --records 1000000 --days 2 --out june.ndjson.gz
  footfall simulate --mall shanghai --speed 60`;

interface SimulateOptions {
  readonly mall: string;
  readonly records?: number;
  readonly speed?: number;
  readonly seed: number;
  readonly out?: string;
  readonly from?: string;
  readonly days: number;
  readonly makeMall?: true;
  readonly devices?: number;
  readonly recordsPerDevice: number;
  readonly randomized: number;
  readonly rotating: number;
  readonly late: number;
  readonly repeated: number;
  readonly damaged: number;
}

export function addSimulateCommand(program: Command, terminal: Terminal): void {
  const defaults = SIMULATOR_DEFAULTS;
  program
    .command('simulate')
    .description('make up probe records of a mall')
    .requiredOption('--mall <code>', 'the mall')
    .option('--records <n>', 'so many records (100000, unless --speed is given)', positive)
    .option('--speed <x>', 'at a pace, so many times as fast as the clock', factor)
    .option('--seed <n>', 'another seed makes other records', positive, 1)
    .option('--out <file>', 'write NDJSON to a file (.gz is compressed), or - for standard output')
    .option('--from <date>', 'first day (2024-06-14; with --speed today)')
    .option('--days <n>', 'over so many days', positive, 1)
    .option('--make-mall', 'invent the mall directory where there is none')
    .option('--devices <n>', 'devices a day (by --records, else 3000)', positive)
    .option('--records-per-device <n>', 'records of a device and day', positive, defaults.recordsPerDevice)
    .option('--randomized <share>', 'phones that make up their address', share, defaults.randomizedShare)
    .option('--rotating <share>', 'of those, that change it every 15 minutes', share, defaults.rotatingShare)
    .option('--late <share>', 'records that arrive late', share, defaults.lateRate)
    .option('--repeated <share>', 'records that arrive twice', share, defaults.repeatedRate)
    .option('--damaged <share>', 'records that arrive damaged', share, defaults.damagedRate)
    .addHelpText('after', AFTER_HELP)
    .action((options: SimulateOptions) => simulate(options, terminal));
}

async function simulate(options: SimulateOptions, terminal: Terminal): Promise<void> {
  if (options.records !== undefined && options.speed !== undefined) {
    throw new CommandFailed('--records and --speed exclude each other: a number of records, or a pace');
  }
  const settings = readSettings(terminal.env);
  const plan = await planFor(options, settings);
  const firstDay = options.from === undefined ? undefined : parseDay(options.from);
  if (options.from !== undefined && firstDay === undefined) {
    throw new CommandFailed(`--from ${JSON.stringify(options.from)} is not a date; write it as 2024-06-14`);
  }
  if (options.speed === undefined)
    await simulateRecords(options, plan, firstDay ?? parseDay('2024-06-14')!, terminal);
  else await simulatePace(options, plan, firstDay, options.speed, { settings, terminal });
}

async function simulateRecords(
  options: SimulateOptions,
  plan: MallPlan,
  from: number,
  terminal: Terminal,
): Promise<void> {
  const records = options.records ?? 100_000;
  const days = { from, to: from + options.days - 1 };
  const { recordsPerDevice } = options;
  const devicesPerDay = options.devices ?? devicesPerDayFor({ plan, days, records, recordsPerDevice });
  const simulator = createSimulator(options, plan, devicesPerDay);
  const bytes = firstRecords(simulator, plan.timeZone, days, records);
  if (options.out !== undefined) return writeOut(bytes, options.out, terminal);
  const file = async function* () {
    yield { name: 'simulator', bytes: toAsync(bytes) };
  };
  const result = await withOperations(terminal, (operations) =>
    operations.importFiles(options.mall, file(), () => undefined),
  );
  await printLine(terminal.stdout, JSON.stringify(result));
}

async function simulatePace(
  options: SimulateOptions,
  plan: MallPlan,
  firstDay: number | undefined,
  speed: number,
  { settings, terminal }: { settings: Settings; terminal: Terminal },
): Promise<void> {
  const simulator = createSimulator(options, plan, options.devices ?? SIMULATOR_DEFAULTS.devicesPerDay);
  const bytes = pacedRecords(simulator, { timeZone: plan.timeZone, firstDay, speed, clock: systemClock });
  if (options.out !== undefined) return writeOut(bytes, options.out, terminal);
  await postRecords(bytes, options.mall, settings, terminal);
}

/** The mall as its directory has it, or an invented one. */
async function planFor(options: SimulateOptions, settings: Settings): Promise<MallPlan> {
  const code = options.mall;
  for (const folder of mallsFolders(settings)) {
    const path = join(folder, code);
    if (existsSync(path)) return planOfMall(await readMallDirectory(path, code), options.seed);
  }
  if (!options.makeMall) {
    throw new CommandFailed(
      `there is no mall ${code} in ${settings.mallsFolder}; make ${settings.mallsFolder}/${code}/, or let --make-mall invent it`,
    );
  }
  const plan = createMallPlan({
    seed: options.seed,
    name: `Mall ${code}`,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    shops: 40,
    accessPointsPerShop: 3,
    floors: 3,
    zones: 3,
    knownCustomers: 600,
    knownBeforeS: Date.UTC(2024, 0, 1) / 1_000,
  });
  await writeMallDirectory(plan, join(settings.mallsFolder, code));
  return plan;
}

function createSimulator(options: SimulateOptions, plan: MallPlan, devicesPerDay: number): Simulator {
  try {
    return new Simulator({
      plan,
      devicesPerDay,
      recordsPerDevice: options.recordsPerDevice,
      randomizedShare: options.randomized,
      rotatingShare: options.rotating,
      rotationS: SIMULATOR_DEFAULTS.rotationS,
      lateRate: options.late,
      latenessSMax: SIMULATOR_DEFAULTS.latenessSMax,
      repeatedRate: options.repeated,
      damagedRate: options.damaged,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailed(error.message);
    throw error;
  }
}

async function writeOut(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  out: string,
  terminal: Terminal,
): Promise<void> {
  if (out === '-') {
    await pipeline(bytes, terminal.stdout, { end: false });
  } else if (out.endsWith('.gz')) {
    await pipeline(bytes, createGzip(), createWriteStream(out));
  } else {
    await pipeline(bytes, createWriteStream(out));
  }
}

async function* toAsync(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('It must be a share from 0 to 1.');
  }
  return value;
}

function factor(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 100_000)) {
    throw new InvalidArgumentError('It must be a number above 0, at most 100000.');
  }
  return value;
}
