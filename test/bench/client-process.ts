import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './product-process.ts';
import type { Reply } from './serve-orders.ts';

/** A script of this folder as a process of its own, which does one order after the other. See `serveOrders`. */
export class ClientProcess<Order, Result> {
  readonly #child: ChildProcess;
  readonly #script: string;

  /** `script`: its name without an ending. `launcher`: a command that becomes the process, such as `taskset -c 1`. */
  constructor(script: string, launcher: readonly string[]) {
    this.#script = script;
    const [command, ...args] = [...launcher, process.execPath, ...runnable(script)];
    this.#child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Rejects with what the order failed of. */
  async do<Done extends Result>(order: Order): Promise<Done> {
    const replied = once(this.#child, 'message') as Promise<[Reply<Done>]>;
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error(`the client ${this.#script} ended too early`);
    });
    this.#child.send(order as object);
    const [reply] = await Promise.race([replied, ended]);
    if ('failure' in reply) throw new Error(reply.failure);
    return reply.result;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const stopped = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await stopped;
  }
}

/** From a build it is there as JavaScript; from its sources the types are taken out as it is loaded. */
function runnable(script: string): string[] {
  const isBuilt = import.meta.url.endsWith('.js');
  const path = fileURLToPath(new URL(`${script}${isBuilt ? '.js' : '.ts'}`, import.meta.url));
  return isBuilt ? [path] : ['--import', join(ROOT, 'test/store/typescript-hooks.mjs'), path];
}
