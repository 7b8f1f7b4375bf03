import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import type { Frame } from '../../src/live/live.ts';
import type { PositionsUpdate } from '../../src/query/answers.ts';
import { positionUpdates } from '../../src/query/position-updates.ts';
import { dateOf, MALL, NOON_S, probe, RunningMalls } from '../ingest/running-malls.ts';

const TODAY = parseDay(dateOf(NOON_S))!;

let running: RunningMalls;
let frames: Frame[];
beforeEach(async () => {
  running = await RunningMalls.open();
  frames = [];
  running.mall.live.onFrame((frame) => frames.push(frame));
});
afterEach(() => running.close());

/** The frame of the next second. */
async function nextFrame(seconds = 1): Promise<Frame> {
  await running.passS(seconds);
  return frames.at(-1)!;
}

const device = (number: number) => running.mall.pseudonym(0xa4c361000000 + number);
const movedIn = (frame: Frame) => frame.moved.map((position) => [position.device, position.atS]);

describe('a frame', () => {
  test('says what changed since the one before, and nothing twice', async () => {
    await running.send(probe(1, NOON_S), probe(2, NOON_S));
    const first = await nextFrame();
    expect(first).toMatchObject({ atS: NOON_S + 1, changedDays: [TODAY], left: [] });
    expect(movedIn(first)).toEqual([
      [device(1), NOON_S],
      [device(2), NOON_S],
    ]);
    const second = await nextFrame();
    expect(second).toMatchObject({ number: first.number + 1, changedDays: [], moved: [], left: [] });
  });

  test('tells a device that moved several times once, where it is now', async () => {
    for (const after of [0, 2, 1]) await running.send(probe(1, NOON_S + after));
    expect(movedIn(await nextFrame(3))).toEqual([[device(1), NOON_S + 2]]);
  });

  test('marks positions that may still change as provisional, and those behind the watermark not', async () => {
    await running.send(probe(1, NOON_S - 61), probe(2, NOON_S - 60), probe(3, NOON_S - 59), probe(4, NOON_S));
    const { moved } = await nextFrame();
    expect(moved.map(({ provisional }) => provisional)).toEqual([false, false, true, true]);
  });

  test('tells once who has been silent for ten minutes, and again after a return', async () => {
    await running.send(probe(1, NOON_S), probe(2, NOON_S));
    await nextFrame();
    expect((await nextFrame(598)).left).toEqual([]);
    expect((await nextFrame()).left).toEqual([device(1), device(2)]);
    expect((await nextFrame()).left).toEqual([]);
    await running.send(probe(1, running.nowS));
    await nextFrame();
    expect((await nextFrame(600)).left).toEqual([device(1)]);
  });

  test('names a day that is opened by its first record and one that is closed by its settlement', async () => {
    await running.send(probe(1, NOON_S - 86_400));
    expect((await nextFrame()).changedDays).toEqual([TODAY - 1]);
    await running.malls.settle(MALL, {});
    expect((await nextFrame()).changedDays).toEqual([TODAY - 1]);
    expect((await nextFrame()).changedDays).toEqual([]);
  });

  test('changes when visits do, though no record came: the watermark moves on in quiet time', async () => {
    await running.send(probe(1, NOON_S));
    await nextFrame();
    const visits = () =>
      running.mall.live
        .openDay(TODAY)!
        .shops()
        .map((shop) => shop.visits);
    expect(visits()).toEqual([0]);
    const changed: number[] = [];
    for (let second = 0; second < 130 && visits()[0] === 0; second++) {
      const { changedDays } = await nextFrame();
      if (changedDays.length > 0) changed.push(second);
    }
    expect(visits()).toEqual([1]);
    expect(changed).toHaveLength(1);
  });
});

describe('a reader of positions that stalls', () => {
  const devicesOf = ({ positions }: PositionsUpdate) => positions.map((position) => position.device).sort();

  test('skips frames and is told everything at once, once; another one is not touched', async () => {
    const slow = positionUpdates(running.ask, { mall: MALL });
    const quick = positionUpdates(running.ask, { mall: MALL });
    for (const reader of [slow, quick]) expect((await reader.next()).value).toMatchObject({ full: true });
    const told: PositionsUpdate[] = [];
    for (let number = 0; number < 50; number++) {
      const next = quick.next();
      await running.send(probe(number, running.nowS));
      await nextFrame();
      told.push((await next).value);
    }
    expect(told.every(({ full, positions }) => !full && positions.length === 1)).toBe(true);
    const full: PositionsUpdate = (await slow.next()).value;
    expect(full.full).toBe(true);
    expect(devicesOf(full)).toEqual(Array.from({ length: 50 }, (_, number) => device(number)).sort());
    const next = slow.next();
    await running.send(probe(50, running.nowS));
    await nextFrame();
    expect((await next).value).toMatchObject({ full: false, positions: [{ device: device(50) }] });
    for (const reader of [slow, quick]) await reader.return!();
  });

  test('comes to the same picture as one that keeps up', async () => {
    const slow = positionUpdates(running.ask, { mall: MALL });
    const quick = positionUpdates(running.ask, { mall: MALL });
    const pictures = { slow: new Map<number, number>(), quick: new Map<number, number>() };
    const draw = (picture: Map<number, number>, update: PositionsUpdate) => {
      if (update.full) picture.clear();
      for (const { device: who, atS } of update.positions) picture.set(who, atS);
      for (const who of update.left) picture.delete(who);
    };
    draw(pictures.slow, (await slow.next()).value);
    draw(pictures.quick, (await quick.next()).value);
    for (let step = 0; step < 40; step++) {
      const next = quick.next();
      await running.send(probe(step % 7, running.nowS), probe(100 + step, running.nowS));
      await nextFrame(45);
      draw(pictures.quick, (await next).value);
      if (step % 11 === 10) draw(pictures.slow, (await slow.next()).value);
    }
    draw(pictures.slow, (await slow.next()).value);
    expect(pictures.quick.size).toBeGreaterThan(10);
    expect([...pictures.slow].sort()).toEqual([...pictures.quick].sort());
    for (const reader of [slow, quick]) await reader.return!();
  });

  test('or never reads again holds nothing back: frames stay as small as what changed', async () => {
    const stalled = positionUpdates(running.ask, { mall: MALL });
    await stalled.next();
    for (let second = 0; second < 200; second++) {
      await running.send(probe(second % 3, running.nowS));
      const { moved, left } = await nextFrame();
      expect(moved.length + left.length).toBe(1);
    }
    expect(running.mall.live.positionsSince(0)).toHaveLength(3);
    await stalled.return!();
  });
});

test('positions older than a day and an hour are let go of', async () => {
  await running.send(probe(1, NOON_S));
  await nextFrame();
  await running.passS(90_000);
  await running.passS(3_600);
  await running.send(probe(2, running.nowS));
  await nextFrame();
  expect(running.mall.live.positionsSince(0).map((position) => position.device)).toEqual([device(2)]);
});
