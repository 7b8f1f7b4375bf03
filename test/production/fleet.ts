import type { NatsConnection } from '@nats-io/transport-node';
import { readNatsSettings } from '../../src/config/nats-settings.ts';
import { openNats } from '../../src/ingest/nats/nats-connection.ts';
import { OwnerClient } from '../../src/ingest/nats/owner-client.ts';
import { type Running, start } from '../commands/program.ts';
import { type NatsServer, startNats } from '../nats-server.ts';
import { HAS_INFLUX, type InfluxServer, startInflux } from '../store/influx-server.ts';
import { ask, createHome, type Home } from '../system/system.ts';
import { until } from '../system/until.ts';

export const HAS_FLEET = HAS_INFLUX;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let fleets = 0;

/** A process of the fleet, and where it answers. */
export interface FleetProcess {
  readonly running: Running;
  readonly url: string;
}

/** The production shape as its users run it: real servers, and the built program as processes of its own. */
export class Fleet {
  readonly home: Home;
  readonly influx: InfluxServer;
  readonly natsServer: NatsServer;
  readonly nats: NatsConnection;
  readonly owners: OwnerClient;
  readonly #env: Record<string, string>;
  readonly #processes: Running[] = [];

  private constructor(parts: {
    home: Home;
    influx: InfluxServer;
    natsServer: NatsServer;
    nats: NatsConnection;
    env: Record<string, string>;
  }) {
    this.home = parts.home;
    this.influx = parts.influx;
    this.natsServer = parts.natsServer;
    this.nats = parts.nats;
    this.owners = new OwnerClient(parts.nats);
    this.#env = parts.env;
  }

  /** `influxFolder`: where InfluxDB keeps its data, if not in a folder of its own. */
  static async open(malls: readonly string[], influxFolder?: string): Promise<Fleet> {
    const home = createHome(malls);
    const [influx, natsServer] = await Promise.all([startInflux(influxFolder), startNats()]);
    const nats = await openNats(readNatsSettings({ NATS_URL: natsServer.url }, []), {
      name: 'test',
      log: silent,
    });
    const env = {
      ...home.env,
      FOOTFALL_LOG: process.env.FLEET_LOG ?? 'fatal',
      NATS_URL: natsServer.url,
      INFLUX_URL: influx.url,
      INFLUX_TOKEN: influx.token,
      INFLUX_ORG: influx.org,
      INFLUX_BUCKET_PREFIX: `f${process.pid}-${++fleets}-`,
    };
    return new Fleet({ home, influx, natsServer, nats, env });
  }

  /** What a command needs to work on this fleet. */
  get env(): Record<string, string> {
    return this.#env;
  }

  ingest(env: Record<string, string> = {}): Promise<FleetProcess> {
    return this.#start('ingest', env, /(http:\S+)\/v1\/probes/);
  }

  api(env: Record<string, string> = {}): Promise<FleetProcess> {
    return this.#start('api', env, /(http:\S+)\/graphql/);
  }

  async kill({ running }: FleetProcess): Promise<void> {
    running.process.kill('SIGKILL');
    await running.ended;
  }

  /** Resolves once every message of a mall that is on the stream is kept. */
  async caughtUp(mall: string, withinMs = 60_000): Promise<void> {
    const [last, created] = await Promise.all([this.#lastSequence(mall), this.#streamCreated()]);
    await until(
      `${mall} to be kept up to message ${last}`,
      async () => {
        const position = await this.owners.position(mall).catch(() => undefined);
        if (last === 0) return true;
        const { stream, sequence } = JSON.parse(position ?? '{}') as { stream?: string; sequence?: number };
        return stream === created && sequence! >= last;
      },
      withinMs,
    );
  }

  /** Settles every day of a mall that is over; its owner may still be opening it. */
  async settle(mall: string): Promise<void> {
    await until('the settlement', async () => {
      return this.owners.settle(mall, {}).catch((error: { code?: string }) => {
        if (error.code === 'OWNER_AWAY') return false as const;
        throw error;
      });
    });
  }

  /** Resolves once an API says that these days are settled: it learns so with the next frame. */
  async saysSettled({ url }: FleetProcess, mall: string, dates: readonly string[]): Promise<void> {
    await until('the API to say that the days are settled', async () => {
      // Each by itself: a question about open days alone is answered by the last frame.
      const questions = dates.map(
        (date, i) => `d${i}: mallFootfall(mall: "${mall}", from: "${date}", to: "${date}") { settled }`,
      );
      const days = await ask<Record<string, { settled: boolean }[]>>(url, `{ ${questions.join(' ')} }`).catch(
        () => ({ d0: [{ settled: false }] }),
      );
      return Object.values(days).every((rows) => rows.every(({ settled }) => settled));
    });
  }

  /** Resolves once an API answers for a mall whose owner it hears. */
  async hears({ url }: FleetProcess, mall: string): Promise<void> {
    await until('the API to hear the owner', async () => {
      const { presentNow } = await ask<{ presentNow: { stale: boolean } }>(
        url,
        `{ presentNow(mall: "${mall}") { stale } }`,
      ).catch(() => ({ presentNow: { stale: true } }));
      return !presentNow.stale;
    });
  }

  async close(): Promise<void> {
    for (const running of this.#processes) running.process.kill('SIGKILL');
    await this.nats.close();
    await Promise.all([this.natsServer.dispose(), this.influx.dispose()]);
    this.home.remove();
  }

  async #start(command: string, env: Record<string, string>, served: RegExp): Promise<FleetProcess> {
    const running = start([command, '--port', '0'], { ...this.#env, ...env });
    this.#processes.push(running);
    const url = await until(`footfall ${command} to serve`, () => {
      const { stdout, stderr } = running.printed();
      if (running.process.exitCode !== null) throw new Error(`footfall ${command} ended: ${stderr}`);
      return served.exec(stdout)?.[1];
    });
    return { running, url };
  }

  async #streamCreated(): Promise<string> {
    const { jetstreamManager } = await import('@nats-io/jetstream');
    return (await (await jetstreamManager(this.nats, { checkAPI: false })).streams.info('PROBES')).created;
  }

  async #lastSequence(mall: string): Promise<number> {
    const { jetstreamManager, JetStreamApiError } = await import('@nats-io/jetstream');
    const manager = await jetstreamManager(this.nats, { checkAPI: false });
    return manager.streams
      .getMessage('PROBES', { last_by_subj: `probes.${mall}` })
      .then((message) => message?.seq ?? 0)
      .catch((error: unknown) => {
        if (error instanceof JetStreamApiError) return 0;
        throw error;
      });
  }
}
