import { afterEach, describe, expect, test } from '@jest/globals';
import type { DensityUpdate, PositionsUpdate } from '../../src/query/answers.ts';
import { densityUpdates } from '../../src/query/density-updates.ts';
import { positionUpdates } from '../../src/query/position-updates.ts';
import { directory, MALL, TestMall } from './test-mall.ts';
import { isPending } from './waiting.ts';

let mall: TestMall;
afterEach(() => mall.close());

/** An update with the devices by the numbers that the test gave them. */
function told({ full, positions, left, atS }: PositionsUpdate): unknown {
  const numbers = new Map(Array.from({ length: 10 }, (_, i) => [mall.device(i), i]));
  const moved = positions.map(({ device, shop }) => `${numbers.get(device)} in ${shop?.code ?? 'no shop'}`);
  return {
    full,
    moved: moved.sort(),
    left: left.map((device) => numbers.get(device)).sort(),
    agoS: mall.nowS - atS,
  };
}

const at = (second: number) => `2024-06-14 12:00:${String(second).padStart(2, '0')}`;

async function nextOf<T>(next: Promise<IteratorResult<T>>): Promise<T> {
  const { value, done } = await next;
  if (done === true) throw new Error('no more updates');
  return value;
}

describe('positions as they change', () => {
  test('all in view at the start, then those that moved and who left', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear(
      [1, at(0), 'A', 1, -50],
      [2, '2024-06-14 11:50:02', 'B', 1, -50],
      [3, '2024-06-14 11:50:00', 'B'],
    );
    mall.tick(0);
    const updates = positionUpdates(mall.ask, { mall: MALL });
    const next = () => nextOf(updates.next()).then(told);
    expect(await next()).toEqual({ full: true, moved: ['1 in A', '2 in B'], left: [], agoS: 0 });
    const moved = next();
    await mall.hear([1, at(1), 'B', 1, -50], [4, '2024-06-14 11:40:00', 'A']);
    mall.tick();
    expect(await moved).toEqual({ full: false, moved: ['1 in B'], left: [4], agoS: 0 });
    const left = next();
    mall.tick();
    expect(await left).toEqual({ full: false, moved: [], left: [2], agoS: 0 });
    const quiet = updates.next();
    mall.tick();
    mall.tick();
    expect(await isPending(quiet)).toBe(true);
    await updates.return!();
  });

  test('of a shop: who came in, moved in it, went elsewhere or fell silent', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear(
      [1, at(0), 'A', 1, -50],
      [2, at(0), 'B', 1, -50],
      [5, '2024-06-14 11:50:03', 'A', 1, -50],
    );
    mall.tick(0);
    const updates = positionUpdates(mall.ask, { mall: MALL, shop: 'A' });
    const next = () => nextOf(updates.next()).then(told);
    expect(await next()).toEqual({ full: true, moved: ['1 in A', '5 in A'], left: [], agoS: 0 });
    const changed = next();
    await mall.hear([1, at(1), 'B', 1, -50], [2, at(1), 'A', 1, -50], [3, at(1), 'C', 1, -50]);
    mall.tick();
    expect(await changed).toEqual({ full: false, moved: ['2 in A'], left: [1], agoS: 0 });
    // What happens in other shops is no news here.
    const silent = updates.next();
    await mall.hear([1, at(2), 'C', 1, -50], [3, at(2), '', 1, -50]);
    mall.tick();
    expect(await isPending(silent)).toBe(true);
    mall.tick();
    expect(told(await nextOf(silent))).toEqual({ full: false, moved: [], left: [5], agoS: 0 });
    await updates.return!();
  });

  test('a shop that no record named yet is followed from its first one on', async () => {
    mall = await TestMall.open({ now: at(0) });
    const updates = positionUpdates(mall.ask, { mall: MALL, shop: 'New' });
    expect(told(await nextOf(updates.next()))).toEqual({ full: true, moved: [], left: [], agoS: 0 });
    const next = updates.next();
    await mall.hear([1, at(0), 'New', 1, -50]);
    mall.tick();
    expect(told(await nextOf(next))).toEqual({ full: false, moved: ['1 in New'], left: [], agoS: 0 });
    await updates.return!();
  });

  test('of a shop: whoever left it in a frame that was missed does not leave it again', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear([1, at(0), 'A', 1, -50]);
    mall.tick(0);
    const updates = positionUpdates(mall.ask, { mall: MALL, shop: 'A' });
    await updates.next();
    await mall.hear([1, at(1), 'B', 1, -50]);
    mall.tick();
    mall.tick();
    expect(told(await nextOf(updates.next()))).toEqual({ full: true, moved: [], left: [], agoS: 0 });
    const quiet = updates.next();
    await mall.hear([1, at(3), 'B', 1, -50]);
    mall.tick();
    expect(await isPending(quiet)).toBe(true);
    await updates.return!();
  });

  test('all again for a reader that missed a frame, and only for that one', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear([1, at(0), 'A', 1, -50]);
    mall.tick(0);
    for (const shop of [undefined, 'A']) {
      const args = shop === undefined ? { mall: MALL } : { mall: MALL, shop };
      const slow = positionUpdates(mall.ask, args);
      const quick = positionUpdates(mall.ask, args);
      await Promise.all([slow.next(), quick.next()]);
      const { nowS } = mall;
      const second = (ahead: number) =>
        new Date((nowS + ahead) * 1_000).toISOString().slice(0, 19).replace('T', ' ');
      await mall.hear([1, second(1), 'A', 1, -50]);
      mall.tick();
      expect(told(await nextOf(quick.next()))).toEqual({
        full: false,
        moved: ['1 in A'],
        left: [],
        agoS: 0,
      });
      await mall.hear([2, second(2), 'A', 1, -50]);
      mall.tick();
      expect(told(await nextOf(slow.next()))).toEqual({
        full: true,
        moved: ['1 in A', '2 in A'],
        left: [],
        agoS: 0,
      });
      expect(told(await nextOf(quick.next()))).toEqual({
        full: false,
        moved: ['2 in A'],
        left: [],
        agoS: 0,
      });
      const next = slow.next();
      await mall.hear([2, second(3), 'A', 1, -50]);
      mall.tick();
      expect(told(await nextOf(next))).toEqual({ full: false, moved: ['2 in A'], left: [], agoS: 0 });
      await Promise.all([slow.return!(), quick.return!()]);
    }
  });
});

describe('density as it changes', () => {
  const cells = ({ full, cells }: DensityUpdate) => ({
    full,
    cells: cells.map(({ x, y, devices }) => [x, y, devices]),
  });

  test('all cells at the start, then those that changed, emptied ones too', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear([1, at(0), 'A', 1, -50], [2, '2024-06-14 11:59:02', 'A', 2, -50]);
    mall.tick(0);
    const updates = densityUpdates(mall.ask, { mall: MALL });
    const next = () => nextOf(updates.next()).then(cells);
    expect(await next()).toEqual({
      full: true,
      cells: [
        [0, 0, 1],
        [500, 0, 1],
      ],
    });
    const moved = next();
    await mall.hear([1, at(1), 'A', 3, -50]);
    mall.tick();
    expect(await moved).toEqual({
      full: false,
      cells: [
        [-500, 0, 1],
        [0, 0, 0],
      ],
    });
    const emptied = next();
    mall.tick();
    expect(await emptied).toEqual({ full: false, cells: [[500, 0, 0]] });
    const quiet = updates.next();
    await mall.hear([1, at(2), 'A', 3, -50]);
    mall.tick();
    expect(await isPending(quiet)).toBe(true);
    await updates.return!();
  });

  test('all cells again for a reader that missed a frame, and when the grid changed', async () => {
    mall = await TestMall.open({ now: at(0) });
    await mall.hear([1, at(0), 'A', 1, -50], [2, at(0), 'A', 2, -50]);
    mall.tick(0);
    const updates = densityUpdates(mall.ask, { mall: MALL });
    const next = () => nextOf(updates.next()).then(cells);
    await next();
    mall.tick();
    mall.tick();
    expect(await next()).toEqual({
      full: true,
      cells: [
        [0, 0, 1],
        [500, 0, 1],
      ],
    });
    await mall.opened.directoryChanged(directory({ settings: { densityCell: 1_000 } }));
    mall.tick();
    expect(await next()).toEqual({ full: true, cells: [[0, 0, 2]] });
    await updates.return!();
  });
});
