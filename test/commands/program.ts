import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../system/until.ts';

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist', 'main.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program under way, as its own process, and everything that it has printed so far. */
export interface Running {
  readonly process: ChildProcess;
  readonly printed: () => { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<Ended>;
}

const started = new Set<ChildProcess>();

/** Starts the built program as a user would, with these settings and no others. */
export function start(args: readonly string[], env: Record<string, string>, stdin?: Uint8Array): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...withoutSettings(process.env), ...env },
    stdio: 'pipe',
  });
  started.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that refuses its arguments ends before it has read its input.
  child.stdin.on('error', () => undefined).end(stdin);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { process: child, printed: () => ({ stdout, stderr }), ended };
}

/** Ends what was started and still runs, at once. */
export function killStarted(): void {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
}

/** Runs it to its end. */
export function run(
  args: readonly string[],
  env: Record<string, string>,
  stdin?: Uint8Array,
): Promise<Ended> {
  return start(args, env, stdin).ended;
}

/** The address of a server, once it serves. */
export function served(server: Running, withinMs = 60_000): Promise<string> {
  const look = () => {
    const { stdout, stderr } = server.printed();
    if (server.process.exitCode !== null) throw new Error(`the server ended before it served: ${stderr}`);
    return /(http:\S+)\/graphql/.exec(stdout)?.[1];
  };
  return until('the server to serve', look, withinMs);
}

/** Asks it to stop as Ctrl-C does, and gives how it ended. */
export function interrupt(server: Running): Promise<Ended> {
  server.process.kill('SIGINT');
  return server.ended;
}

/** The last line of what was printed, which scripts read. */
export function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1)!);
}

/** Exactly one line, and not a word of a stack. */
export const ONE_SENTENCE = /^footfall: [^\n]+\n$/;

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FOOTFALL_')));
}
