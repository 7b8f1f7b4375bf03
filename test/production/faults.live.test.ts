import { randomUUID } from 'node:crypto';
import { afterEach, expect, jest, test } from '@jest/globals';
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

async function open(proxied: Parameters<typeof Fleet.open>[1] = {}): Promise<Fleet> {
  fleet = await Fleet.open([MALL], proxied);
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
  await running.caughtUp(MALL, 90_000);
  await running.settle(MALL);
  await running.hears(api, MALL);
  await running.saysSettled(api, MALL, dates);
  await expectGoldenAnswers(api.url, MALL);
  const { ingest } = await ask<{ ingest: { kept: number }[] }>(
    api.url,
    `{ ingest(mall: "${MALL}", from: "${dates[0]}", to: "${dates.at(-1)}") { kept } }`,
  );
  expect(ingest.reduce((sum, day) => sum + day.kept, 0)).toBe(kept);
}

const onFleet = describeOnlyWhere(
  HAS_FLEET,
  'faults of the production shape',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

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
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      proxy!.answer(undefined);
      proxy!.flow();
    });
    const { kept } = truthOf(MALL);
    await running.caughtUp(MALL, 90_000);
    await running.settle(MALL);
    await running.hears(api, MALL);
    await running.saysSettled(api, MALL, truthOf(MALL).dates);
    await expectGoldenAnswers(api.url, MALL);
    expect(kept).toBeGreaterThan(0);
  });

  test('two ingesters share the malls, one hangs longer than its lease and wakes', async () => {
    const running = await open();
    const api = await running.api();
    const ingesters = [await running.ingest(), await running.ingest()];
    await publishAll(2, async (time) => {
      const hung = ingesters[time]!.running.process;
      hung.kill('SIGSTOP');
      await until('another owner', async () => (await position(running)) >= 0, 30_000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 9_000));
      await publish(messages[time]!);
      hung.kill('SIGCONT');
    });
    await running.caughtUp(MALL, 90_000);
    await running.settle(MALL);
    await running.hears(api, MALL);
    await running.saysSettled(api, MALL, truthOf(MALL).dates);
    await expectGoldenAnswers(api.url, MALL);
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
    await running.caughtUp(MALL, 90_000);
    await running.settle(MALL);
    await running.hears(api, MALL);
    await running.saysSettled(api, MALL, truthOf(MALL).dates);
    await expectGoldenAnswers(api.url, MALL);
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
