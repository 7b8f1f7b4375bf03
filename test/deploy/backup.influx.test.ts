import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnlyWhere } from '../only-where.ts';
import { DEPLOY } from './deployed-files.ts';

const HAS_INFLUX = spawnSync('influxd', ['version']).status === 0;
const STARTED_MS = 20_000;
const PAUSE_MS = 50;
const RECORDS = 20_000;
const FIRST_S = 1_718_362_800;
const DEVICES_BY_SHOP = `from(bucket: "raw")
  |> range(start: 2024-06-01T00:00:00Z, stop: 2024-07-01T00:00:00Z)
  |> filter(fn: (r) => r._field == "device")
  |> group(columns: ["shop"])
  |> sum()`;

interface Influx {
  readonly url: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly process: ChildProcess;
}

describeOnlyWhere(
  HAS_INFLUX,
  'backup and restore of InfluxDB',
  'there is no influxd on the PATH',
)('backup of InfluxDB', () => {
  let home: string;
  let first: Influx;
  let second: Influx;
  let backup: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'footfall-influx-backup-'));
    backup = join(home, 'backup');
    [first, second] = await Promise.all([start(home, 'first-token'), start(home, 'second-token')]);
    const org = ((await asked(first, '/api/v2/orgs')) as { orgs: { id: string }[] }).orgs[0]!.id;
    await asked(first, '/api/v2/buckets', {
      orgID: org,
      name: 'raw',
      retentionRules: [{ type: 'expire', everySeconds: 0, shardGroupDurationSeconds: 86_400 }],
    });
    const lines = Array.from({ length: RECORDS }, (_, i) => {
      const atS = FIRST_S + i * 20;
      return `probe,mall=brno,shop=s${i % 7} device=${i * 3}i,rssi=-60i ${atS}000000000`;
    });
    await asked(first, '/api/v2/write?org=footfall&bucket=raw', lines.join('\n'));
    await asked(first, '/api/v2/tasks', {
      orgID: org,
      flux: 'option task = {name: "kept", every: 1h}\nfrom(bucket: "raw") |> range(start: -1h) |> count()',
    });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([first, second].map(stop));
    rmSync(home, { recursive: true, force: true });
  });

  test('a running server is copied, and an empty one answers as it did, with its tasks and tokens', async () => {
    const before = await queried(first, first.token);
    expect(before.split('\n').length).toBeGreaterThan(7);
    expect(run('influx-backup.mjs', first.url, first.tokenFile, backup)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/ 6 shards in /),
    });
    expect(run('influx-restore.mjs', second.url, second.tokenFile, backup, first.tokenFile)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await queried(second, first.token)).toBe(before);
    const { tasks } = (await asked({ ...second, token: first.token }, '/api/v2/tasks')) as {
      tasks: { name: string }[];
    };
    expect(tasks.map(({ name }) => name)).toEqual(['kept']);
    await expect(queried(second, second.token)).rejects.toThrow('401');
  });

  test('a server with data is not overwritten, and half a copy is not restored', () => {
    const used = run('influx-restore.mjs', first.url, first.tokenFile, backup);
    expect([used.status, used.stderr]).toEqual([1, expect.stringContaining('restore into an empty one')]);
    unlinkSync(join(backup, 'complete.json'));
    const half = run('influx-restore.mjs', second.url, second.tokenFile, backup);
    expect([half.status, half.stderr]).toEqual([1, expect.stringContaining('no complete backup')]);
  });

  test('a token that may not copy everything is told so', () => {
    const { status, stderr } = run('influx-backup.mjs', first.url, second.tokenFile, join(home, 'other'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('the one of the operator')]);
  });
});

function run(script: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(DEPLOY, 'backup', script), ...args], { encoding: 'utf8' });
}

async function start(home: string, token: string): Promise<Influx> {
  const folder = join(home, token);
  mkdirSync(folder);
  writeFileSync(join(folder, 'token'), token);
  const url = `http://127.0.0.1:${await freePort()}`;
  const places = ['bolt', 'sqlite', 'engine'].flatMap((kind) => [`--${kind}-path`, join(folder, kind)]);
  const influxd = spawn(
    'influxd',
    ['--http-bind-address', new URL(url).host, '--reporting-disabled', ...places],
    { stdio: 'ignore' },
  );
  const deadlineMs = performance.now() + STARTED_MS;
  while (!(await isUp(url))) {
    if (performance.now() > deadlineMs) throw new Error('influxd did not start in time');
    await pause(PAUSE_MS);
  }
  const influx = { url, token, tokenFile: join(folder, 'token'), process: influxd };
  await asked(influx, '/api/v2/setup', {
    username: 'footfall',
    password: 'a-password',
    org: 'footfall',
    bucket: 'first',
    token,
  });
  return influx;
}

async function stop(influx: Influx | undefined): Promise<void> {
  if (influx === undefined) return;
  const ended = once(influx.process, 'exit');
  if (influx.process.exitCode === null && influx.process.kill()) await ended;
}

const isUp = (url: string) =>
  fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

async function asked(
  { url, token }: Pick<Influx, 'url' | 'token'>,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Token ${token}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

async function queried({ url }: Influx, token: string): Promise<string> {
  const response = await fetch(`${url}/api/v2/query?org=footfall`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/vnd.flux' },
    body: DEVICES_BY_SHOP,
  });
  if (!response.ok) throw new Error(`query: ${response.status}`);
  return response.text();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
