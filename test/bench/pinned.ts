import { spawnSync } from 'node:child_process';

const SERVER_CORE = 0;
const CLIENT_CORE = 1;

/** Commands that become the program which follows them, on a core of its own. Both are empty where that is impossible. */
export interface Pinned {
  readonly server: readonly string[];
  readonly client: readonly string[];
  /** What a reader of the figures should know of it. */
  readonly said: string;
}

/**
 * Server and client take nothing from each other: what is measured is one core of server. On a machine with a single
 * core, or without `taskset`, they share what there is, and the figures say so.
 */
export function pinProcesses(): Pinned {
  if (![SERVER_CORE, CLIENT_CORE].every(mayPin)) {
    return { server: [], client: [], said: 'server and client not pinned' };
  }
  return { server: tasksetOf(SERVER_CORE), client: tasksetOf(CLIENT_CORE), said: 'server on one core' };
}

/** Tried out: a container may have fewer cores than the machine. */
function mayPin(core: number): boolean {
  const [command, ...args] = [...tasksetOf(core), 'true'];
  return spawnSync(command!, args, { stdio: 'ignore' }).status === 0;
}

function tasksetOf(core: number): string[] {
  return ['taskset', '-c', String(core)];
}
