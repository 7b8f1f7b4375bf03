import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { type OpenedDuckDb, openDuckDbStore } from '../store/duckdb/duckdb-store.ts';
import { type MallIdentity, StoreUnavailable } from '../store/store.ts';
import { CommandFailed } from './terminal.ts';
import { DATA_FOLDER, makeWritableFolder } from './writable-folder.ts';

/** The file of the data folder that holds everything. */
export function dataFile(dataFolder: string): string {
  return join(dataFolder, 'footfall.duckdb');
}

/** Rejects with StoreInUse when another process has it, with CommandFailed when the folder or the file is no good. */
export async function openStore(settings: Settings): Promise<OpenedDuckDb> {
  await makeWritableFolder(DATA_FOLDER, settings.dataFolder);
  const file = dataFile(settings.dataFolder);
  try {
    const threads = availableParallelism();
    return await openDuckDbStore({ file, threads, memoryLimitMb: settings.duckDbMemoryMb });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const [reason] = String((error.cause as Error | undefined)?.message ?? error.message).split('\n');
    throw new CommandFailed(
      `the data file ${file} cannot be opened (${reason}); mend that, restore it from a backup, or set FOOTFALL_DATA to another folder`,
    );
  }
}

/** The zones that the malls of a store are known in, by code. */
export function timeZonesOf(identities: ReadonlyMap<string, MallIdentity>): Map<string, string> {
  return new Map([...identities].map(([code, { timeZone }]) => [code, timeZone]));
}
