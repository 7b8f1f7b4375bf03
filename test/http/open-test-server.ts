import { Writable } from 'node:stream';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { ApiMetrics } from '../../src/api/api-metrics.ts';
import { buildApi } from '../../src/api/build-api.ts';
import type { ApiLimits } from '../../src/api/limits.ts';
import { type HttpServer, type HttpServerOptions, openHttpServer } from '../../src/http/http-server.ts';
import type { Intake, Operations } from '../../src/ingest/operations.ts';
import type { Ask } from '../../src/query/answers.ts';
import type { ApiKeys } from '../../src/store/store.ts';

export const ADMIN_TOKEN = 'admin-token-of-this-test';

export interface TestServer extends HttpServer {
  /** Every line that was logged, parsed. */
  readonly logged: readonly Record<string, unknown>[];
}

/**
 * A real server on a free port of loopback. What is not given refuses to be asked; `ask` is looked into by nobody
 * where questions are scripted.
 */
export async function openTestServer({
  ask,
  limits = {},
  operations = unasked as unknown as Operations,
  token = null,
  corsOrigins = [],
  ...options
}: Partial<HttpServerOptions> & {
  readonly ask?: Partial<Ask>;
  readonly limits?: Partial<ApiLimits>;
  readonly operations?: Operations;
  readonly token?: string | null;
} = {}): Promise<TestServer> {
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'trace', base: null },
    new Writable({
      write(chunk, _encoding, done) {
        logged.push(JSON.parse(String(chunk)));
        done();
      },
    }),
  );
  const clock = { nowS: () => 1_718_362_800 };
  const doorkeeper = options.doorkeeper ?? new Doorkeeper({ token, clock });
  const registry = options.registry ?? new Registry();
  const server = await openHttpServer({
    host: '127.0.0.1',
    port: 0,
    doorkeeper,
    corsOrigins,
    api: await buildApi(
      { ...UNASKED, ...ask },
      { doorkeeper, corsOrigins, log, limits, metrics: new ApiMetrics(registry) },
    ),
    intake: unasked as unknown as Intake,
    admin: { operations, keys: unasked as unknown as ApiKeys, token: ADMIN_TOKEN },
    health: { ready: async () => ({ ok: true, reasons: [] }) },
    registry,
    log,
    clock,
    ...options,
  });
  return { ...server, logged };
}

/** Serves no mall. */
const UNASKED = {
  served: () => undefined,
  codes: () => [],
  store: { until: () => unasked },
} as unknown as Ask;

const unasked = new Proxy(
  {},
  {
    get: (_target, name) => () => {
      throw new Error(`nothing in this test asks ${String(name)}`);
    },
  },
);
