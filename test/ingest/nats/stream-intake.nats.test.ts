import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { NatsDeadLetters } from '../../../src/ingest/nats/nats-dead-letters.ts';
import { NatsPublisher } from '../../../src/ingest/nats/nats-publisher.ts';
import { openNatsSource } from '../../../src/ingest/nats/nats-source.ts';
import { StreamIntake } from '../../../src/ingest/nats/stream-intake.ts';
import { PROBES } from '../../../src/ingest/nats/streams.ts';
import type { SourceBody } from '../../../src/ingest/source.ts';
import { readMall } from '../../config/mall-folder.ts';
import { type ConnectedNats, connectedNats, ensureSmallStreams, QUIET } from '../../connected-nats.ts';
import { NOON_S, probe } from '../running-malls.ts';

const BAD = '{"user_device_mac":"somebody","occur_time":"1"}';

let opened: ConnectedNats;
let nats: NatsConnection;
let publisher: NatsPublisher;
let letters: NatsDeadLetters;
let intake: StreamIntake;
beforeEach(async () => {
  opened = await connectedNats();
  nats = opened.nats;
  await ensureSmallStreams(nats);
  publisher = new NatsPublisher({ nats, stopwatchMs: () => performance.now(), newId: randomUUID });
  letters = new NatsDeadLetters(nats, publisher);
  const mall = await readMall({});
  intake = new StreamIntake({
    mall: (code) => (code === 'm' ? mall : undefined),
    publisher,
    deadLetters: letters,
    keepRawDays: null,
  });
});
afterEach(async () => {
  publisher.close();
  await opened.dispose();
});

async function onStream(count: number): Promise<SourceBody[]> {
  const source = openNatsSource({
    nats,
    mall: 'm',
    onLoss: 'go-on',
    onLost: () => undefined,
    log: QUIET,
    stopwatchMs: () => performance.now(),
    nowS: () => NOON_S,
  });
  const bodies: SourceBody[] = [];
  for await (const body of source.bodies(undefined)) if (bodies.push(body) === count) break;
  await source.close();
  return bodies;
}

const texts = (bodies: readonly SourceBody[]) => bodies.map(({ bytes }) => Buffer.from(bytes).toString());

test('what is kept goes to the stream as it came, with its receipt and the counts of what was dropped', async () => {
  const lines = [probe(1, NOON_S), BAD, `  ${probe(2, NOON_S)}  `, 'x'];
  const receipt = await intake.receive('m', Buffer.from(lines.join('\n')), NOON_S + 5);
  expect(receipt).toEqual({ kind: 'received', kept: 2, dropped: { bad_device: 1, malformed: 1 } });
  const [body] = await onStream(1);
  expect(body).toMatchObject({ receivedAtS: NOON_S + 5, dropped: { bad_device: 1, malformed: 1 } });
  expect(texts([body!])).toEqual([`${probe(1, NOON_S)}\n${probe(2, NOON_S)}\n`]);
  const dead = await letters.list('m', { limit: 9 });
  expect(dead.map(({ reason }) => reason).sort()).toEqual(['bad_device', 'malformed']);
});

test('an array, its records on several lines, becomes a line a record', async () => {
  const array = `[${probe(1, NOON_S).replace(',', ',\r\n')},\n${probe(2, NOON_S)}]`;
  expect(await intake.receive('m', Buffer.from(array), NOON_S)).toMatchObject({ kept: 2, dropped: {} });
  const [text] = texts(await onStream(1));
  expect(
    text!
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).occur_time),
  ).toEqual([String(NOON_S), String(NOON_S)]);
});

test('more than a message may hold is cut', async () => {
  const lines = Array.from({ length: 2_500 }, (_, i) => probe(i, NOON_S));
  expect(await intake.receive('m', Buffer.from(lines.join('\n')), NOON_S)).toMatchObject({ kept: 2_500 });
  const bodies = texts(await onStream(3));
  expect(bodies.map((text) => text.trimEnd().split('\n').length)).toEqual([1_024, 1_024, 452]);
  expect(bodies.join('')).toBe(`${lines.join('\n')}\n`);
});

test('of a body that is dropped whole the counts go to the stream, for the owner’s books', async () => {
  expect(await intake.receive('m', Buffer.from(BAD), NOON_S)).toMatchObject({
    kept: 0,
    dropped: { bad_device: 1 },
  });
  expect(await onStream(1)).toMatchObject([{ dropped: { bad_device: 1 } }]);
});

test('a stream that is full refuses, and the sender is told to come back', async () => {
  const manager = await jetstreamManager(nats);
  const { config } = await manager.streams.info(PROBES);
  await manager.streams.update(PROBES, { ...config, max_bytes: 100 });
  const sent = intake.receive('m', Buffer.from(probe(1, NOON_S)), NOON_S);
  await expect(sent).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { code: 'STREAM_REFUSED' } });
});

test.each([
  ['a mall without a directory', 'other', probe(1, NOON_S), 'unknown_mall'],
  ['no records', 'm', 'hello', 'not_records'],
])('%s is told so, and nothing is published', async (_, mall, body, kind) => {
  expect(await intake.receive(mall, Buffer.from(body), NOON_S)).toMatchObject({ kind });
  expect((await (await jetstreamManager(nats)).streams.info(PROBES)).state.messages).toBe(0);
});
