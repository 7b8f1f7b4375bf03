import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { readCsvTable } from '../../src/config/csv-table.ts';
import { DirectoryProblems } from '../../src/config/mall-directory-error.ts';

test('a long table leaves the process its turns', async () => {
  const bytes = Buffer.from(`a\n${'0123456789\n'.repeat(60_000)}`);
  let rows = 0;
  let turns = 0;
  let isRead = false;
  const table = { file: 'long.csv', bytes, columns: ['a'], optionalColumns: [] };
  const reading = readCsvTable(table, new DirectoryProblems(), () => rows++).finally(() => {
    isRead = true;
  });
  while (!isRead) {
    await turn();
    turns++;
  }
  await reading;
  expect(rows).toBe(60_000);
  expect(turns).toBeGreaterThan(8);
});
