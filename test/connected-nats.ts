import type { NatsConnection } from '@nats-io/transport-node';
import { readNatsSettings } from '../src/config/nats-settings.ts';
import type { Log } from '../src/ingest/log.ts';
import { openNats } from '../src/ingest/nats/nats-connection.ts';
import { ensureStreams } from '../src/ingest/nats/streams.ts';
import { type NatsServer, startNats } from './nats-server.ts';

/** A log that nobody reads. */
export const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A real server with one connection to it, opened as the product opens one. */
export interface ConnectedNats {
  readonly server: NatsServer;
  readonly nats: NatsConnection;
  /** Another connection, which ends with the server. */
  connect(): Promise<NatsConnection>;
  dispose(): Promise<void>;
}

export async function connectedNats(): Promise<ConnectedNats> {
  const server = await startNats();
  const settings = readNatsSettings({ NATS_URL: server.url }, []);
  const opened: NatsConnection[] = [];
  const connect = async () => {
    const nats = await openNats(settings, { name: 'test', log: QUIET });
    opened.push(nats);
    return nats;
  };
  const nats = await connect();
  return {
    server,
    nats,
    connect,
    async dispose() {
      await Promise.all(opened.map((connection) => connection.close()));
      await server.dispose();
    },
  };
}

/** The streams of the product, small enough for a test. */
export function ensureSmallStreams(nats: NatsConnection): Promise<void> {
  return ensureStreams(nats, { keepDeadLetterDays: 7, probesBytes: 1 << 26, deadLettersBytes: 1 << 26 });
}
