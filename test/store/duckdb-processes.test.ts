import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import { DAY, recordsOf, recordsOfCommit } from './examples.ts';
import { kill, killStarted, runToFullDisk, startCommitting } from './store-processes.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footfall-store-'));
});
afterAll(async () => {
  killStarted();
  await rm(folder, { recursive: true });
});
const newFile = (): string => join(folder, `${++files}.duckdb`);

describe('another process', () => {
  test('breaks down when its disk is full at the wrong moment, and says so; what it had acknowledged is there', async () => {
    const file = newFile();
    const said = await runToFullDisk(file);
    const acknowledged = said.filter((line) => line.startsWith('kept ')).length;
    expect(acknowledged).toBeGreaterThan(0);
    expect(said.slice(acknowledged).sort()).toEqual([
      'broken StoreBroken',
      'close answered',
      'commit StoreBroken',
      'ping StoreBroken',
      'question StoreBroken',
    ]);
    const { store } = await openDuckDbStore({ file });
    const { commit } = await store.openMall('broken');
    expect(commit).toBeGreaterThanOrEqual(acknowledged);
    let records = 0;
    for await (const { length } of store.rawOfDay('broken', DAY)) records += length;
    expect(records).toBe(commit * 30_000);
    await store.close();
  }, 60_000);

  test('has the file: opening it says so; killed at any moment: every acknowledged commit is there, once', async () => {
    const file = newFile();
    let acknowledged = 0;
    for (let round = 1; round <= 3; round++) {
      const { child, lines } = await startCommitting(file);
      const opening = openDuckDbStore({ file });
      await expect(opening).rejects.toMatchObject({
        code: 'STORE_IN_USE',
        message: expect.stringContaining(file),
      });
      const enough = acknowledged + 15 * round;
      await new Promise<void>((resolve) => {
        lines.on('line', (line) => {
          acknowledged = Number(line);
          if (acknowledged === enough) resolve();
        });
      });
      await kill(child);
      const { store } = await openDuckDbStore({ file });
      const { commit } = await store.openMall('killed');
      expect(commit).toBeGreaterThanOrEqual(acknowledged);
      const times = new Map<number, number>();
      for (const [, device] of await recordsOf(store.rawOfDay('killed', DAY))) {
        times.set(device, (times.get(device) ?? 0) + 1);
      }
      expect([...times]).toEqual(
        Array.from({ length: commit }, (_, i) => [i + 1, recordsOfCommit(i + 1).length]),
      );
      await store.close();
    }
  });
});
