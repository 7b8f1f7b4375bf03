import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const started = new Set<ChildProcess>();

/** Ends what was started and still runs, at once. */
export function killStarted(): void {
  for (const child of started) child.kill('SIGKILL');
}

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Starts a process that commits without end, and waits until it has the file open. */
export async function startCommitting(file: string): Promise<{ child: ChildProcess; lines: Interface }> {
  const [node, ...args] = scriptOn('committing-process.ts', file);
  const { child, lines } = start(node!, args);
  const [first] = await once(lines, 'line');
  if (first !== 'open') throw new Error(`the process could not open ${file}: ${first}`);
  return { child, lines };
}

/** Runs a process that commits until the file may grow no more, to its end; gives what it said. */
export async function runToFullDisk(file: string): Promise<string[]> {
  // 20 MB, in blocks of 512 bytes: room for the log, and not for what it is written into.
  const limited = ['-c', 'ulimit -f 40000 && exec "$@"', 'sh', ...scriptOn('breaking-process.ts', file)];
  const said: string[] = [];
  for await (const line of start('sh', limited).lines) said.push(line);
  return said;
}

function scriptOn(script: string, file: string): string[] {
  const hooks = new URL('typescript-hooks.mjs', import.meta.url).href;
  return [process.execPath, '--import', hooks, fileURLToPath(new URL(script, import.meta.url)), file];
}

function start(command: string, args: readonly string[]): { child: ChildProcess; lines: Interface } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.add(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}
