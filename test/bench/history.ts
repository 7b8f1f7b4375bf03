import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Calendar, parseDay } from '../../src/calendar.ts';
import type { ImportResult } from '../../src/ingest/operations.ts';
import type { DayRange } from '../../src/terms.ts';
import { BENCH_MALL, BENCH_PLAN, type BenchHome, createHome, homeIn } from './bench-mall.ts';
import { createMallDay, type DayShape, inOrderOfTime } from './mall-day.ts';
import type { Setting } from './part.ts';
import { ProductProcess, ROOT } from './product-process.ts';
import { WireLines } from './wire-lines.ts';

const CHUNK_LINES = 2_000;
/** A file in the folder of a history that was made to its end. */
const COMPLETE = 'complete';
const FIRST_DAY = parseDay('2024-04-01')!;
/** What decides how history lies in the store; when any of it changes, the history is made again. */
const MADE_BY = [
  'src/store/duckdb',
  'test/bench/mall-day.ts',
  'test/bench/bench-mall.ts',
  'test/bench/history.ts',
];

export interface HistoryShape extends DayShape {
  readonly days: number;
}

export interface History {
  /** A copy of the run's own, which may be written to. */
  readonly home: BenchHome;
  readonly days: DayRange;
}

/**
 * Settled days of the bench mall, made by the real import. They are kept in the folder for temporary files, under a
 * name that says what they were made of, so that the next run finds them there.
 */
export async function openHistory(shape: HistoryShape, setting: Setting): Promise<History> {
  const kept = setting.quick
    ? join(setting.folder, 'history')
    : join(tmpdir(), prefixOf(shape) + hashOf(shape));
  if (!existsSync(join(kept, COMPLETE))) await makeHistory(kept, shape, setting);
  const copy = join(setting.folder, 'queries');
  await cp(kept, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return { home: homeIn(copy), days: daysOf(shape) };
}

async function makeHistory(folder: string, shape: HistoryShape, setting: Setting): Promise<void> {
  setting.tell(`making ${shape.days} days of history, once; they stay in ${folder}`);
  if (!setting.quick) {
    for (const outdated of keptBefore(shape)) rmSync(outdated, { recursive: true, force: true });
  }
  await importHistory(await createHome(folder), shape, setting);
  writeFileSync(join(folder, COMPLETE), '');
}

async function importHistory(home: BenchHome, shape: HistoryShape, setting: Setting): Promise<void> {
  const importing = new ProductProcess(['import', '-', '--mall', BENCH_MALL], home, {
    ...setting,
    nodeFlags: [],
  });
  const { from, to } = daysOf(shape);
  for (let day = from; day <= to; day++) {
    if ((day - from) % 10 === 0) setting.tell(`day ${day - from + 1} of ${shape.days}`);
    for (const bytes of linesOf(day, shape)) {
      if (!importing.stdin.write(bytes)) await once(importing.stdin, 'drain');
    }
  }
  importing.stdin.end();
  const result = JSON.parse(await importing.lastLine()) as ImportResult;
  const records = shape.days * shape.devices * shape.recordsPerDevice;
  if (result.kept !== records) throw new Error(`${result.kept} of ${records} records of history were kept`);
  setting.tell(`${result.kept} records imported and settled, ${result.recordsPerSecond} a second`);
}

/** A day's records as they would arrive. */
function* linesOf(day: number, shape: DayShape): Generator<Buffer> {
  const { fromS } = new Calendar(BENCH_PLAN.timeZone).range(day);
  const { mac, occurredAtS, accessPoint, signalDbm, ...records } = createMallDay(
    BENCH_PLAN,
    day,
    fromS,
    shape,
  );
  const lines = new WireLines(BENCH_PLAN);
  for (const row of inOrderOfTime({ mac, occurredAtS, accessPoint, signalDbm, ...records }, fromS)) {
    lines.add(mac[row]!, occurredAtS[row]!, accessPoint[row]!, signalDbm[row]!);
    if (lines.length === CHUNK_LINES) yield lines.take();
  }
  if (lines.length > 0) yield lines.take();
}

function daysOf({ days }: HistoryShape): DayRange {
  return { from: FIRST_DAY, to: FIRST_DAY + days - 1 };
}

function hashOf(shape: HistoryShape): string {
  const hash = createHash('sha256').update(JSON.stringify(shape));
  for (const path of MADE_BY.flatMap(filesUnder)) hash.update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, 12);
}

function prefixOf({ days }: HistoryShape): string {
  return `footfall-bench-${days}-days-`;
}

/** Histories as long that something else made, or that were never completed: a gigabyte each. */
function keptBefore(shape: HistoryShape): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefixOf(shape)))
    .map((name) => join(tmpdir(), name));
}

function filesUnder(path: string): string[] {
  if (path.endsWith('.ts')) return [path];
  const names = readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(path, name));
}
