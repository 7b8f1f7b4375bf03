import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Logger, pino } from 'pino';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { type InfluxSettings, readInfluxSettings } from '../config/influx-settings.ts';
import { type MallDirectories, openMallDirectories } from '../config/mall-directories.ts';
import { type NatsSettings, readNatsSettings } from '../config/nats-settings.ts';
import { ConfigError, readSettings, type Settings } from '../config/settings.ts';
import { measuredStore } from '../ingest/measured-store.ts';
import { openNats } from '../ingest/nats/nats-connection.ts';
import { type InfluxConnection, openInfluxConnection } from '../store/influx/influx-connection.ts';
import { type InfluxStore, openInfluxStore } from '../store/influx/influx-store.ts';
import { timeZonesOf } from './data-file.ts';
import { Opened } from './opened.ts';

export interface ProductionSettings {
  readonly settings: Settings;
  readonly influx: InfluxSettings;
  readonly nats: NatsSettings;
}

/** Throws a ConfigError that names every mistake at once. */
export function readProductionSettings(env: NodeJS.ProcessEnv): ProductionSettings {
  const problems: string[] = [];
  const influx = readInfluxSettings(env, problems);
  const nats = readNatsSettings(env, problems);
  let settings: Settings | undefined;
  try {
    settings = readSettings(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.unshift(...error.problems);
  }
  if (settings === undefined || problems.length > 0) throw new ConfigError(problems);
  return { settings, influx, nats };
}

/** What every process of the production shape has: NATS, InfluxDB, the mall directories, metrics and a log. */
export interface Production extends ProductionSettings {
  readonly natsConnection: NatsConnection;
  readonly influxConnection: InfluxConnection;
  readonly store: InfluxStore;
  readonly directories: MallDirectories;
  readonly registry: Registry;
  readonly log: Logger;
  /** Where whatever else is opened is put, to be closed before these. */
  readonly opened: Opened;
}

/** Rejects with NatsAway, InfluxUnfit or InfluxAway; what was opened until then is closed. */
export async function openProduction(
  given: ProductionSettings,
  options: {
    readonly name: string;
    readonly logTo: NodeJS.WritableStream;
    /** States of settled days may be so old when they are told: of a process that only reads. */
    readonly statesHeldMs?: number;
  },
): Promise<Production> {
  const { settings, influx, nats } = given;
  const log = pino({ level: settings.logLevel, base: null }, options.logTo);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const deadLines = new Counter({
    name: 'footfall_store_lines_refused_total',
    help: 'Lines that the store will never take. Should be 0.',
    registers: [registry],
  });
  const opened = new Opened();
  try {
    const natsConnection = await openNats(nats, { name: options.name, log });
    opened.add(() => natsConnection.close());
    const influxConnection = await openInfluxConnection({ ...influx, keepRawDays: settings.keepRawDays });
    opened.add(async () => influxConnection.close());
    const kept = openInfluxStore(influxConnection, {
      stopwatchMs: () => performance.now(),
      ...(options.statesHeldMs !== undefined && { statesHeldMs: options.statesHeldMs }),
      chance: Math.random,
      onDeadLine: (line, reason) => {
        deadLines.inc();
        log.error({ line, reason }, 'the store refused a line for good; the rest of its batch is kept');
      },
    });
    opened.add(() => kept.close());
    const store = measuredStore(kept, registry);
    const directories = await openMallDirectories({
      folders: [settings.mallsFolder],
      timeZones: timeZonesOf(await store.identities()),
      onProblem: (code, problem) => log.error({ mall: code }, problem.message),
    });
    opened.add(async () => directories.close());
    return { ...given, natsConnection, influxConnection, store, directories, registry, log, opened };
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}

/** An id that no process before this one had. */
export function processId(): string {
  return randomUUID();
}
