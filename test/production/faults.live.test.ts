import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { NatsPublisher } from '../../src/ingest/nats/nats-publisher.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { expectGoldenAnswers } from '../system/golden-answers.ts';
import { probesOf, truthOf } from '../system/golden-files.ts';
import { ask } from '../system/system.ts';
import { until } from '../system/until.ts';
import { Fleet, type FleetProcess, HAS_FLEET } from './fleet.ts';
import { openProxy, type StallingProxy } from './stalling-proxy.ts';

jest.setTimeout(280_000);

const MALL = 'berlin-autumn';
const LINES = probesOf(MALL).toString('latin1').trimEnd().split('\n');
const MESSAGE_LINES = 40;
const LEAPING_CLOCK = new URL('leaping-clock.mjs', import.meta.url).href;

let fleet: Fleet | undefined;
let publisher: NatsPublisher;
const proxies: StallingProxy[] = [];
afterEach(async () => {
  publisher?.close();
  await fleet?.close();
  fleet = undefined;
  for (const proxy of proxies.splice(0)) await proxy.close();
});

const messages = Array.from({ length: Math.ceil(LINES.length / MESSAGE_LINES) }, (_, i) =>
  Buffer.from(LINES.slice(i * MESSAGE_LINES, (i + 1) * MESSAGE_LINES).join('\n'), 'latin1'),
);

async function open(influxFolder?: string): Promise<Fleet> {
  fleet = await Fleet.open([MALL], influxFolder);
  publisher = new NatsPublisher({
    nats: fleet.nats,
    stopwatchMs: () => performance.now(),
    newId: randomUUID,
  });
  return fleet;
}

const publish = (bytes: Uint8Array) => publisher.publish(`probes.${MALL}`, bytes, headers());

/** Publishes every message, and from time to time lets something happen. */
async function publishAll(times: number, happen: (time: number) => Promise<void>): Promise<void> {
  const every = Math.floor(messages.length / (times + 1));
  for (const [i, message] of messages.entries()) {
    await publish(message);
    if (i % every === every - 1 && i / every < times) await happen(Math.floor(i / every));
  }
}

/** Every answer is the golden one, and every record was counted exactly once. */
async function expectExact(running: Fleet, api: FleetProcess): Promise<void> {
  const { dates, kept } = truthOf(MALL);
  await expectGolden(running, api);
  const { ingest } = await ask<{ ingest: { kept: number }[] }>(
    api.url,
    `{ ingest(mall: "${MALL}", from: "${dates[0]}", to: "${dates.at(-1)}") { kept } }`,
  );
  expect(ingest.reduce((sum, day) => sum + day.kept, 0)).toBe(kept);
}

/** As `expectExact`, where some messages were published more than once. */
async function expectGolden(running: Fleet, api: FleetProcess): Promise<void> {
  await running.caughtUp(MALL, 90_000);
  await running.settle(MALL);
  await running.hears(api, MALL);
  await running.saysSettled(api, MALL, truthOf(MALL).dates);
  await expectGoldenAnswers(api.url, MALL);
}

const onFleet = describeOnlyWhere(
  HAS_FLEET,
  'faults of the production shape',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

const SMALL_DISK = HAS_FLEET ? mountSmallDisk() : undefined;
afterAll(() => {
  if (SMALL_DISK !== undefined) spawnSync('umount', ['--lazy', SMALL_DISK]);
});

/** A disk of 192 MiB in memory; undefined without the right to mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'footfall-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=192m', 'tmpfs', folder]);
  return status === 0 ? folder : undefined;
}

/** Takes all the room that is left. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (let bytes = 1 << 20; bytes >= 1_024; bytes >>= 1) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(bytes, 1));
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(handle);
  }
}

describeOnlyWhere(
  SMALL_DISK !== undefined,
  'a full disk',
  'influxd is not there, or this user may not mount a small tmpfs to fill',
)('InfluxDB on a disk that is full', () => {
  test('makes ingest pause and say so; what waits in the stream is kept once there is room again', async () => {
    const running = await open(SMALL_DISK);
    const [api, ingester] = await Promise.all([running.api(), running.ingest()]);
    const half = messages.length >> 1;
    for (const message of messages.slice(0, half)) await publish(message);
    await running.caughtUp(MALL);
    const filler = join(SMALL_DISK!, 'filler');
    fill(filler);
    for (const message of messages.slice(half)) await publish(message);
    await until('the ingester to say that it cannot keep', async () => {
      const { status } = await fetch(`${ingester.url}/readyz`);
      return status === 503;
    });
    rmSync(filler);
    // A shard that it could not open on the full disk it tries no more: the runbook says to start it again.
    await running.influx.kill();
    await running.influx.restart();
    await expectExact(running, api);
  });
});

onFleet('whatever breaks, every record counts once', () => {
  test('ingesters are killed twenty times while records come', async () => {
    const running = await open();
    const api = await running.api();
    let ingester = await running.ingest();
    await publishAll(20, async (time) => {
      // Now in the middle of opening the mall, now while it reads, now while it keeps.
      if (time % 3 === 1)
        await until('something kept', async () => (await position(running)) > 0, 30_000).catch(() => 0);
      await running.kill(ingester);
      ingester = await running.ingest();
    });
    await expectExact(running, api);
  });

  test('nats-server and influxd are killed and come back', async () => {
    const running = await open();
    const [api] = await Promise.all([running.api(), running.ingest()]);
    await publishAll(4, async (time) => {
      const server = time % 2 === 0 ? running.natsServer : running.influx;
      await server.kill();
      await server.restart();
    });
    await expectExact(running, api);
  });

  test('the way to InfluxDB stalls, breaks, and answers that it is busy, or failing', async () => {
    let proxy: StallingProxy | undefined;
    const running = await open();
    proxy = await openProxy(Number(new URL(running.influx.url).port));
    proxies.push(proxy);
    const api = await running.api();
    await running.ingest({ INFLUX_URL: `http://127.0.0.1:${proxy.port}` });
    const refusal = (status: string) =>
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`;
    const faults = [
      () => proxy!.reset(),
      () => proxy!.stall(),
      () => proxy!.answer(refusal('503 Service Unavailable')),
      () => proxy!.answer(refusal('429 Too Many Requests')),
      () => proxy!.answer(refusal('500 Internal Server Error')),
    ];
    await publishAll(faults.length, async (time) => {
      faults[time]!();
      for (let i = 0; i < 3; i++) await publish(messages[0]!);
      await pause(1_000);
      proxy!.answer(undefined);
      proxy!.flow();
    });
    await expectGolden(running, api);
  });

  test('two ingesters share the malls, one hangs longer than its lease and wakes', async () => {
    const running = await open();
    const api = await running.api();
    const ingesters = [await running.ingest(), await running.ingest()];
    await publishAll(2, async (time) => {
      const hung = ingesters[time]!.running.process;
      hung.kill('SIGSTOP');
      await until('another owner', async () => (await position(running)) >= 0, 30_000).catch(() => undefined);
      await pause(9_000);
      await publish(messages[time]!);
      hung.kill('SIGCONT');
    });
    await expectGolden(running, api);
  });

  test('messages come in another order, many of them twice, and one that is no record a thousand times', async () => {
    const running = await open();
    const [api] = await Promise.all([running.api(), running.ingest()]);
    const shuffled = [...messages, ...messages.slice(0, 50)].map((bytes, i) => ({
      bytes,
      at: (i * 7_919) % 4_001,
    }));
    shuffled.sort((a, b) => a.at - b.at);
    await Promise.all(
      Array.from({ length: 1_000 }, () => publish(Buffer.from('\u0000{{{"user_device_mac":'))),
    );
    for (const { bytes } of shuffled) await publish(bytes);
    await expectGolden(running, api);
  });

  test('an ingester loses the way to NATS: stalled past its lease, reset, open in one direction alone', async () => {
    const running = await open();
    const proxy = await openProxy(running.natsServer.port);
    proxies.push(proxy);
    const api = await running.api();
    await running.ingest({ NATS_URL: `nats://127.0.0.1:${proxy.port}` });
    const faults = [() => proxy.stall(), () => proxy.reset(), () => proxy.halfClose()];
    await publishAll(faults.length, async (time) => {
      faults[time]!();
      for (let i = 0; i < 3; i++) await publish(messages[0]!);
      // Only what stalls is felt for longer than a lease holds.
      await pause(time === 0 ? 9_000 : 1_500);
      proxy.flow();
    });
    await expectGolden(running, api);
  });

  test('the clock of an ingester leaps two days ahead, and three back', async () => {
    const running = await open();
    const api = await running.api();
    const ingester = await running.ingest({ NODE_OPTIONS: `--import=${LEAPING_CLOCK}` });
    await publishAll(2, async () => {
      ingester.running.process.kill('SIGUSR2');
      await pause(3_000);
    });
    await expectExact(running, api);
  });

  test('the stream is made anew while an ingester reads it', async () => {
    const running = await open();
    const [api, ingester] = await Promise.all([running.api(), running.ingest()]);
    const half = messages.length >> 1;
    for (const message of messages.slice(0, half)) await publish(message);
    await running.caughtUp(MALL);
    const { streams } = await jetstreamManager(running.nats);
    const { config } = await streams.info('PROBES');
    await streams.delete('PROBES');
    await streams.add(config);
    for (const message of messages.slice(half)) await publish(message);
    await expectExact(running, api);
    const metrics = await (await fetch(`${ingester.url}/metrics`)).text();
    expect(metrics).toContain(`footfall_stream_lost_messages_total{mall="${MALL}",reason="recreated"} 1`);
  });

  test('a stream that was purged unread is told of exactly, and nothing is made up', async () => {
    const running = await open();
    const ingester = await running.ingest();
    for (const message of messages.slice(0, 20)) await publish(message);
    await running.caughtUp(MALL);
    await running.kill(ingester);
    for (const message of messages.slice(20, 40)) await publish(message);
    await (await jetstreamManager(running.nats)).streams.purge('PROBES', { seq: 31 });
    const next = await running.ingest();
    await running.caughtUp(MALL);
    const metrics = await (await fetch(`${next.url}/metrics`)).text();
    expect(metrics).toContain(`footfall_stream_lost_messages_total{mall="${MALL}",reason="removed"} 10`);
  });
});

/** The sequence up to which the mall is kept; −1 while nobody says. */
async function position(running: Fleet): Promise<number> {
  const text = await running.owners.position(MALL).catch(() => undefined);
  return text === undefined ? -1 : (JSON.parse(text).sequence as number);
}
