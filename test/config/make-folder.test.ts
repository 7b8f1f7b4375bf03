import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../src/config/make-folder.ts';
import { testOnlyWhere } from '../only-where.ts';
import { emptyFolder } from './mall-folder.ts';

test('makes what is missing, and names the topmost folder that it made', async () => {
  const above = await emptyFolder();
  expect(await makeFolder(join(above, 'a', 'b', 'c'), 0o700)).toBe(join(above, 'a'));
  expect((await stat(join(above, 'a', 'b', 'c'))).mode & 0o777).toBe(0o700);
  expect(await makeFolder(join(above, 'a', 'b', 'd'))).toBe(join(above, 'a', 'b', 'd'));
});

test('makes nothing where the folder is', async () => {
  expect(await makeFolder(await emptyFolder())).toBeUndefined();
});

test('two at once both have it', async () => {
  const folder = join(await emptyFolder(), 'a', 'b');
  await Promise.all([makeFolder(folder), makeFolder(folder)]);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test.each([
  ['is a file', (file: string) => file],
  ['lies in a file', (file: string) => join(file, 'a', 'b')],
])('refuses a path that %s', async (_what, pathOf) => {
  const file = join(await emptyFolder(), 'file');
  await writeFile(file, '');
  await expect(makeFolder(pathOf(file))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

/** Node's own recursive way never comes back from there. */
const testOnLinux = testOnlyWhere(process.platform === 'linux', 'folders of the system', 'this is not Linux');
testOnLinux('refuses a path where the system lets nobody make a folder', async () => {
  await expect(makeFolder('/proc/footfall/data')).rejects.toMatchObject({ code: 'ENOENT' });
});
