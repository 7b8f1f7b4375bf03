import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { KEYS_BUCKET, NatsApiKeys } from '../../src/access/nats-api-keys.ts';
import { readNatsSettings } from '../../src/config/nats-settings.ts';
import { openNats } from '../../src/ingest/nats/nats-connection.ts';
import { type NatsServer, startNats } from '../nats-server.ts';
import { describeApiKeys, type OpenedKeys } from '../store/api-keys.contract.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let server: NatsServer;
let nats: NatsConnection;
beforeAll(async () => {
  server = await startNats();
  nats = await openNats(readNatsSettings({ NATS_URL: server.url }, []), { name: 'test', log });
});
afterAll(async () => {
  await nats.close();
  await server.dispose();
});

async function openKeys(): Promise<OpenedKeys> {
  return {
    apiKeys: await NatsApiKeys.open(nats),
    reopen: openKeys,
    dispose: () =>
      new Kvm(nats)
        .open(KEYS_BUCKET)
        .then((bucket) => bucket.destroy())
        .then(() => undefined),
  };
}

describe('API keys in a bucket', () => describeApiKeys(openKeys));

test('without a bucket there are no keys yet, and those that come are found', async () => {
  const keys = new NatsApiKeys(nats);
  expect(await keys.list()).toEqual([]);
  const seen: string[] = [];
  const stop = await keys.watch(({ id }) => seen.push(id));
  expect(seen).toEqual([]);
  const made = await NatsApiKeys.open(nats);
  await made.put({
    ...{ id: 'late00000000', name: 'late', hash: '00', malls: 'all', scopes: ['admin'] },
    ...{ createdAtS: 1, expiresAtS: null, revokedAtS: null },
  });
  for (let i = 0; seen.length === 0 && i < 60; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen).toEqual(['late00000000']);
  stop();
});
