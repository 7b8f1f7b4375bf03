import { benchAnswers } from './answers.bench.ts';
import { benchDecode } from './decode.bench.ts';
import { benchDelay } from './delay.bench.ts';
import { benchFold } from './fold.bench.ts';
import { benchImport } from './import.bench.ts';
import { benchIngest } from './ingest.bench.ts';
import { benchMemory } from './memory.bench.ts';
import type { Part } from './part.ts';
import { benchProduction } from './production.bench.ts';
import { benchQueries } from './queries.bench.ts';
import { benchSubscribers } from './subscribers.bench.ts';

/** Every part, in the order in which they run. */
export const PARTS = {
  decode: benchDecode,
  fold: benchFold,
  memory: benchMemory,
  import: benchImport,
  ingest: benchIngest,
  queries: benchQueries,
  answers: benchAnswers,
  delay: benchDelay,
  subscribers: benchSubscribers,
  production: benchProduction,
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;
