import { randomBytes } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { type MallDirectories, openMallDirectories } from '../config/mall-directories.ts';
import type { Settings } from '../config/settings.ts';
import { LineMetrics } from '../ingest/ingest-metrics.ts';
import { Malls } from '../ingest/malls.ts';
import { measuredStore } from '../ingest/measured-store.ts';
import type { ApiKeys, Store, StoreBroken } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import { openStore, timeZonesOf } from './data-file.ts';
import { Opened } from './opened.ts';

export const systemClock: Clock = { nowS: () => Math.floor(Date.now() / 1000) };

/** Everything of the embedded shape but the web server: one process, one DuckDB file, no server to install. */
export interface Embedded {
  readonly malls: Malls;
  readonly store: Store;
  readonly apiKeys: ApiKeys;
  readonly directories: MallDirectories;
  readonly registry: Registry;
  readonly log: Logger;
  /** Resolves when the database is beyond use in this process: only a restart helps. */
  readonly broken: Promise<StoreBroken>;
  /** Waits for what is under way, then lets go of the data folder. */
  close(): Promise<void>;
}

/**
 * Opens the data folder and every mall. Rejects with StoreInUse when another process has it, with SecretError
 * when a mall's secret is not the one its customers are stored under.
 */
export async function openEmbedded(options: {
  settings: Settings;
  mallsFolders: readonly string[];
  logTo: NodeJS.WritableStream;
  clock?: Clock;
}): Promise<Embedded> {
  const { settings, mallsFolders } = options;
  const log = pino({ level: settings.logLevel, base: null }, options.logTo);
  const registry = new Registry();
  const opened = new Opened();
  try {
    const { store: kept, deadLetters, apiKeys, broken } = await openStore(settings);
    opened.add(() => kept.close());
    const store = measuredStore(kept, registry);
    const directories = await openMallDirectories({
      folders: mallsFolders,
      timeZones: timeZonesOf(await store.identities()),
      onProblem: (code, problem) => log.error({ mall: code }, problem.message),
    });
    opened.add(async () => directories.close());
    const malls = await Malls.open({
      directories,
      secretsFolder: settings.secretsFolder,
      mayCreateSecrets: true,
      store,
      deadLetters,
      clock: options.clock ?? systemClock,
      stopwatchMs: () => performance.now(),
      random: randomBytes,
      keepRawDays: settings.keepRawDays,
      keepCustomerDays: settings.keepCustomerDays,
      keepDeadLetterDays: settings.keepDeadLetterDays,
      metrics: new LineMetrics(registry),
      log,
    });
    opened.add(() => malls.close());
    return { malls, store, apiKeys, directories, registry, log, broken, close: () => opened.close() };
  } catch (error) {
    // Why it could not be opened says more than what closing it may say.
    await opened.close().catch(() => undefined);
    throw error;
  }
}
