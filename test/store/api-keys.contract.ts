import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ApiKey, ApiKeys } from '../../src/store/store.ts';
import { until } from '../system/until.ts';

export interface OpenedKeys {
  readonly apiKeys: ApiKeys;
  /** The same keys, as another start of the program finds them. */
  reopen(): Promise<OpenedKeys>;
  dispose(): Promise<void>;
}

export function describeApiKeys(open: () => Promise<OpenedKeys>): void {
  let opened: OpenedKeys;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.dispose());

  const key = (id: string, more: Partial<ApiKey> = {}): ApiKey => ({
    id,
    name: `the "wall" of ${id} ☂`,
    hash: 'ab'.repeat(32),
    malls: ['a', 'b-1'],
    scopes: ['analytics', 'positions'],
    createdAtS: 1_718_362_800,
    expiresAtS: null,
    revokedAtS: null,
    ...more,
  });

  test('there are none at first', async () => {
    expect(await opened.apiKeys.list()).toEqual([]);
    (await opened.apiKeys.watch(() => undefined))();
  });

  test('keys are listed oldest first, as they were put, after a restart too', async () => {
    const keys = [
      key('second000000', { createdAtS: 200, malls: 'all', expiresAtS: 4_000_000_000 }),
      key('first0000000', { createdAtS: 100, revokedAtS: 300 }),
      key('third0000000', { createdAtS: 200, scopes: ['admin'] }),
    ];
    for (const put of keys) await opened.apiKeys.put(put);
    const inOrder = [keys[1], keys[0], keys[2]];
    expect(await opened.apiKeys.list()).toEqual(inOrder);
    opened = await opened.reopen();
    expect(await opened.apiKeys.list()).toEqual(inOrder);
  });

  test('a key that is put again replaces the one of its id', async () => {
    await opened.apiKeys.put(key('same00000000'));
    await opened.apiKeys.put(key('other0000000'));
    const revoked = key('same00000000', { revokedAtS: 1_718_362_900 });
    await opened.apiKeys.put(revoked);
    expect(await opened.apiKeys.list()).toEqual([key('other0000000'), revoked]);
  });

  test('who watches is told of every key that is put, until they stop', async () => {
    const seen: string[] = [];
    const stop = await opened.apiKeys.watch(({ id, revokedAtS }) => seen.push(`${id} ${revokedAtS}`));
    await opened.apiKeys.put(key('watched00000'));
    await until('the key', () => seen.includes('watched00000 null'), 3_000);
    await opened.apiKeys.put(key('watched00000', { revokedAtS: 7 }));
    await until('its end', () => seen.at(-1) === 'watched00000 7', 2_000);
    stop();
    const before = seen.length;
    const others: string[] = [];
    const stopOther = await opened.apiKeys.watch(({ id }) => others.push(id));
    // Whoever still watched would have been told of the first by the time that the second is seen.
    for (const id of ['unwatched000', 'unwatched001']) {
      await opened.apiKeys.put(key(id));
      await until('a watcher to be told', () => others.includes(id), 3_000);
    }
    stopOther();
    expect(seen.length).toBe(before);
  });
}
