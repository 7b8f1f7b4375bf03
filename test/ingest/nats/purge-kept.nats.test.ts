import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { purgeKept, streamFilled } from '../../../src/ingest/nats/purge-kept.ts';
import { PROBES } from '../../../src/ingest/nats/streams.ts';
import { type ConnectedNats, connectedNats, ensureSmallStreams } from '../../connected-nats.ts';

const MESSAGE = Buffer.alloc(1_000);

let opened: ConnectedNats;
let nats: NatsConnection;
let manager: JetStreamManager;
let created: string;
beforeEach(async () => {
  opened = await connectedNats();
  nats = opened.nats;
  await ensureSmallStreams(nats);
  manager = await jetstreamManager(nats);
  ({ created } = await manager.streams.info(PROBES));
  // Sequences 1, 3, 5 ... are of mall a, the others of mall b.
  for (let nth = 0; nth < 10; nth++) await jetstream(nats).publish(`probes.${nth % 2 ? 'b' : 'a'}`, MESSAGE);
});
afterEach(async () => {
  await opened.dispose();
});

async function boundTo(share: number): Promise<void> {
  const { config, state } = await manager.streams.info(PROBES);
  await manager.streams.update(PROBES, { ...config, max_bytes: Math.floor(state.bytes / share) });
}

async function left(): Promise<Record<string, number>> {
  return (await manager.streams.info(PROBES, { subjects_filter: '>' })).state.subjects ?? {};
}

const at = (sequence: number, stream = created) => JSON.stringify({ stream, sequence });

test('a stream with room is left alone', async () => {
  await boundTo(0.79);
  expect(await purgeKept(nats, new Map([['a', at(9)]]))).toBeCloseTo(0.79, 2);
  expect(await left()).toEqual({ 'probes.a': 5, 'probes.b': 5 });
});

test('a full one loses what its malls have kept, up to their positions and of no other mall', async () => {
  await boundTo(0.9);
  const filled = await purgeKept(nats, new Map([['a', at(5)]]));
  expect(await left()).toEqual({ 'probes.a': 2, 'probes.b': 5 });
  expect(filled).toBeCloseTo(0.63, 2);
  expect(await streamFilled(nats)).toBe(filled);
  for (const seq of [1, 3, 5]) expect(await manager.streams.getMessage(PROBES, { seq })).toBeNull();
  expect((await manager.streams.getMessage(PROBES, { seq: 7 }))?.subject).toBe('probes.a');
});

test('a position in a stream that is gone removes nothing', async () => {
  await boundTo(1);
  await purgeKept(nats, new Map([['a', at(9, '2020-01-01T00:00:00Z')]]));
  expect(await left()).toEqual({ 'probes.a': 5, 'probes.b': 5 });
});

test('a stream without a bound is never full', async () => {
  const { config } = await manager.streams.info(PROBES);
  await manager.streams.update(PROBES, { ...config, max_bytes: -1 });
  expect(await purgeKept(nats, new Map([['a', at(9)]]))).toBe(0);
  expect(await left()).toEqual({ 'probes.a': 5, 'probes.b': 5 });
});
