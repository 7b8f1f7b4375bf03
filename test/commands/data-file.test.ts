import { availableParallelism } from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openStore } from '../../src/commands/data-file.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createHome, type Home } from '../system/system.ts';

let home: Home;
beforeEach(() => {
  home = createHome([]);
});
afterEach(() => {
  jest.restoreAllMocks();
  home.remove();
});

test.each([
  [{}, '512MiB'],
  [{ FOOTFALL_DUCKDB_MEMORY_MB: '200' }, '200MiB'],
])('with %j the database may use that memory, and every core', async (env, memory) => {
  const create = jest.spyOn(DuckDBInstance, 'create');
  const settings = readSettings({ ...home.env, ...env });
  const { store } = await openStore(settings);
  await store.close();
  const limits = { memory_limit: memory, threads: String(availableParallelism()) };
  expect(create.mock.calls).toEqual([
    [expect.stringContaining('footfall.duckdb'), expect.objectContaining(limits)],
  ]);
});
