import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Codebook } from '../../src/codebook.ts';
import { type DeadLetters, type Store, StoreUnavailable } from '../../src/store/store.ts';
import {
  changesOf,
  commitOf,
  customerRows,
  DAY,
  noonOf,
  type Record,
  recordsOf,
  replacementOf,
} from './examples.ts';
import type { OpenedStore, OpenStore } from './opened-store.ts';

const MALL = 'nanjing-west_01';
const NOTHING = { raw: null, customers: null };
const EVER = { from: 0, to: 40_000 };

/** What a store that is being closed, or is closed, promises. */
export function describeClosing(open: OpenStore): void {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.dispose());

  test('an open store answers', async () => {
    await expect(opened.store.ping()).resolves.toBeUndefined();
  });

  test('closing waits for what is under way', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    const records: Record[] = [[DAY, 1, noonOf(DAY), 0, 0, -1]];
    const committed = opened.store.commit(commitOf(MALL, 1, codebook, records));
    opened = await opened.reopen();
    await committed;
    await opened.store.openMall(MALL);
    expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toEqual(records);
  });

  test('closing waits for a stream that is being read', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    const many = Array.from({ length: 9_000 }, (_, i): Record => [DAY, i + 1, noonOf(DAY), 0, 0, -1]);
    await opened.store.commit(commitOf(MALL, 1, codebook, many));
    let rows = 0;
    let closed = false;
    let closing: Promise<void> | undefined;
    for await (const chunk of opened.store.rawOfDay(MALL, DAY)) {
      closing ??= opened.store.close().then(() => {
        closed = true;
      });
      expect(closed).toBe(false);
      rows += chunk.length;
    }
    await closing;
    expect(rows).toBe(9_000);
  });

  test('a stream that was left early does not hold up closing', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    const many = Array.from({ length: 9_000 }, (_, i): Record => [DAY, i + 1, noonOf(DAY), 0, 0, -1]);
    await opened.store.commit(commitOf(MALL, 1, codebook, many));
    for await (const chunk of opened.store.rawOfDay(MALL, DAY)) {
      expect(chunk.device[0]).toBe(1);
      break;
    }
    await opened.store.close();
  });

  const calls: [string, (store: Store) => Promise<unknown>][] = [
    ['openMall', (store) => store.openMall(MALL)],
    ['keepIdentity', (store) => store.keepIdentity(MALL, { fingerprint: 'a', timeZone: 'UTC' })],
    ['identities', (store) => store.identities()],
    ['commit', (store) => store.commit(commitOf(MALL, 9, new Codebook(), []))],
    ['replaceDay', (store) => store.replaceDay(replacementOf(MALL, new Codebook(), DAY))],
    ['mergeCustomers', (store) => store.mergeCustomers(MALL, changesOf([], []), [])],
    ['rawOfDay', (store) => recordsOf(store.rawOfDay(MALL, DAY))],
    ['rawBetween', (store) => recordsOf(store.rawBetween(MALL, { fromS: 0, untilS: 1 }))],
    ['lastSecondsBetween', (store) => recordsOf(store.lastSecondsBetween(MALL, { fromS: 0, untilS: 1 }))],
    ['namesOfDay', (store) => store.namesOfDay(MALL, DAY)],
    ['dayStates', (store) => store.dayStates(MALL, EVER)],
    ['dayTotals', (store) => store.dayTotals(MALL, EVER)],
    ['shopTotals', (store) => store.shopTotals(MALL, EVER)],
    ['hourTotals', (store) => store.hourTotals(MALL, EVER)],
    ['shopDays', (store) => store.shopDays(MALL, DAY, { afterDevice: 0, devicesMax: 1, visitsMin: 0 })],
    ['customers', (store) => store.customers(MALL, [1])],
    ['allCustomers', (store) => customerRows(store.allCustomers(MALL))],
    ['ingestDays', (store) => store.ingestDays(MALL, EVER)],
    ['accessPoints', (store) => store.accessPoints(MALL)],
    ['expire', (store) => store.expire(MALL, NOTHING)],
    ['ping', (store) => store.ping()],
    ['close', (store) => store.close()],
  ];
  const lettersCalls: [string, (letters: DeadLetters) => Promise<unknown>][] = [
    ['deadLetters.add', (letters) => letters.add(MALL, [])],
    ['deadLetters.list', (letters) => letters.list(MALL, { limit: 1 })],
    ['deadLetters.expire', (letters) => letters.expire(1)],
  ];
  test('a closed store rejects every call with StoreUnavailable', async () => {
    await opened.store.openMall(MALL);
    await opened.store.close();
    const { store, deadLetters } = opened;
    const asked: [string, () => Promise<unknown>][] = calls.map(([method, call]) => [
      method,
      () => call(store),
    ]);
    for (const [method, call] of deadLetters ? lettersCalls : [])
      asked.push([method, () => call(deadLetters!)]);
    for (const [method, call] of asked) {
      const error = await call().catch((reason: unknown) => reason);
      expect([method, error]).toEqual([method, expect.any(StoreUnavailable)]);
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: expect.any(Error) });
    }
  });
}
