import { readFileSync } from 'node:fs';
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import type { NatsSettings } from '../../config/nats-settings.ts';
import type { Log } from '../log.ts';

const RECONNECT_MS = 500;
const PING_MS = 5_000;
const PINGS_OUT = 2;
const FIRST_CONNECT_MS = 10_000;

/** NATS cannot be reached, or lets this user not in. */
export class NatsAway extends Error {
  override readonly name = 'NatsAway';
  readonly code = 'NATS_AWAY';
  constructor(servers: readonly string[], cause: unknown) {
    const address = servers.map((server) => server.replace(/\/\/[^@/]*@/, '//')).join(', ');
    super(
      `cannot connect to NATS at ${address}: check NATS_URL, and the user and permissions of the server`,
      { cause },
    );
  }
}

/** A connection that comes back for ever; what happens to it is logged. Rejects with NatsAway when it cannot be made. */
export async function openNats(
  settings: NatsSettings,
  options: { name: string; log: Log },
): Promise<NatsConnection> {
  const { servers, user, password, token, caFile, certFile, keyFile } = settings;
  const authenticator = authenticatorOf(settings);
  const tls = caFile !== null || certFile !== null;
  const wanted: NodeConnectionOptions = {
    servers: [...servers],
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_OUT,
    timeout: FIRST_CONNECT_MS,
    ...(authenticator && { authenticator }),
    ...(user !== null && password !== null && { user, pass: password }),
    ...(token !== null && { token }),
    ...(tls && {
      tls: {
        ...(caFile && { caFile }),
        ...(certFile && { certFile }),
        ...(keyFile && { keyFile }),
      },
    }),
  };
  try {
    const nats = await connect(wanted);
    void logStatus(nats, options.log);
    return nats;
  } catch (error) {
    throw new NatsAway(servers, error);
  }
}

function authenticatorOf({ credsFile, nkeyFile }: NatsSettings): Authenticator | undefined {
  if (credsFile !== null) return credsAuthenticator(readFileSync(credsFile));
  if (nkeyFile !== null) return nkeyAuthenticator(Buffer.from(readFileSync(nkeyFile, 'utf8').trim()));
  return undefined;
}

async function logStatus(nats: NatsConnection, log: Log): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'disconnect')
      log.warn({ server: status.server }, 'lost the connection to NATS; it is tried again');
    if (status.type === 'reconnect') log.info({ server: status.server }, 'connected to NATS again');
    if (status.type === 'error') log.error({ err: status.error }, 'NATS refused something');
  }
}
