import type { Command } from 'commander';
import { NatsApiKeys } from '../access/nats-api-keys.ts';
import { openHttpServer } from '../http/http-server.ts';
import { asCannotListen } from './cannot-listen.ts';
import { openDoorkeeper } from './doorkeeper.ts';
import { systemClock } from './embedded.ts';
import { openIngesting } from './nats-ingesting.ts';
import { openProduction, readProductionSettings } from './nats-production.ts';
import { type ListenOptions, refuseOpenDoor, untilStopped, withListenOptions } from './serve-http.ts';
import { printLine, type Terminal } from './terminal.ts';
import { openTracing } from './tracing.ts';

const AFTER_HELP = `
In the production shape, reads probe records from NATS JetStream, folds the malls that it owns, and keeps them in
InfluxDB. Run as many as you like: malls are shared among them, and move when one comes, goes or dies.

It makes its streams, buckets and tasks itself. Settings: NATS_URL, INFLUX_URL, INFLUX_TOKEN and more; footfall doctor
lists them. Secrets of malls are not made here: put one file a mall, of 64 hexadecimal digits, into FOOTFALL_SECRETS.

Records come in on the subjects probes.<mall>, or are posted to any ingester at POST /v1/probes/<mall>.

Example:
  NATS_URL=nats://nats:4222 INFLUX_URL=http://influxdb:8086 INFLUX_TOKEN_FILE=/run/secrets/influx footfall ingest`;

export function addIngestCommand(program: Command, terminal: Terminal): void {
  withListenOptions(program.command('ingest'), 4001)
    .description('fold malls from NATS into InfluxDB (production)')
    .addHelpText('after', AFTER_HELP)
    .action((options: ListenOptions) => ingest(options, terminal));
}

async function ingest({ host, port }: ListenOptions, terminal: Terminal): Promise<void> {
  const given = readProductionSettings(terminal.env);
  refuseOpenDoor(host, given.settings);
  await untilStopped(async () => {
    const production = await openProduction(given, { name: 'footfall ingest', logTo: terminal.stderr });
    const { opened, settings, registry, log, store, natsConnection } = production;
    try {
      opened.add(await openTracing(terminal.env, 'footfall-ingest'));
      const ingesting = await openIngesting(production);
      opened.add(() => ingesting.close());
      const ready = async () => {
        const reasons = ingesting.troubles();
        await store.ping().catch((error: Error) => reasons.push(error.message));
        await natsConnection.rtt().catch(() => reasons.push('NATS does not answer'));
        return { ok: reasons.length === 0, reasons };
      };
      const { intake } = ingesting;
      const apiKeys = await NatsApiKeys.open(natsConnection);
      const doorkeeper = await openDoorkeeper(settings, { apiKeys, clock: systemClock, opened });
      const http = await openHttpServer({
        ...{
          host,
          port,
          doorkeeper,
          corsOrigins: settings.access.corsOrigins,
          intake,
          registry,
          log,
          clock: systemClock,
        },
        health: { ready },
      }).catch((error: unknown) => {
        throw asCannotListen(error, host, port);
      });
      opened.add(() => http.close());
      await printLine(
        terminal.stdout,
        `Footfall takes records at ${http.url}/v1/probes/<mall>, health at ${http.url}/readyz`,
      );
      return opened;
    } catch (error) {
      await opened.close().catch(() => undefined);
      throw error;
    }
  });
}
