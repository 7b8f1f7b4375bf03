import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import { type Store, StoreUnavailable } from '../../src/store/store.ts';
import { describeApiKeys, type OpenedKeys } from './api-keys.contract.ts';
import {
  changesOf,
  commitOf,
  customerRows,
  DAY,
  ingestDayOf,
  noonOf,
  type Record,
  recordsOf,
  replacementOf,
  type ShopDay,
  shopDayRows,
  shopDaysOf,
} from './examples.ts';
import type { OpenedStore } from './opened-store.ts';
import { describeStore } from './store.contract.ts';
import { kill, killStarted, startCommitting } from './store-processes.ts';

const MALL = 'nanjing-west_01';
const EVER = { from: 0, to: 40_000 };
const PAGE = { afterDevice: 0, devicesMax: 99, visitsMin: 0 };

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footfall-store-'));
});
afterAll(() => rm(folder, { recursive: true }));
const newFile = (): string => join(folder, `${++files}.duckdb`);

async function openFile(file: string): Promise<OpenedStore> {
  const opened = await openDuckDbStore({ file });
  return {
    ...opened,
    reopen: async () => {
      await opened.store.close();
      return openFile(file);
    },
    dispose: () => opened.store.close().catch(() => undefined),
  };
}

describeStore('DuckDB', () => openFile(newFile()));

async function openKeys(file: string): Promise<OpenedKeys> {
  const { apiKeys, store } = await openDuckDbStore({ file });
  return {
    apiKeys,
    reopen: async () => {
      await store.close();
      return openKeys(file);
    },
    dispose: () => store.close().catch(() => undefined),
  };
}

describe('DuckDB: API keys', () => describeApiKeys(() => openKeys(newFile())));

afterAll(killStarted);

describe('the file', () => {
  test('a second opening in this process is refused, by whatever name', async () => {
    const file = newFile();
    const { store } = await openDuckDbStore({ file });
    const link = newFile();
    await symlink(file, link);
    const other = join(folder, 'other');
    await symlink(folder, other);
    for (const name of [file, link, join(other, `./${file.slice(folder.length)}`)]) {
      await expect(openDuckDbStore({ file: name })).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    }
    await store.close();
    const again = await openDuckDbStore({ file: link });
    await again.store.close();
  });

  test('what cannot be opened says why, and holds nothing', async () => {
    const file = join(folder, 'garbage.duckdb');
    await writeFile(file, 'this is no database');
    for (const name of [file, join(folder, 'no such folder', 'a.duckdb')]) {
      await expect(openDuckDbStore({ file: name })).rejects.toThrow(StoreUnavailable);
    }
    await rm(file);
    const { store } = await openDuckDbStore({ file });
    await store.close();
  });

  test.each([
    ['removed', (file: string) => rm(file)],
    ['moved away', (file: string) => rename(file, `${file}.moved`)],
    ['replaced', (file: string) => copyFile(file, `${file}.copy`).then(() => rename(`${file}.copy`, file))],
  ])('once it was %s, nothing more is acknowledged, and it says why', async (_, takeAway) => {
    const file = newFile();
    const { store, deadLetters } = await openDuckDbStore({ file });
    const { codebook } = await store.openMall(MALL);
    await store.commit(commitOf(MALL, 1, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    await takeAway(file);
    const letter = { reason: 'malformed', detail: '', receivedAtS: 1, body: '' } as const;
    for (const answer of [
      store.commit(commitOf(MALL, 2, codebook, [[DAY, 2, noonOf(DAY), 0, 0, -1]])),
      store.replaceDay(replacementOf(MALL, codebook, DAY)),
      deadLetters.add(MALL, [letter]),
      store.ping(),
    ]) {
      const why = expect.stringMatching(/its data file was removed, moved or replaced/);
      await expect(answer).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: why });
    }
    await store.close();
  });

  test('that was put in its place keeps its own log', async () => {
    const file = newFile();
    const { store } = await openDuckDbStore({ file });
    const { codebook } = await store.openMall(MALL);
    await store.commit(commitOf(MALL, 1, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    for (const name of [file, `${file}.wal`]) {
      await copyFile(name, `${name}.copy`);
      await rename(`${name}.copy`, name);
    }
    await store.close();
    const restored = await openFile(file);
    expect((await restored.store.openMall(MALL)).commit).toBe(1);
    await restored.dispose();
  });

  test('once it was put back, goes on where it was', async () => {
    const file = newFile();
    const { store } = await openDuckDbStore({ file });
    const { codebook } = await store.openMall(MALL);
    await rename(file, `${file}.moved`);
    const record: Record = [DAY, 1, noonOf(DAY), 0, 0, -1];
    await expect(store.commit(commitOf(MALL, 1, codebook, [record]))).rejects.toThrow(StoreUnavailable);
    await rename(`${file}.moved`, file);
    await store.ping();
    await store.commit(commitOf(MALL, 2, codebook, [record]));
    expect(await recordsOf(store.rawOfDay(MALL, DAY))).toEqual([record]);
    await store.close();
  });

  test.each([
    ['whose database file is missing', async (file: string) => rm(file), /missing: put .* back/],
    [
      'that is damaged from its beginning on',
      async (file: string) => writeFile(`${file}.wal`, Buffer.alloc(5_000, 7)),
      /damaged from its first bytes on/,
    ],
  ])('a log %s is refused with a sentence, and never deleted', async (_, damage, sentence) => {
    const file = newFile();
    const { child, lines } = await startCommitting(file);
    await once(lines, 'line');
    await kill(child);
    await damage(file);
    const log = await readFile(`${file}.wal`);
    const refused = { cause: { message: expect.stringMatching(sentence) } };
    for (let i = 0; i < 2; i++) await expect(openDuckDbStore({ file })).rejects.toMatchObject(refused);
    expect(await readFile(`${file}.wal`)).toEqual(log);
    await rm(`${file}.wal`);
    await (await openDuckDbStore({ file })).store.close();
  });

  test('databases in memory are separate, and serve all their connections', async () => {
    const [a, b] = [await openDuckDbStore({ file: ':memory:' }), await openDuckDbStore({ file: ':memory:' })];
    const { codebook } = await a.store.openMall(MALL);
    await b.store.openMall(MALL);
    await a.store.commit(commitOf(MALL, 1, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    expect(await recordsOf(a.store.rawOfDay(MALL, DAY))).toHaveLength(1);
    expect(await recordsOf(b.store.rawOfDay(MALL, DAY))).toHaveLength(0);
    await a.store.close();
    await b.store.close();
  });

  test('memory and threads are limited when asked', async () => {
    const { store } = await openDuckDbStore({ file: newFile(), memoryLimitMb: 256, threads: 1 });
    await store.ping();
    await store.close();
  });

  test('tables of a newer release are refused, and left alone', async () => {
    const file = newFile();
    const { store } = await openDuckDbStore({ file });
    await store.close();
    const version = async (sql: string): Promise<unknown> => {
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      const rows = await (await connection.run(sql)).getRows();
      connection.disconnectSync();
      instance.closeSync();
      return rows[0]?.[0];
    };
    const known = (await version('FROM schema_version')) as number;
    await version(`UPDATE schema_version SET version = ${known + 1}`);
    const refused = expect.objectContaining({
      code: 'SCHEMA_TOO_NEW',
      message: expect.stringContaining('newer'),
    });
    for (let i = 0; i < 2; i++) await expect(openDuckDbStore({ file })).rejects.toEqual(refused);
    expect(await version('FROM schema_version')).toBe(known + 1);
    await version(`UPDATE schema_version SET version = ${known}`);
    await (await openDuckDbStore({ file })).store.close();
  });
});

describe('a transaction that fails', () => {
  let store: Store;
  const broken = new Error('broken on the way');
  /** Fails after everything else of its commit was written. */
  const brokenMap = new (class extends Map<string, string> {
    override *[Symbol.iterator](): MapIterator<[string, string]> {
      yield ['http', 'lost'];
      throw broken;
    }
  })();
  beforeEach(async () => {
    store = (await openDuckDbStore({ file: ':memory:' })).store;
  });

  test('a commit leaves nothing behind, neither then nor with the next one', async () => {
    const { codebook } = await store.openMall(MALL);
    codebook.shop('named by the lost commit');
    const lost = Array.from({ length: 5_000 }, (_, i): Record => [DAY, 7, noonOf(DAY) + i, 1, 0, -1]);
    const commit = commitOf(MALL, 1, codebook, lost, {
      checkpoints: brokenMap,
      ingestDays: [ingestDayOf(DAY, { kept: 5_000 })],
    });
    await expect(store.commit(commit)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: broken });
    const kept: Record = [DAY, 8, noonOf(DAY), 1, 0, -1];
    await store.commit(commitOf(MALL, 2, codebook, [kept]));
    expect(await recordsOf(store.rawOfDay(MALL, DAY))).toEqual([kept]);
    expect(await store.ingestDays(MALL, EVER)).toEqual([]);
    const reread = await store.openMall(MALL);
    expect(reread.checkpoints).toEqual(new Map([['http', 'position 2']]));
    expect([reread.commit, reread.codebook.shopCode(1)]).toEqual([2, 'named by the lost commit']);
    await store.close();
  });

  test('columns that are too short leave nothing behind', async () => {
    const { codebook } = await store.openMall(MALL);
    const sightings = { ...commitOf(MALL, 1, codebook, []).sightings, length: 5_000, device: [] as unknown };
    await expect(
      store.commit({ ...commitOf(MALL, 1, codebook, []), sightings: sightings as never }),
    ).rejects.toThrow();
    await store.commit(commitOf(MALL, 2, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    expect(await recordsOf(store.rawBetween(MALL, { fromS: 0, untilS: 2 ** 32 }))).toHaveLength(1);
    await store.close();
  });

  test('a replacement leaves the day, the customers and the other days as they were', async () => {
    const { codebook } = await store.openMall(MALL);
    const customer = { device: 3, firstSeenS: 10, lastSeenS: 20, imported: false };
    const shopDay: ShopDay = [3, 1, 1, 1, 1, 1, 0];
    const before = replacementOf(MALL, codebook, DAY, {
      totals: { day: DAY, footfall: 1, newCustomers: 1 },
      shopDays: [shopDaysOf([shopDay])],
      customers: changesOf([customer], []),
    });
    await store.replaceDay(before);
    const broke = {
      ...replacementOf(MALL, codebook, DAY, {
        shopDays: [shopDaysOf([[9, 1, 1, 1, 1, 1, 1]])],
        customers: changesOf([{ ...customer, device: 9 }], [{ ...customer, imported: true }]),
      }),
      corrections: Object.assign([{ day: DAY, newCustomers: 0, version: 9 }], {
        map: () => {
          throw broken;
        },
      }),
    };
    for (let i = 0; i < 2; i++) {
      await expect(store.replaceDay(broke)).rejects.toMatchObject({ cause: broken });
      expect(await store.dayTotals(MALL, EVER)).toEqual([before.totals]);
      expect((await store.dayStates(MALL, EVER))[0]?.settlement).toEqual(before.settlement);
      expect(shopDayRows(await store.shopDays(MALL, DAY, PAGE))).toEqual([shopDay]);
      expect(await customerRows(store.allCustomers(MALL))).toEqual([customer]);
    }
    await store.replaceDay({ ...broke, corrections: [] });
    expect(await customerRows(store.allCustomers(MALL))).toHaveLength(2);
    await store.close();
  });

  test('a mall that was not opened is a mistake of the program, and none of the store', async () => {
    const { codebook } = await store.openMall(MALL);
    await expect(store.commit(commitOf('unknown', 1, codebook, []))).rejects.toThrow(ReferenceError);
    await expect(recordsOf(store.rawOfDay('unknown', DAY))).rejects.toThrow(ReferenceError);
    await store.close();
  });
});

describe('work at the same time', () => {
  test('commits do not wait for a large replacement', async () => {
    const { store } = await openDuckDbStore({ file: newFile() });
    const { codebook } = await store.openMall(MALL);
    const length = 600_000;
    const column = new Uint32Array(length).fill(1);
    const device = Float64Array.from({ length }, (_, i) => i + 1);
    const shopDays = [
      {
        length,
        device,
        shop: column,
        visits: column,
        dwellS: column,
        firstS: column,
        lastS: column,
        hours: column,
      },
    ];
    const ended: string[] = [];
    const replaced = store
      .replaceDay(replacementOf(MALL, codebook, DAY, { shopDays }))
      .then(() => ended.push('replacement'));
    for (let number = 1; number <= 3; number++) {
      await store.commit(commitOf(MALL, number, codebook, [[DAY, number, noonOf(DAY), 0, 0, -1]]));
      ended.push('commit');
    }
    await replaced;
    expect(ended).toEqual(['commit', 'commit', 'commit', 'replacement']);
    expect((await store.shopDays(MALL, DAY, { ...PAGE, afterDevice: length - 5 })).length).toBe(5);
    await store.close();
  });

  test('commits are written in the order in which they came', async () => {
    const { store } = await openDuckDbStore({ file: ':memory:' });
    const { codebook } = await store.openMall(MALL);
    const other = await store.openMall('other');
    const ended: string[] = [];
    const rows = Array.from({ length: 50_000 }, (_, i): Record => [DAY, i + 1, noonOf(DAY), 0, 0, -1]);
    await Promise.all([
      store.commit(commitOf(MALL, 1, codebook, rows)).then(() => ended.push('large')),
      store.commit(commitOf('other', 1, other.codebook, [])).then(() => ended.push('small')),
    ]);
    expect(ended).toEqual(['large', 'small']);
    await store.close();
  });

  test('more questions than there are connections are all answered', async () => {
    const { store } = await openDuckDbStore({ file: ':memory:' });
    await store.openMall(MALL);
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.dayTotals(MALL, EVER)));
    expect(answers.flat()).toEqual([]);
    await store.close();
  });
});
