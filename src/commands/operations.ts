import { readSettings, type Settings } from '../config/settings.ts';
import { createAdminClient } from '../http/admin-client.ts';
import type { Operations } from '../ingest/operations.ts';
import { demoMallsFolder } from './demo-mall.ts';
import { openEmbedded } from './embedded.ts';
import { isProduction, withNatsOperations } from './nats-commands.ts';
import { findServer } from './server-file.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs a task on the malls of the settings. In production, by asking their owners; else on the data folder: through the server that has it open, or, where none runs, by
 * opening it here. The answers are the same.
 */
export async function withOperations<T>(
  terminal: Terminal,
  task: (operations: Operations) => Promise<T>,
): Promise<T> {
  const settings = readSettings(terminal.env);
  if (isProduction(terminal.env)) return withNatsOperations(terminal, settings, task);
  const server = await findServer(settings.dataFolder);
  if (server !== undefined) return task(createAdminClient(server));
  const embedded = await openEmbedded({
    // A command answers in sentences; what it cannot do it says itself.
    settings: { ...settings, logLevel: 'silent' },
    mallsFolders: mallsFolders(settings),
    logTo: terminal.stderr,
  });
  try {
    return await task(embedded.malls);
  } finally {
    await embedded.close();
  }
}

/** Where mall directories are looked for: the operator's own folder, and the demo's inside the data folder. */
export function mallsFolders(settings: Settings): string[] {
  return [settings.mallsFolder, demoMallsFolder(settings.dataFolder)];
}
