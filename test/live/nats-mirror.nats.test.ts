import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Codebook } from '../../src/codebook.ts';
import { readNatsSettings } from '../../src/config/nats-settings.ts';
import { openNats } from '../../src/ingest/nats/nats-connection.ts';
import type { Frame, LiveMall } from '../../src/live/live.ts';
import { publishFrames } from '../../src/live/nats-frames.ts';
import { type Mirror, openMirror } from '../../src/live/nats-mirror.ts';
import { DAY_S, MALL, NOON_S, probe, RunningMalls } from '../ingest/running-malls.ts';
import { type NatsServer, startNats } from '../nats-server.ts';
import { until } from '../system/until.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let server: NatsServer;
let owner: NatsConnection;
let reader: NatsConnection;
let running: RunningMalls;
let mirror: Mirror;
/** The reader's own numbers, which are others than the owner's. */
let codebook: Codebook;
let clockMs: number;
let stopPublishing: () => void;
beforeEach(async () => {
  server = await startNats();
  const settings = readNatsSettings({ NATS_URL: server.url }, []);
  owner = await openNats(settings, { name: 'owner', log });
  reader = await openNats(settings, { name: 'reader', log });
  running = await RunningMalls.open();
  codebook = new Codebook(['S9', 'S2'], [1, 2, 3]);
  clockMs = 0;
  mirror = openMirror({
    nats: reader,
    codebook: (mall) => (mall === MALL ? codebook : undefined),
    malls: () => [MALL],
    stopwatchMs: () => clockMs,
    shopDays: async () => {
      throw new Error('not asked here');
    },
  });
  await reader.flush();
  stopPublishing = publish(1);
});
afterEach(async () => {
  stopPublishing();
  mirror.close();
  await running.close();
  await owner.close();
  await reader.close();
  await server.dispose();
});

function publish(epoch: number): () => void {
  const { live, codebook: numbers } = running.mall;
  return publishFrames({ nats: owner, mall: MALL, epoch, live, codebook: numbers, rowsAsOfS: () => NOON_S });
}

/** Everything that a live mall tells, in texts instead of numbers. */
async function toldBy(live: LiveMall, book: Codebook, devices: readonly number[]) {
  const today = Math.floor((running.nowS + 9 * 3_600) / DAY_S);
  const day = live.openDay(today);
  const shopCodes = ['S1', 'S2', 'S3'];
  return {
    watermarkS: live.watermarkS,
    present: [
      live.present(running.nowS),
      ...shopCodes.map((code) => live.present(running.nowS, book.findShop(code) ?? -1)),
    ],
    positions: live
      .positionsSince(0)
      .map(({ shop, accessPoint, ...rest }) => ({
        ...rest,
        shop: book.shopCode(shop),
        ap: book.accessPointMac(accessPoint),
      }))
      .sort((a, b) => a.device - b.device),
    totals: day?.totals(),
    asOfS: day?.asOfS,
    shops: day
      ?.shops()
      .map(({ shop, ...row }) => ({ ...row, shop: book.shopCode(shop) }))
      .sort((a, b) => (a.shop < b.shop ? -1 : 1)),
    hours: day?.hours(),
    shopHours: shopCodes.map((code) => day?.hours(book.findShop(code) ?? -1)),
    accessPoints: live.accessPoints().map(({ accessPoint, shop, ...row }) => ({
      ...row,
      ap: book.accessPointMac(accessPoint),
      shop: book.shopCode(shop),
    })),
    customers: await Promise.all(devices.map((device) => live.customer(device))),
  };
}

/** Moves the clock by a second and waits until the mirror has that second's frame. */
async function second(records: readonly string[]): Promise<void> {
  if (records.length > 0) await running.send(...records);
  await running.passS(1);
  const { watermarkS } = running.mall.live;
  await until('the frame', () => {
    const live = mirror.mall(MALL);
    return live !== undefined && live.watermarkS === watermarkS && frames.at(-1)?.atS === running.nowS;
  });
}

let frames: Frame[];
const recordsOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const ap = `"ap_mac":"3c:8c:f8:00:00:0${1 + (i % 4)}"`;
    return probe(from + (i % 40), running.nowS - (i % 90), `S${1 + (i % 3)}`).replace(
      '"rssi"',
      `${ap},"rssi"`,
    );
  });

async function expectEqual(): Promise<void> {
  const devices = [1, 2, 41].map((mac) => running.mall.pseudonym(0xa4c361000000 + mac));
  const { live, codebook: numbers } = running.mall;
  expect(await toldBy(mirror.mall(MALL)!, codebook, devices)).toEqual(await toldBy(live, numbers, devices));
}

async function listen(): Promise<void> {
  frames = [];
  await until('the mirror to know the mall', () => {
    clockMs += 500;
    return mirror.mall(MALL) !== undefined;
  });
  mirror.mall(MALL)!.onFrame((frame) => frames.push(frame));
}

describe('a mirror', () => {
  test('answers as the fold does, after every frame, in its own numbers', async () => {
    await listen();
    for (let round = 0; round < 8; round++) {
      await second(recordsOf(round * 7, 60));
      await expectEqual();
    }
    expect(frames.map(({ number }) => number)).toEqual(frames.map((_, i) => frames[0]!.number + i));
  });

  test('that missed frames asks for the whole, and tells its readers that they missed some', async () => {
    await listen();
    await second(recordsOf(0, 30));
    const before = frames.at(-1)!.number;
    // A frame that nobody gets.
    const { publish: send } = owner;
    owner.publish = () => undefined;
    await running.send(...recordsOf(50, 30));
    await running.passS(1);
    owner.publish = send;
    clockMs += 2_000;
    await running.passS(1);
    await until('the whole', () => frames.at(-1)!.number > before + 1);
    clockMs += 2_000;
    await second(recordsOf(9, 20));
    await expectEqual();
  });

  test('follows a new owner, and does not hear one that it has followed on', async () => {
    await listen();
    await second(recordsOf(0, 30));
    const old = publish(1);
    stopPublishing();
    stopPublishing = publish(2);
    clockMs += 2_000;
    await running.passS(1);
    await until('the new owner', async () => {
      clockMs += 500;
      await running.passS(1);
      return (mirror.mall(MALL) as unknown as { epoch: number }).epoch === 2;
    });
    old();
    await second(recordsOf(60, 30));
    await expectEqual();
  });

  test('is stale when three seconds bring no frame, and not once they come again', async () => {
    await listen();
    await second([]);
    expect([mirror.mall(MALL)!.stale, mirror.stale()]).toEqual([false, []]);
    clockMs += 3_001;
    expect([mirror.mall(MALL)!.stale, mirror.stale()]).toEqual([true, [MALL]]);
    await second([]);
    expect(mirror.mall(MALL)!.stale).toBe(false);
  });

  test('of a mall that nobody folds is none', async () => {
    stopPublishing();
    expect(mirror.stale()).toEqual([MALL]);
    expect(mirror.mall('other')).toBeUndefined();
  });
});
