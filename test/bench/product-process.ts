import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchHome } from './bench-mall.ts';
import type { Setting } from './part.ts';

const LOOK_EVERY_MS = 20;
/** What the kernel counts processor time in, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** The checkout: this file may run from its sources or from a build. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));
const MAIN = join(ROOT, 'dist', 'main.js');

/** How a process is started, beside what every part is given. */
export interface ProcessSetting extends Setting {
  /** A command that becomes the program which follows it, such as `taskset -c 0`; it keeps the number of the process. */
  readonly launcher?: readonly string[];
}

/** The built program with a command, as its own process. */
export class ProductProcess {
  readonly #child: ChildProcess;
  readonly #watch: NodeJS.Timeout;
  readonly #args: readonly string[];
  #printed = '';
  #peakBytes = 0;
  #cpuSeconds = 0;

  constructor(args: readonly string[], home: BenchHome, setting: ProcessSetting) {
    if (!existsSync(MAIN)) throw new Error('there is no build to measure: run npm run build');
    this.#args = args;
    const { launcher = [], nodeFlags } = setting;
    const [command, ...words] = [...launcher, process.execPath, ...nodeFlags, MAIN, ...args];
    this.#child = spawn(command!, words, {
      env: { ...process.env, NODE_ENV: 'production', ...home.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
    });
    this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#child.once('exit', () => clearInterval(this.#watch));
  }

  get stdin(): NodeJS.WritableStream {
    return this.#child.stdin!;
  }

  /** The most memory that was resident at a time; 0 where the system does not tell. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Processor time of all its threads: tells a slow program from a busy machine. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** Resolves with the first match in what it prints. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#printed);
      if (found !== null) return found;
      if (this.#child.exitCode !== null) throw new Error(`footfall ${this.#args.join(' ')} ended too early`);
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child, 'exit')]);
    }
  }

  /** Waits for its end, and gives the last line that it printed. */
  async lastLine(): Promise<string> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    if (this.#child.exitCode !== 0) {
      throw new Error(`footfall ${this.#args.join(' ')} ended with code ${this.#child.exitCode}`);
    }
    return this.#printed.trimEnd().split('\n').at(-1)!;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const stopped = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await stopped;
  }

  /** Ends it at once, as a loss of power does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The kernel keeps the high-water mark, so that nothing between two looks is missed but the very end. */
  #look(): void {
    const folder = `/proc/${this.#child.pid}`;
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'));
      if (peak !== null) this.#peakBytes = Math.max(this.#peakBytes, Number(peak[1]) * 1_024);
      const [, user, system] =
        /\) \S(?: \S+){10} (\d+) (\d+)/.exec(readFileSync(`${folder}/stat`, 'utf8')) ?? [];
      if (user !== undefined) this.#cpuSeconds = (Number(user) + Number(system)) / TICKS_PER_SECOND;
    } catch {
      // The process is gone, or this is no Linux.
    }
  }
}

export interface ServerProcess {
  readonly url: string;
  readonly process: ProductProcess;
}

/** `footfall start` on a free port. */
export async function startServer(home: BenchHome, setting: ProcessSetting): Promise<ServerProcess> {
  const server = new ProductProcess(['start', '--port', '0'], home, setting);
  const [, url] = await server.printed(/(http:\S+)\/graphql/);
  return { url: url!, process: server };
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('this file is in no checkout');
  return rootAbove(parent);
}
