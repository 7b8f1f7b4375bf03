import type { Command } from 'commander';
import { Gauge } from 'prom-client';
import { NatsApiKeys } from '../access/nats-api-keys.ts';
import { ApiMetrics } from '../api/api-metrics.ts';
import { buildApi } from '../api/build-api.ts';
import { openHttpServer } from '../http/http-server.ts';
import { openMirror } from '../live/nats-mirror.ts';
import type { Ask } from '../query/answers.ts';
import { HeldRows } from '../query/held-rows.ts';
import { ServedMalls } from '../query/served-malls.ts';
import { asCannotListen } from './cannot-listen.ts';
import { openDoorkeeper } from './doorkeeper.ts';
import { systemClock } from './embedded.ts';
import { openProduction, type Production, readProductionSettings } from './nats-production.ts';
import { type ListenOptions, refuseOpenDoor, untilStopped, withListenOptions } from './serve-http.ts';
import { printLine, type Terminal } from './terminal.ts';
import { openTracing } from './tracing.ts';

const RETRY_MS = 5_000;
/** Within a second a late record shows on a settled day, as it does on an open one. */
const STATES_HELD_MS = 1_000;
const AFTER_HELP = `
In the production shape, answers GraphQL: settled days from InfluxDB, open days from the frames that ingesters publish on
NATS. Stateless: run as many as you like behind a proxy.

Settings: NATS_URL, INFLUX_URL, INFLUX_TOKEN and more; footfall doctor lists them. It needs the mall directories and the
secrets of the malls, as the ingesters have them.

Example:
  NATS_URL=nats://nats:4222 INFLUX_URL=http://influxdb:8086 INFLUX_TOKEN_FILE=/run/secrets/influx footfall api`;

export function addApiCommand(program: Command, terminal: Terminal): void {
  withListenOptions(program.command('api'), 4000)
    .description('answer GraphQL from InfluxDB and NATS (production)')
    .addHelpText('after', AFTER_HELP)
    .action((options: ListenOptions) => api(options, terminal));
}

async function api({ host, port }: ListenOptions, terminal: Terminal): Promise<void> {
  const given = readProductionSettings(terminal.env);
  refuseOpenDoor(host, given.settings);
  await untilStopped(async () => {
    const production = await openProduction(given, {
      name: 'footfall api',
      logTo: terminal.stderr,
      statesHeldMs: STATES_HELD_MS,
    });
    const { opened, settings, registry, log } = production;
    try {
      opened.add(await openTracing(terminal.env, 'footfall-api'));
      const { ask, ready } = await openAnswering(production);
      const apiKeys = new NatsApiKeys(production.natsConnection);
      const { corsOrigins, requestsPerMinute, introspection } = settings.access;
      const doorkeeper = await openDoorkeeper(settings, { apiKeys, clock: systemClock, opened });
      const answering = await buildApi(ask, {
        doorkeeper,
        corsOrigins,
        log,
        metrics: new ApiMetrics(registry),
        limits: { requestsPerMinute, introspection },
      });
      const http = await openHttpServer({
        ...{ host, port, doorkeeper, corsOrigins, api: answering, registry, log, clock: systemClock },
        health: { ready },
      }).catch((error: unknown) => {
        throw asCannotListen(error, host, port);
      });
      opened.add(() => http.close());
      await printLine(
        terminal.stdout,
        `Footfall answers at ${http.url}/graphql, explorer at ${http.url}/explorer`,
      );
      return opened;
    } catch (error) {
      await opened.close().catch(() => undefined);
      throw error;
    }
  });
}

async function openAnswering(production: Production) {
  const { settings, natsConnection: nats, store, directories, registry, log, opened } = production;
  const served = await ServedMalls.open({
    directories,
    store,
    secretsFolder: settings.secretsFolder,
    onProblem: (mall, error) => log.error({ mall, err: error }, 'cannot answer for a mall'),
  });
  const retry = setInterval(() => void served.retry(), RETRY_MS).unref();
  opened.add(async () => clearInterval(retry));
  const mirror = openMirror({
    nats,
    shopDays: (mall, day, page) => store.shopDays(mall, day, page),
    codebook: (mall) => served.find(mall)?.codebook,
    malls: () => served.codes(),
    stopwatchMs: () => performance.now(),
  });
  opened.add(async () => mirror.close());
  const staleMalls = new Gauge({
    name: 'footfall_live_stale',
    help: '1 where no frame of a mall has come for three seconds, so that its newest numbers may be old.',
    labelNames: ['mall'],
    registers: [registry],
    collect() {
      const stale = new Set(mirror.stale());
      for (const mall of served.codes()) this.set({ mall }, stale.has(mall) ? 1 : 0);
    },
  });
  opened.add(async () => staleMalls.reset());
  const ask: Ask = {
    served: (code) => served.find(code),
    codes: () => served.codes(),
    store,
    live: mirror,
    clock: systemClock,
    keepRawDays: settings.keepRawDays,
    keepCustomerDays: settings.keepCustomerDays,
    held: new HeldRows(),
  };
  const ready = async () => {
    const reasons = served.missing().map((mall) => `mall ${mall} cannot be answered for`);
    await store.ping().catch((error: Error) => reasons.push(error.message));
    await nats.rtt().catch(() => reasons.push('NATS does not answer'));
    return { ok: reasons.length === 0, reasons };
  };
  return { ask, ready };
}
