import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { Counter, Registry } from 'prom-client';
import { RECEIVED } from '../../../src/ingest/nats/message-headers.ts';
import { NatsDeadLetters } from '../../../src/ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../../../src/ingest/nats/nats-publisher.ts';
import { readUnowned } from '../../../src/ingest/nats/unowned-malls.ts';
import type { DeadLetters } from '../../../src/store/store.ts';
import { type ConnectedNats, connectedNats, ensureSmallStreams, QUIET } from '../../connected-nats.ts';
import { until } from '../../system/until.ts';

const RECORD = '{"user_device_mac":"aa:bb:cc:dd:ee:ff","occur_time":"1700000000"}';
const MASKED = 'aa:bb:cc:xx:xx:xx';

let opened: ConnectedNats;
let nats: NatsConnection;
let publisher: NatsPublisher;
let letters: NatsDeadLetters;
let records: Counter<'mall' | 'result'>;
let known: Set<string>;
beforeEach(async () => {
  opened = await connectedNats();
  nats = opened.nats;
  await ensureSmallStreams(nats);
  publisher = new NatsPublisher({ nats, stopwatchMs: () => performance.now(), newId: randomUUID });
  letters = new NatsDeadLetters(nats, publisher);
  records = new Counter({
    name: 'records',
    help: 'what came',
    labelNames: ['mall', 'result'],
    registers: [new Registry()],
  });
  known = new Set(['known']);
});
afterEach(async () => {
  publisher.close();
  await opened.dispose();
});

const publish = (mall: string, body: string, about = headers()) =>
  publisher.publish(`probes.${mall}`, Buffer.from(body), about);

/** Reads until told to stop, which resolves once it has. */
function reading(deadLetters: Pick<DeadLetters, 'add'> = letters): () => Promise<void> {
  const stopping = new AbortController();
  const done = readUnowned({
    nats,
    deadLetters: deadLetters as DeadLetters,
    isKnown: (mall) => known.has(mall),
    records,
    log: QUIET,
    signal: stopping.signal,
  });
  return async () => {
    stopping.abort();
    await done;
  };
}

const found = (mall: string) => letters.list(mall, { limit: 5_000 });

test('each line of an unknown mall becomes a masked letter; what has a directory is left to its owner', async () => {
  const about = headers();
  about.set(RECEIVED, '1700000007');
  await publish('known', RECORD);
  await publish('lost', `${RECORD}\n\n  \nhello\n`, about);
  const stop = reading();
  await until('both letters', async () => (await found('lost')).length === 2);
  await stop();
  const [newest, oldest] = await found('lost');
  expect([newest!.body, oldest!.body]).toEqual(['hello', RECORD.replace('aa:bb:cc:dd:ee:ff', MASKED)]);
  expect(oldest).toMatchObject({ reason: 'unknown_mall', receivedAtS: 1_700_000_007 });
  expect(oldest!.detail).toContain('no directory describes a mall "lost"');
  expect(await found('known')).toEqual([]);
  expect((await records.get()).values).toMatchObject([{ value: 2, labels: { result: 'unknown_mall' } }]);
});

test('whoever reads next goes on behind the last: more than a batch, each once', async () => {
  const sent = (from: number, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => publish('lost', `line ${from + i}`)));
  await sent(0, 1_200);
  const stop = reading();
  await until('all of them', async () => (await found('lost')).length === 1_200);
  await stop();
  await sent(1_200, 3);
  const stopNext = reading();
  await until('three more', async () => (await found('lost')).length >= 1_203);
  await stopNext();
  const bodies = (await found('lost')).map(({ body }) => body);
  expect(bodies.length).toBe(1_203);
  expect(new Set(bodies).size).toBe(1_203);
});

test('what was read of a mall while it had a directory does not become a letter when it loses it', async () => {
  await publish('known', RECORD);
  await publish('lost', 'x');
  const stop = reading();
  await until('the letter', async () => (await found('lost')).length === 1);
  await stop();
  known.clear();
  await publish('known', 'after');
  const stopNext = reading();
  await until('the letter', async () => (await found('known')).length > 0);
  await stopNext();
  expect((await found('known')).map(({ body }) => body)).toEqual(['after']);
});

test('more unknown malls than a question can name are read all the same', async () => {
  const malls = Array.from({ length: 230 }, (_, i) => `lost-${i}`);
  await publish('known', RECORD);
  await Promise.all(malls.map((mall) => publish(mall, 'x')));
  const stop = reading();
  await until('the last', async () => (await records.get()).values[0]?.value === malls.length);
  await stop();
  expect(await found('lost-229')).toHaveLength(1);
  expect(await found('known')).toEqual([]);
});

test('letters that cannot be kept are read again', async () => {
  await publish('lost', 'x');
  let failures = 2;
  const stop = reading({
    add: (mall, batch) => (failures-- > 0 ? Promise.reject(new Error('full')) : letters.add(mall, batch)),
  });
  await until('the letter', async () => (await found('lost')).length === 1);
  await stop();
  expect(failures).toBe(-1);
});
