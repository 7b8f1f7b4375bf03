import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parseDay, WRITTEN_DAY } from '../calendar.ts';
import { isMallCode, readMallDirectory } from '../config/mall-directory.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { createMallPlan, type MallPlan, planOfMall } from '../ingest/simulator/mall-plan.ts';
import { firstRecords, pacedRecords } from '../ingest/simulator/simulated-run.ts';
import { Simulator } from '../ingest/simulator/simulator.ts';
import { devicesPerDayFor, SIMULATOR_DEFAULTS } from '../ingest/simulator/simulator-options.ts';
import { writeMallDirectory } from '../ingest/simulator/write-mall-directory.ts';
import { systemClock } from './embedded.ts';
import { explainNothingKept } from './import-result.ts';
import { addMallOption } from './mall-option.ts';
import { mallsFolders, withOperations } from './operations.ts';
import { factor, positive, share } from './option-values.ts';
import { postRecords } from './post-records.ts';
import { CommandFailed, EXIT, printLine, type Terminal } from './terminal.ts';
import { makeWritableFolder } from './writable-folder.ts';
import { writeOut } from './write-out.ts';

const AFTER_HELP = `
Makes up the records of a mall: phones that come by the curve of the day, walk through shops and stay a while, addresses
that rotate, equipment heard round the clock, and late, repeated and damaged records. The same flags always give the same
records. The mall's own shops and access points are used; --make-mall invents them where there is no such mall yet.

  --records N   so many records, those that arrive over --days days from --from on (late ones occurred up to half an hour
                before, so at the beginning some on the day before); written to --out, or imported into the mall
  --speed X     records without end, from --from on (today), X times as fast as the clock until they have caught up with
                it; written to --out, or posted to the server that runs on this data folder

Examples:
  footfall simulate --mall try --make-mall --records 100000
  footfall simulate --mall shanghai --records 1000000 --days 2 --out june.ndjson.gz
  footfall simulate --mall shanghai --speed 60`;

const NEWLINE = 0x0a;

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
  addMallOption(program.command('simulate'))
    .description('make up probe records of a mall')
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
    const problem = '--records and --speed exclude each other: a number of records, or a pace';
    throw new CommandFailed(problem, EXIT.wrongUse);
  }
  const settings = readSettings(terminal.env);
  const plan = await planFor(options, settings);
  const firstDay = options.from === undefined ? undefined : parseDay(options.from);
  if (options.from !== undefined && firstDay === undefined) {
    const problem = `--from ${JSON.stringify(options.from)} is not a date; write ${WRITTEN_DAY}`;
    throw new CommandFailed(problem, EXIT.wrongUse);
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
  const made = { records: 0, whole: false };
  const bytes = counted(firstRecords(simulator, plan.timeZone, days, records), made);
  if (options.out !== undefined) await writeOut(bytes, options.out, terminal);
  else await importRecords(bytes, options.mall, terminal);
  if (options.records !== undefined && made.whole && made.records < records) {
    const most = made.records.toLocaleString('en');
    await printLine(
      terminal.stderr,
      `footfall: the days hold no more than ${most} records; ask for more with --devices, --records-per-device or --days`,
    );
  }
}

async function importRecords(bytes: Iterable<Uint8Array>, mall: string, terminal: Terminal): Promise<void> {
  const file = async function* () {
    yield { name: 'simulator', bytes: toAsync(bytes) };
  };
  const result = await withOperations(terminal, (operations) =>
    operations.importFiles(mall, file(), () => undefined),
  );
  await printLine(terminal.stdout, JSON.stringify(result));
  await explainNothingKept(result, mall, terminal);
}

/** The same chunks, while it counts the lines in them; `whole` once they were all taken. */
function* counted(
  chunks: Iterable<Uint8Array>,
  made: { records: number; whole: boolean },
): Generator<Uint8Array> {
  for (const chunk of chunks) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) made.records++;
    yield chunk;
  }
  made.whole = true;
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
  if (!isMallCode(code)) {
    const problem = `${JSON.stringify(code)} is no mall code; choose 1 to 48 of A-Z a-z 0-9 _ -`;
    throw new CommandFailed(problem, EXIT.wrongUse);
  }
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
  await makeWritableFolder('folder of malls (FOOTFALL_MALLS)', settings.mallsFolder);
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

async function* toAsync(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}
