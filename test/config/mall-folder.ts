import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { readMallDirectory } from '../../src/config/mall-directory.ts';
import { MallDirectoryError } from '../../src/config/mall-directory-error.ts';
import type { Mall } from '../../src/terms.ts';

export type Files = { readonly [file: string]: string | Uint8Array | null };

/** A mall directory without a mistake. */
export const GOOD: Files = {
  'mall.json': '{"name":"Test mall","timeZone":"Asia/Tokyo"}',
  'area_shop.csv': 'id,shop_code,shop_name\n1,S1,One\n2,S2,Two\n',
  'place_info.csv': 'user_device_mac,used_x,used_y,min_rssi\n3c:8c:f8:00:00:01,400,-400,-75\n',
};

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** An empty folder that is removed after the tests. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-config-'));
  made.push(folder);
  return folder;
}

/** Writes a mall directory: a good one with some files replaced, or left out where null. */
export async function writeMall(folder: string, files: Files = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries({ ...GOOD, ...files })) {
    if (content !== null) await writeFile(join(folder, file), content);
  }
  return folder;
}

/** The mall `m` of a good directory with some files replaced. */
export async function readMall(files: Files): Promise<Mall> {
  return readMallDirectory(await writeMall(join(await emptyFolder(), 'm'), files), 'm');
}

/** What is said of a directory that is refused. */
export async function mistakesOf(files: Files): Promise<MallDirectoryError> {
  try {
    await readMall(files);
  } catch (error) {
    if (error instanceof MallDirectoryError) return error;
    throw error;
  }
  throw new Error('the directory was taken');
}

export const mallJson = (value: unknown): Files => ({ 'mall.json': JSON.stringify(value) });
export const mallSettings = (value: unknown): Files =>
  mallJson({ name: 'M', timeZone: 'UTC', settings: value });
/** Lines below the header of a table. */
export const shopLines = (lines: string): Files => ({ 'area_shop.csv': `id,shop_code,shop_name\n${lines}` });
export const placeLines = (lines: string): Files => ({
  'place_info.csv': `user_device_mac,used_x,used_y,min_rssi,floor\n${lines}`,
});
export const customerLines = (lines: string): Files => ({
  'shop_user_record.csv': `user_device_mac,first_come_flag,first_coming_time,last_coming_time\n${lines}`,
});
