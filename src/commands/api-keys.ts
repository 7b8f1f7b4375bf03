import { NatsApiKeys } from '../access/nats-api-keys.ts';
import { readSettings } from '../config/settings.ts';
import { createAdminKeys } from '../http/admin-client.ts';
import type { ApiKeys } from '../store/store.ts';
import { openStore } from './data-file.ts';
import { isProduction, withNats } from './nats-commands.ts';
import { findServer } from './server-file.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs a task on the keys of the settings: in production those of the bucket; else those of the data folder, through the
 * server that has it open, or, where none runs, by opening it here.
 */
export async function withApiKeys<T>(
  terminal: Terminal,
  task: (keys: Pick<ApiKeys, 'list' | 'put'>) => Promise<T>,
): Promise<T> {
  const settings = readSettings(terminal.env);
  if (isProduction(terminal.env)) {
    return withNats(terminal.env, async (nats) => task(await NatsApiKeys.open(nats)));
  }
  const server = await findServer(settings.dataFolder);
  if (server !== undefined) return task(createAdminKeys(server));
  const { store, apiKeys } = await openStore(settings);
  try {
    return await task(apiKeys);
  } finally {
    await store.close();
  }
}
