import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { readNatsSettings } from '../../../src/config/nats-settings.ts';
import { openNats } from '../../../src/ingest/nats/nats-connection.ts';
import { NatsPublisher } from '../../../src/ingest/nats/nats-publisher.ts';
import { type LostRange, openNatsSource } from '../../../src/ingest/nats/nats-source.ts';
import { ensureStreams, PROBES } from '../../../src/ingest/nats/streams.ts';
import type { Source, SourceBody } from '../../../src/ingest/source.ts';
import { type NatsServer, startNats } from '../../nats-server.ts';
import { until } from '../../system/until.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let server: NatsServer;
let nats: NatsConnection;
let publisher: NatsPublisher;
let lost: LostRange[];
const sources: Source[] = [];
beforeEach(async () => {
  server = await startNats();
  nats = await openNats(readNatsSettings({ NATS_URL: server.url }, []), { name: 'test', log });
  await ensureStreams(nats, { keepDeadLetterDays: 7, probesBytes: 1 << 28, deadLettersBytes: 1 << 26 });
  publisher = new NatsPublisher({ nats, stopwatchMs: () => performance.now(), newId: randomUUID });
  lost = [];
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  publisher.close();
  await nats.close();
  await server.dispose();
});

function open(onLoss: 'go-on' | 'stop' = 'go-on', mall = 'm'): Source {
  const source = openNatsSource({
    nats,
    mall,
    onLoss,
    onLost: (range) => lost.push(range),
    log,
    stopwatchMs: () => performance.now(),
    nowS: () => 1_700_000_000,
  });
  sources.push(source);
  return source;
}

const publish = (from: number, until: number, mall = 'm') =>
  Promise.all(
    Array.from({ length: until - from }, (_, i) => {
      return publisher.publish(`probes.${mall}`, Buffer.from(String(from + i)), headers());
    }),
  );

/** Reads on in the background. */
function read(source: Source, after?: string): { bodies: SourceBody[]; ended: Promise<unknown> } {
  const bodies: SourceBody[] = [];
  const ended = (async () => {
    for await (const body of source.bodies(after)) if (body.bytes.length > 0) bodies.push(body);
  })().catch((error: unknown) => error);
  return { bodies, ended };
}

/** Reads on only as far as it is told to. */
function openNatsReading(source: Source) {
  const bodies = source.bodies(undefined)[Symbol.asyncIterator]();
  const sequences: number[] = [];
  return {
    sequences: () => sequences,
    end: () => bodies.return?.(),
    async until(count: number) {
      while (sequences.length < count) {
        const { value } = await bodies.next();
        sequences.push(JSON.parse(value.position).sequence);
        if (value.pending === 0) return;
      }
    },
  };
}

const textsOf = (bodies: readonly SourceBody[]) => bodies.map(({ bytes }) => Buffer.from(bytes).toString());
const numbers = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, i) => String(from + i));
const arrived = (bodies: readonly SourceBody[], count: number) =>
  until(`${count} bodies`, () => bodies.length >= count, 30_000);

describe('the records of a mall on the stream', () => {
  test('come in order, those of other malls left out, and from behind any position', async () => {
    await Promise.all([publish(0, 200), publish(0, 50, 'other')]);
    const { bodies } = read(open());
    await arrived(bodies, 200);
    expect(textsOf(bodies)).toEqual(numbers(0, 200));
    expect(bodies.at(-1)!.pending).toBe(0);
    const again = read(open(), bodies[149]!.position);
    await arrived(again.bodies, 50);
    expect(textsOf(again.bodies)).toEqual(numbers(150, 200));
    expect(again.bodies.map(({ firstSlot }) => firstSlot)).toEqual(
      bodies.slice(150).map(({ firstSlot }) => firstSlot),
    );
    expect(await open().waiting!(bodies[149]!.position)).toBe(50);
    expect(await open().waiting!(undefined)).toBe(200);
    expect(lost).toEqual([]);
  });

  test('carry what was said at the door: their receipt, what was dropped, whether they are an import', async () => {
    const given = headers();
    given.set('Footfall-Received', '1718362800');
    given.set('Footfall-Dropped', '{"malformed":3,"nonsense":1}');
    given.set('Footfall-Import', 'run 1');
    await publisher.publish('probes.m', Buffer.from('x'), given);
    await publisher.publish('probes.m', Buffer.from('y'), headers());
    const { bodies } = read(open());
    await arrived(bodies, 2);
    expect(bodies[0]).toMatchObject({
      receivedAtS: 1_718_362_800,
      dropped: { malformed: 3 },
      imported: true,
    });
    expect(Math.abs(bodies[1]!.receivedAtS - Date.now() / 1_000)).toBeLessThan(60);
    expect([bodies[1]!.dropped, bodies[1]!.imported]).toEqual([undefined, undefined]);
  });

  test('are read once each and in order while the server is killed again and again', async () => {
    const { bodies } = read(open());
    for (let round = 0; round < 3; round++) {
      const sent = publish(round * 500, (round + 1) * 500);
      await until('some', () => bodies.length > round * 500 + 50);
      await server.kill();
      await server.restart();
      await sent;
    }
    await arrived(bodies, 1_500);
    // What was on its way when the server died is sent again: its order is that of the stream.
    const sequences = bodies.map(({ position }) => JSON.parse(position).sequence as number);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(bodies.length);
    expect(new Set(textsOf(bodies))).toEqual(new Set(numbers(0, 1_500)));
  }, 120_000);

  test('called again ends the reading before, though that waits', async () => {
    await publish(0, 1);
    const source = open();
    const first = read(source);
    await arrived(first.bodies, 1);
    const second = read(source, first.bodies[0]!.position);
    await first.ended;
    await publish(1, 2);
    await arrived(second.bodies, 1);
    expect([textsOf(first.bodies), textsOf(second.bodies)]).toEqual([['0'], ['1']]);
  });
});

describe('records that went unread', () => {
  test('because the stream was purged are told exactly, and reading goes on behind them', async () => {
    await publish(0, 10);
    const first = read(open());
    await arrived(first.bodies, 10);
    await publish(10, 20);
    const manager = await jetstreamManager(nats);
    await manager.streams.purge(PROBES, { seq: 16 });
    const { bodies } = read(open(), first.bodies[9]!.position);
    await arrived(bodies, 5);
    expect(textsOf(bodies)).toEqual(numbers(15, 20));
    expect(lost).toEqual([{ mall: 'm', reason: 'removed', from: 11, until: 15 }]);
  });

  test('because the stream was made anew are told, and what is there is read from its start', async () => {
    await publish(0, 10);
    const first = read(open());
    await arrived(first.bodies, 10);
    const manager = await jetstreamManager(nats);
    await manager.streams.delete(PROBES);
    await ensureStreams(nats, { keepDeadLetterDays: 7, probesBytes: 1 << 28, deadLettersBytes: 1 << 26 });
    await publish(30, 33);
    const { bodies } = read(open(), first.bodies[9]!.position);
    await arrived(bodies, 3);
    expect(textsOf(bodies)).toEqual(numbers(30, 33));
    expect(lost).toEqual([{ mall: 'm', reason: 'recreated', from: 11, until: null }]);
  });

  test("that are removed while they are read are told of exactly, and those of other malls are nobody's loss", async () => {
    // More than is read ahead, so that most of them are still on the server when they go.
    const big = Buffer.alloc(20_000, 'x');
    const sent = Array.from({ length: 6_200 }, (_, i) => {
      return publisher.publish(`probes.${i % 31 === 30 ? 'other' : 'm'}`, big, headers());
    });
    await Promise.all(sent);
    const read = openNatsReading(open());
    await read.until(10);
    const manager = await jetstreamManager(nats);
    await manager.streams.purge(PROBES, { filter: 'probes.other', seq: 6_000 });
    await read.until(20);
    await manager.streams.purge(PROBES, { seq: 5_501 });
    await read.until(Number.POSITIVE_INFINITY);
    await read.end();
    const sequences = read.sequences();
    const gaps = sequences
      .slice(1)
      .flatMap((sequence, i) =>
        sequence > 5_500 && sequences[i]! < 5_500 ? [[sequences[i]! + 1, sequence - 1]] : [],
      );
    expect(gaps).toHaveLength(1);
    expect(lost).toEqual(gaps.map(([from, until]) => ({ mall: 'm', reason: 'removed', from, until })));
    expect(sequences.at(-1)).toBe(6_199);
  });

  test('of a stream that was set back are read on, from where it ends', async () => {
    await publish(0, 10);
    const { created } = (await (await jetstreamManager(nats)).streams.info(PROBES)) as { created: string };
    const { bodies } = read(open('stop'), JSON.stringify({ stream: created, sequence: 25 }));
    await until('the source to read', () => lost.length > 0);
    await publish(10, 13);
    await arrived(bodies, 3);
    expect(textsOf(bodies)).toEqual(numbers(10, 13));
    expect(lost).toEqual([{ mall: 'm', reason: 'set_back', from: 11, until: 25 }]);
  });

  test('are read no more by a source that is closed while it begins', async () => {
    await publish(0, 1);
    const source = open();
    const { bodies, ended } = read(source);
    await source.close();
    await ended;
    expect(bodies.length).toBeLessThanOrEqual(1);
  });

  test('stop the reading where the setting says so', async () => {
    await publish(0, 3);
    const first = read(open());
    await arrived(first.bodies, 3);
    await publish(3, 6);
    await (await jetstreamManager(nats)).streams.purge(PROBES);
    await publish(6, 7);
    const error = await read(open('stop'), first.bodies[2]!.position).ended;
    expect(error).toMatchObject({ code: 'RECORDS_LOST', lost: { from: 4, until: 6 } });
  });
});

describe('a message that is published', () => {
  test('is refused with a reason when the stream is full, and nothing that was taken is lost', async () => {
    const manager = await jetstreamManager(nats);
    const { config } = await manager.streams.info(PROBES);
    await manager.streams.update(PROBES, { ...config, max_bytes: 4_096 });
    const sent = await Promise.allSettled(
      Array.from({ length: 50 }, () => publisher.publish('probes.m', Buffer.alloc(300), headers())),
    );
    const taken = sent.filter(({ status }) => status === 'fulfilled').length;
    const refused = sent.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({
      code: 'STREAM_REFUSED',
      message: expect.stringContaining('maximum bytes'),
    });
    expect((await manager.streams.info(PROBES)).state.messages).toBe(taken);
  });

  test('is refused when no stream hears it', async () => {
    await (await jetstreamManager(nats)).streams.delete(PROBES);
    await expect(publisher.publish('probes.m', Buffer.of(), headers())).rejects.toMatchObject({
      code: 'STREAM_REFUSED',
    });
  }, 30_000);
});
