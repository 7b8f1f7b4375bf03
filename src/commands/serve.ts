import { randomBytes } from 'node:crypto';
import { collectDefaultMetrics } from 'prom-client';
import { ApiMetrics } from '../api/api-metrics.ts';
import { buildApi } from '../api/build-api.ts';
import type { Settings } from '../config/settings.ts';
import { openHttpServer } from '../http/http-server.ts';
import type { Ask } from '../query/answers.ts';
import { HeldRows } from '../query/held-rows.ts';
import type { Clock } from '../terms.ts';
import { asCannotListen } from './cannot-listen.ts';
import { openDoorkeeper } from './doorkeeper.ts';
import { type Embedded, openEmbedded, systemClock } from './embedded.ts';
import { Opened } from './opened.ts';
import { removeServerFile, writeServerFile } from './server-file.ts';

export interface ServeOptions {
  readonly settings: Settings;
  readonly mallsFolders: readonly string[];
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly logTo: NodeJS.WritableStream;
  readonly clock?: Clock;
  /** Runs once the data folder is open, before anybody is served. */
  readonly beforeListening?: (embedded: Embedded) => Promise<void>;
  /** Aborted when it is to stop before it serves: then it rejects with the reason of the signal. */
  readonly stopping?: AbortSignal;
}

export interface Served {
  readonly url: string;
  readonly embedded: Embedded;
  /** Takes nothing more, answers what was asked, keeps what was taken, and lets go of the data folder. */
  close(): Promise<void>;
}

/** The embedded shape, serving: the data folder, every mall, the API, and a file that tells other commands. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { settings, host, port } = options;
  const clock = options.clock ?? systemClock;
  const opened = new Opened();
  try {
    const embedded = await openEmbedded({ ...options, clock });
    opened.add(() => embedded.close());
    options.stopping?.throwIfAborted();
    await options.beforeListening?.(embedded);
    options.stopping?.throwIfAborted();
    const { malls, store, registry, log } = embedded;
    if (options.clock === undefined) collectDefaultMetrics({ register: registry });
    const ask: Ask = {
      served: (code) => malls.find(code),
      codes: () => malls.codes(),
      store,
      live: malls,
      clock,
      keepRawDays: settings.keepRawDays,
      keepCustomerDays: settings.keepCustomerDays,
      held: new HeldRows(),
    };
    const adminToken = randomBytes(32).toString('hex');
    const { corsOrigins, requestsPerMinute, introspection } = settings.access;
    const doorkeeper = await openDoorkeeper(settings, { apiKeys: embedded.apiKeys, clock, opened });
    const api = await buildApi(ask, {
      doorkeeper,
      corsOrigins,
      log,
      metrics: new ApiMetrics(registry),
      limits: { requestsPerMinute, introspection },
    });
    const http = await openHttpServer({
      host,
      port,
      doorkeeper,
      corsOrigins,
      api,
      intake: malls,
      admin: { operations: malls, keys: embedded.apiKeys, token: adminToken },
      health: { ready: () => readiness(embedded) },
      registry,
      log,
      clock,
    }).catch((error: unknown) => {
      throw asCannotListen(error, host, port);
    });
    opened.add(() => http.close());
    malls.start();
    opened.add(() => removeServerFile(settings.dataFolder));
    await writeServerFile(settings.dataFolder, { url: http.url, token: adminToken, pid: process.pid });
    return { url: http.url, embedded, close: () => opened.close() };
  } catch (error) {
    // Why it could not be opened says more than what closing it may say.
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function readiness({ malls, store }: Embedded): Promise<{ ok: boolean; reasons: string[] }> {
  const reasons = malls.troubles();
  await store.ping().catch((error: Error) => reasons.push(error.message));
  return { ok: reasons.length === 0, reasons };
}
