import { once } from 'node:events';
import type { Command } from 'commander';
import type { Settings } from '../config/settings.ts';
import { port } from './option-values.ts';
import { stopSignal } from './stop-signal.ts';
import { CommandFailed } from './terminal.ts';

/** Beyond loopback, whoever reaches the port could read where people are, or make them up. */
export function refuseOpenDoor(host: string, { token, noAuth }: Settings): void {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (loopback || token !== null || noAuth) return;
  throw new CommandFailed(
    `will not listen on ${host} without a token: set FOOTFALL_TOKEN to a secret of at least 16 characters, or FOOTFALL_NO_AUTH=yes when everybody may ask everything`,
  );
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
}

export function withListenOptions(command: Command, defaultPort: number): Command {
  return command
    .option('--port <port>', 'port to listen on', port, defaultPort)
    .option('--host <host>', 'address to listen on; beyond loopback it needs FOOTFALL_TOKEN', '127.0.0.1');
}

/** Opens, runs until Ctrl-C or SIGTERM, and closes; a signal while it opens ends it as quietly. */
export async function untilStopped(
  open: (stopping: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const stopping = stopSignal();
  const running = await open(stopping);
  try {
    if (!stopping.aborted) await once(stopping, 'abort');
  } finally {
    await running.close();
  }
}
