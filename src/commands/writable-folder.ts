import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { makeFolder } from '../config/make-folder.ts';
import { reasonOf } from './system-reason.ts';
import { CommandFailed } from './terminal.ts';

/** Makes a folder where there is none. Rejects with CommandFailed when nothing can be written there. */
export async function makeWritableFolder(what: string, folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CommandFailed(
      `${what} ${folder} cannot be written: ${reasonOf(error)}; choose another or mend its rights`,
    );
  }
}

/** How messages call the data folder: by the setting that names it. */
export const DATA_FOLDER = 'data folder (FOOTFALL_DATA)';
