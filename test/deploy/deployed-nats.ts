import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { DEPLOY } from './deployed-files.ts';

export const NATS_BINARY = findBinary();

const PASSWORDS = {
  INGEST_PASSWORD: 'ingest-password',
  API_PASSWORD: 'api-password',
  EDGE_PASSWORD: 'edge-password',
  OPERATOR_PASSWORD: 'operator-password',
  SYSTEM_PASSWORD: 'system-password',
};
const STARTED_MS = 10_000;
const PAUSE_MS = 20;

/** A real server that runs the configuration of `deploy/nats`, on other ports and another folder. */
export interface DeployedNats {
  connect(user: string, secret: keyof typeof PASSWORDS): Promise<NatsConnection>;
  connectWithKey(seed: Uint8Array): Promise<NatsConnection>;
  /** Closes every connection, ends the server and removes its folder. */
  dispose(): Promise<void>;
}

export async function startDeployedNats(
  edit: (name: string, text: string) => string = (_name, text) => text,
): Promise<DeployedNats> {
  const folder = mkdtempSync(join(tmpdir(), 'footfall-deployed-nats-'));
  cpSync(join(DEPLOY, 'nats'), folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.conf'))) {
    const text = readFileSync(join(folder, name), 'utf8')
      .replace('store_dir: /data', `store_dir: "${join(folder, 'streams')}"`)
      .replace('listen: 0.0.0.0:4222', 'listen: 127.0.0.1:-1')
      .replace('http: 0.0.0.0:8222', `ports_file_dir: "${folder}"`)
      .replaceAll('80G', '1G');
    writeFileSync(join(folder, name), edit(name, text));
  }
  const server = spawn(NATS_BINARY!, ['-c', join(folder, 'nats-server.conf')], {
    env: { ...process.env, ...PASSWORDS },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  server.stderr.on('data', (bytes) => said.push(String(bytes)));
  const url = await addressOf(server, folder, said);
  const open: NatsConnection[] = [];
  async function openAs(who: NodeConnectionOptions): Promise<NatsConnection> {
    const connection = await connect({ servers: url, reconnect: false, ...who });
    open.push(connection);
    return connection;
  }
  return {
    connect: (user, secret) => openAs({ user, pass: PASSWORDS[secret] }),
    connectWithKey: (seed) => openAs({ authenticator: nkeyAuthenticator(seed) }),
    async dispose() {
      await Promise.all(open.map((connection) => connection.close()));
      const ended = once(server, 'exit');
      if (server.exitCode === null && server.kill()) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function addressOf(server: ChildProcess, folder: string, said: readonly string[]): Promise<string> {
  for (let waitedMs = 0; waitedMs < STARTED_MS && server.exitCode === null; waitedMs += PAUSE_MS) {
    const ports = readdirSync(folder).find((name) => name.endsWith('.ports'));
    const text = ports === undefined ? '' : readFileSync(join(folder, ports), 'utf8');
    if (text.endsWith('}')) return (JSON.parse(text) as { nats: [string] }).nats[0];
    await pause(PAUSE_MS);
  }
  throw new Error(`nats-server did not start: ${said.join('').slice(-2000)}`);
}

/** On the PATH, or where the tests of the source keep the one that they fetched. */
function findBinary(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'footfall');
  const kept = readdirOrNone(cache)
    .filter((name) => name.startsWith('nats-server-'))
    .map((name) => join(cache, name, 'nats-server'));
  return ['nats-server', ...kept].find((file) => spawnSync(file, ['--version']).status === 0);
}

function readdirOrNone(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
