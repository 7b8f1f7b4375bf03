import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type MallDirectories, openMallDirectories } from '../../src/config/mall-directories.ts';
import { fingerprint, Pseudonyms } from '../../src/decode/pseudonyms.ts';
import { ServedMalls } from '../../src/query/served-malls.ts';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyFolder, writeMall } from '../config/mall-folder.ts';
import { commitOf } from '../store/examples.ts';

const SECRET = 'ab'.repeat(32);
const MAC = 0xa4c361000001;

let store: Store;
let directories: MallDirectories;
afterEach(async () => {
  directories.close();
  await store.close();
});

/** Directories of the malls `a` and `b`; `a` has a secret. */
async function openMalls() {
  const folder = await emptyFolder();
  const malls = join(folder, 'malls');
  for (const code of ['a', 'b']) await writeMall(join(malls, code));
  const secretsFolder = join(folder, 'secrets');
  await mkdir(secretsFolder);
  const giveSecret = (code: string, secret = SECRET) =>
    writeFile(join(secretsFolder, code), secret, { mode: 0o600 });
  await giveSecret('a');
  store = (await openDuckDbStore({ file: join(folder, 'footfall.duckdb') })).store;
  directories = await openMallDirectories({ folders: [malls], pollMs: 3_600_000 });
  const problems: unknown[] = [];
  const open = () =>
    ServedMalls.open({
      directories,
      store,
      secretsFolder,
      onProblem: (mall, error) => problems.push([mall, error]),
    });
  return { malls, giveSecret, problems, open };
}

describe('malls that are read and not folded', () => {
  test('are served as their directories describe them, with the numbers of the store and the pseudonyms of the secret', async () => {
    const { malls, open } = await openMalls();
    await writeMall(join(malls, 'a'));
    const { codebook } = await store.openMall('a');
    codebook.shop('S9');
    await store.commit(commitOf('a', 1, codebook, []));
    const served = await open();
    expect(served.codes()).toEqual(['a']);
    const mall = served.find('a')!;
    expect([mall.mall.name, mall.calendar.dayOf(0), mall.codebook.shopCode(1)]).toEqual([
      'Test mall',
      0,
      'S9',
    ]);
    expect(mall.pseudonym(MAC)).toBe(new Pseudonyms(Uint8Array.from(Buffer.from(SECRET, 'hex'))).of(MAC));
    expect(served.find('c')).toBeUndefined();
  });

  test('that lack a secret are told of, not served, and opened once it is there', async () => {
    const { giveSecret, problems, open } = await openMalls();
    const served = await open();
    expect(problems).toMatchObject([['b', { code: 'SECRET_MISSING' }]]);
    expect(served.missing()).toEqual(['b']);
    await giveSecret('b');
    await served.retry();
    expect(served.codes()).toEqual(['a', 'b']);
  });

  test('are not served under a secret that their customers are not stored under', async () => {
    const { problems, open } = await openMalls();
    await store.openMall('a');
    await store.keepIdentity('a', { fingerprint: fingerprint(new Uint8Array(32)), timeZone: 'Asia/Tokyo' });
    const served = await open();
    expect(served.codes()).toEqual([]);
    expect(problems).toContainEqual(['a', expect.objectContaining({ code: 'SECRET_DIFFERENT' })]);
  });

  test('follow their directories', async () => {
    const { malls, open } = await openMalls();
    const served = await open();
    await writeMall(join(malls, 'a'), { 'mall.json': '{"name":"Renamed","timeZone":"Asia/Tokyo"}' });
    await directories.check();
    await directories.check();
    expect(served.find('a')!.mall.name).toBe('Renamed');
  });
});
