import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const shape = z.object({ url: z.url(), token: z.string().min(32), pid: z.int() });

/** Where a running server can be asked by other commands on this machine: `server.json` in its data folder. */
export type ServerFile = z.infer<typeof shape>;

const pathIn = (dataFolder: string) => join(dataFolder, 'server.json');

/** Readable by its owner alone, since the token in it opens the admin routes. */
export async function writeServerFile(dataFolder: string, server: ServerFile): Promise<void> {
  const path = pathIn(dataFolder);
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}

export async function removeServerFile(dataFolder: string): Promise<void> {
  await rm(pathIn(dataFolder), { force: true });
}

/** Undefined when no server wrote one, or the process that did is gone. */
export async function readServerFile(dataFolder: string): Promise<ServerFile | undefined> {
  const text = await readFile(pathIn(dataFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = shape.safeParse(parseJson(text));
  return parsed.success && isRunning(parsed.data.pid) ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
