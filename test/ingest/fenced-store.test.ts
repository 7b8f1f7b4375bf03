import { afterEach, describe, expect, test } from '@jest/globals';
import { fencedStore } from '../../src/ingest/fenced-store.ts';
import { changesOf, commitOf, DAY, noonOf, recordsOf, replacementOf } from '../store/examples.ts';
import { RunningMalls } from './running-malls.ts';

const MALL = 'shared';

let running: RunningMalls;
afterEach(() => running.close());

describe('a store of a mall that may belong to another process by now', () => {
  test('writes nothing, says why, and answers all the same', async () => {
    running = await RunningMalls.open();
    let mine = true;
    const store = fencedStore(running.store, MALL, () => mine);
    const { codebook } = await store.openMall(MALL);
    await store.commit(commitOf(MALL, 1, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    mine = false;
    const writes = [
      () => store.commit(commitOf(MALL, 2, codebook, [[DAY, 2, noonOf(DAY), 0, 0, -1]])),
      () => store.replaceDay(replacementOf(MALL, codebook, DAY)),
      () => store.mergeCustomers(MALL, changesOf([], []), []),
      () => store.keepIdentity(MALL, { fingerprint: 'aa', timeZone: 'UTC' }),
      () => store.expire(MALL, { raw: DAY + 1, customers: null }),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'NO_LONGER_OWNER' });
    expect(await recordsOf(store.rawOfDay(MALL, DAY))).toHaveLength(1);
    expect(
      (await store.dayStates(MALL, { from: 0, to: 40_000 })).map(({ settlement }) => settlement),
    ).toEqual([null]);
  });
});
