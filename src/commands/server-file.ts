import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ADMIN_PATHS } from '../http/admin-line.ts';

const shape = z.object({ url: z.url(), token: z.string().min(32), pid: z.int() });

/** Where a running server can be asked by other commands on this machine: `server.json` in its data folder. */
export type ServerFile = z.infer<typeof shape>;

/** A server that is too busy for so long is asked by nobody; then the store says that it is in use. */
const ANSWER_MS = 3_000;

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

/**
 * The server that runs on a data folder. Its file alone proves nothing: one that was killed leaves it behind, and
 * its process number is soon another's, in a container always this one's. So the server must answer to its token.
 */
export async function findServer(dataFolder: string): Promise<ServerFile | undefined> {
  const text = await readFile(pathIn(dataFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.pid === process.pid) return undefined;
  return (await answers(parsed.data)) ? parsed.data : undefined;
}

async function answers({ url, token }: ServerFile): Promise<boolean> {
  try {
    const response = await fetch(new URL(ADMIN_PATHS.ping, url), {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    return response.status === 204;
  } catch {
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
