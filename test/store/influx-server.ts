import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../system/until.ts';

const TOKEN = 'token-of-a-test-server';
const ORG = 'footfall';

/** Whether there is a server to test against: `influxd` on the PATH, or one named by INFLUX_URL. */
export const HAS_INFLUX =
  process.env.INFLUX_URL !== undefined || spawnSync('influxd', ['version'], { stdio: 'ignore' }).status === 0;

/** A real InfluxDB, to be thrown away; or the one of INFLUX_URL, INFLUX_TOKEN and INFLUX_ORG, which stays. */
export interface InfluxServer {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  /** Ends it at once, as a loss of power does; `restart` brings it back with its data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it from answering, and lets it go on: as a machine that hangs. */
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

/** `inFolder`: where it keeps its data, which then stays when it is disposed of. */
export async function startInflux(inFolder?: string): Promise<InfluxServer> {
  const { INFLUX_URL, INFLUX_TOKEN = '', INFLUX_ORG = ORG } = process.env;
  if (INFLUX_URL !== undefined) {
    const cannot = () => Promise.reject(new Error('the server of INFLUX_URL is not ours to end'));
    const nothing = () => undefined;
    const stays = {
      kill: cannot,
      restart: cannot,
      pause: nothing,
      resume: nothing,
      dispose: async () => undefined,
    };
    return { url: INFLUX_URL, token: INFLUX_TOKEN, org: INFLUX_ORG, ...stays };
  }
  const folder = inFolder ?? (await mkdtemp(join(tmpdir(), 'footfall-influx-')));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server = await start(folder, port);
  await setUp(url);
  return {
    url,
    token: TOKEN,
    org: ORG,
    async kill() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
    async restart() {
      server = await start(folder, port);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async dispose() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      if (inFolder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const server = spawn(
    'influxd',
    [
      ...['--http-bind-address', `127.0.0.1:${port}`, '--reporting-disabled', '--log-level', 'error'],
      ...['--bolt-path', join(folder, 'influxd.bolt'), '--sqlite-path', join(folder, 'influxd.sqlite')],
      ...['--engine-path', join(folder, 'engine')],
    ],
    { stdio: 'ignore' },
  );
  await until('influxd to answer', async () => {
    if (server.exitCode !== null) throw new Error(`influxd ended with ${server.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    return answer?.status === 200;
  });
  return server;
}

async function setUp(url: string): Promise<void> {
  const body = JSON.stringify({
    username: 'test',
    password: 'test-password',
    org: ORG,
    bucket: 'none',
    token: TOKEN,
  });
  const answer = await fetch(`${url}/api/v2/setup`, { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`influxd could not be set up: ${await answer.text()}`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
