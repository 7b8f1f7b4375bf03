import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Kvm } from '@nats-io/kv';
import { KEYS_BUCKET, NatsApiKeys } from '../../src/access/nats-api-keys.ts';
import { type ConnectedNats, connectedNats } from '../connected-nats.ts';
import { describeApiKeys, type OpenedKeys } from '../store/api-keys.contract.ts';
import { until } from '../system/until.ts';

let opened: ConnectedNats;
beforeAll(async () => {
  opened = await connectedNats();
});
afterAll(() => opened.dispose());

async function openKeys(): Promise<OpenedKeys> {
  return {
    apiKeys: await NatsApiKeys.open(opened.nats),
    reopen: openKeys,
    dispose: () =>
      new Kvm(opened.nats)
        .open(KEYS_BUCKET)
        .then((bucket) => bucket.destroy())
        .then(() => undefined),
  };
}

describe('API keys in a bucket', () => describeApiKeys(openKeys));

test('without a bucket there are no keys yet, and those that come are found', async () => {
  const keys = new NatsApiKeys(opened.nats);
  expect(await keys.list()).toEqual([]);
  const seen: string[] = [];
  const stop = await keys.watch(({ id }) => seen.push(id));
  expect(seen).toEqual([]);
  const made = await NatsApiKeys.open(opened.nats);
  await made.put({
    ...{ id: 'late00000000', name: 'late', hash: '00', malls: 'all', scopes: ['admin'] },
    ...{ createdAtS: 1, expiresAtS: null, revokedAtS: null },
  });
  await until('the key', () => seen.length > 0, 3_000);
  expect(seen).toEqual(['late00000000']);
  stop();
});
