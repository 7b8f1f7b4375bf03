import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseDay } from '../../src/calendar.ts';

export const GOLDEN_FOLDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'golden');
export const GOLDEN_MALLS = ['edges', 'berlin-autumn', 'shanghai'] as const;
export type GoldenMall = (typeof GOLDEN_MALLS)[number];

export interface Truth {
  readonly from: string;
  readonly days: number;
  readonly lines: number;
  readonly kept: number;
  readonly dropped?: Record<string, number>;
}

export function truthOf(mall: GoldenMall): Truth & { readonly dates: readonly string[] } {
  const truth = JSON.parse(readFileSync(join(GOLDEN_FOLDER, mall, 'truth.json'), 'utf8')) as Truth;
  const first = parseDay(truth.from)!;
  const dates = Array.from({ length: truth.days }, (_, i) =>
    new Date((first + i) * 86_400_000).toISOString().slice(0, 10),
  );
  return { ...truth, dates };
}

export const timeZones: Record<GoldenMall, string> = {
  edges: 'Asia/Tokyo',
  'berlin-autumn': 'Europe/Berlin',
  shanghai: 'Asia/Shanghai',
};

/** The probe records of a golden mall as they lie in its file, inflated. */
export function probesOf(mall: GoldenMall): Buffer {
  return gunzipSync(readFileSync(join(GOLDEN_FOLDER, mall, 'probes.ndjson.gz')));
}

/** Rows of `expected/<file>.csv`, as arrays of texts without the header. */
export function expectedRows(mall: GoldenMall, file: string): string[][] {
  const path = join(GOLDEN_FOLDER, mall, 'expected', `${file}.csv`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    text = gunzipSync(readFileSync(`${path}.gz`)).toString('utf8');
  }
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));
}
