import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LastPositions } from '../../src/fold/last-positions.ts';
import type { Position } from '../../src/terms.ts';
import { PRESENT_S } from '../../src/windows.ts';
import { ACCESS_POINTS, columnsOf, createCodebook, DAY_START_S, heard, SHOPS } from './folding.ts';
import { lastPositionsByTheRules } from './live-fold.ts';
import type { Heard } from './reference.ts';

function positionsOf(...records: readonly Heard[]) {
  const codebook = createCodebook();
  const positions = new LastPositions(codebook);
  const hear = (...more: readonly Heard[]) => {
    const columns = columnsOf(more, codebook);
    for (let i = 0; i < columns.length; i++) positions.hear(columns, i);
  };
  hear(...records);
  const told = ({ device, atS, shop }: Position) => [device, atS - DAY_START_S, codebook.shopCode(shop)];
  const moved = () => positions.takeMoved(DECIDED_S).map(told);
  return { positions, codebook, hear, moved };
}

/** A watermark that has passed every second. */
const DECIDED_S = DAY_START_S + 86_400;
const secondS = (second: number) => DAY_START_S + second;

describe('the last position', () => {
  const weak = heard(1, 10, 'S1', ACCESS_POINTS[1], -70);
  const strong = heard(1, 10, 'S2', ACCESS_POINTS[0], -60);
  test.each([
    ['is of the latest second, though it is heard before', [heard(1, 20, 'S3'), strong], 'S3'],
    ['is of the strongest record of its second', [weak, strong], 'S2'],
    ['is of the strongest record of its second, in either order', [strong, weak], 'S2'],
    ['is of a later second, though it is weaker', [strong, heard(1, 11, 'S1', null, null)], 'S1'],
  ])('%s', (_name, records, shop) => {
    const { positions, codebook } = positionsOf(...records);
    expect(positions.since(0, 0).map((position) => codebook.shopCode(position.shop))).toEqual([shop]);
    expect(positions.size).toBe(1);
  });

  test('is provisional while its second is after the watermark', () => {
    const { positions } = positionsOf(heard(1, 10), heard(2, 11));
    expect(positions.since(0, secondS(10)).map(({ provisional }) => provisional)).toEqual([false, true]);
    expect(positions.since(0, secondS(11)).map(({ provisional }) => provisional)).toEqual([false, false]);
  });

  test('counts as of now when it is after the second asked about', () => {
    const { positions } = positionsOf(heard(1, 10), heard(2, 11), heard(3, 12));
    expect(positions.countSince(secondS(10))).toBe(2);
    expect(positions.since(secondS(10), 0).map(({ device }) => device)).toEqual([2, 3]);
  });
});

describe('what moved', () => {
  test('is told once, each device with its newest position', () => {
    const { hear, moved } = positionsOf(heard(1, 10, 'S1'), heard(2, 10), heard(1, 12, 'S2'));
    expect(moved()).toEqual([
      [1, 12, 'S2'],
      [2, 10, ''],
    ]);
    expect(moved()).toEqual([]);
    hear(heard(2, 11));
    expect(moved()).toEqual([[2, 11, '']]);
  });

  test.each([
    ['heard before', [heard(1, 10, 'S1', null, -60)]],
    ['of an earlier second', [heard(1, 9, 'S2', null, 0)]],
    ['of the same second, but weaker', [heard(1, 10, 'S2', null, -61)]],
  ])('does not hold a device with a record %s', (_name, records) => {
    const { hear, moved } = positionsOf(heard(1, 10, 'S1', null, -60));
    moved();
    hear(...records);
    expect(moved()).toEqual([]);
  });

  test('holds every device of a crowd that outgrows the first tables', () => {
    const { moved, positions } = positionsOf(
      ...Array.from({ length: 5_000 }, (_, i) => heard(i * 7_919, i % 600)),
    );
    expect(new Set(moved().map(([device]) => device)).size).toBe(5_000);
    expect(positions.countSince(secondS(300))).toBe(
      Array.from({ length: 5_000 }, (_, i) => i % 600).filter((second) => second > 300).length,
    );
  });
});

describe('what is no longer provisional', () => {
  const told = ({ device, provisional }: Position) => [device, provisional];

  test('is told as moved, once, when the watermark has reached it', () => {
    const { positions } = positionsOf(heard(1, 10), heard(2, 12), heard(3, 5));
    const moved = (watermark: number) => positions.takeMoved(secondS(watermark)).map(told);
    expect(moved(9)).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(moved(9)).toEqual([]);
    expect(moved(10)).toEqual([[1, false]]);
    expect(moved(11)).toEqual([]);
    expect(moved(12)).toEqual([[2, false]]);
    expect(moved(99)).toEqual([]);
  });

  test('is told with its newest second where the device moved on', () => {
    const { positions, hear } = positionsOf(heard(1, 10));
    positions.takeMoved(secondS(9));
    hear(heard(1, 12));
    expect(positions.takeMoved(secondS(10)).map(told)).toEqual([[1, true]]);
    expect(positions.takeMoved(secondS(12)).map(told)).toEqual([[1, false]]);
  });

  test('is told, and nobody else, although others were forgotten meanwhile', () => {
    const { positions } = positionsOf(heard(1, 0), heard(2, 10), heard(3, 8));
    positions.takeMoved(secondS(9));
    positions.forget(secondS(1));
    expect(positions.takeMoved(secondS(10)).map(told)).toEqual([[2, false]]);
  });
});

describe('who left', () => {
  test('is told once, when the last position falls out of the window', () => {
    const { positions } = positionsOf(heard(1, 0), heard(2, 1));
    expect(positions.takeLeft(secondS(599), PRESENT_S)).toEqual([]);
    expect(positions.takeLeft(secondS(600), PRESENT_S)).toEqual([1]);
    expect(positions.takeLeft(secondS(601), PRESENT_S)).toEqual([2]);
    expect(positions.takeLeft(secondS(9_999), PRESENT_S)).toEqual([]);
  });

  test('is told again after having come back', () => {
    const { positions, hear } = positionsOf(heard(1, 0));
    positions.takeLeft(secondS(600), PRESENT_S);
    hear(heard(1, 700));
    expect(positions.takeLeft(secondS(1_299), PRESENT_S)).toEqual([]);
    expect(positions.takeLeft(secondS(1_300), PRESENT_S)).toEqual([1]);
  });

  test('holds a device that moved to a second out of the window already', () => {
    const { positions, moved } = positionsOf(heard(1, 0));
    expect(moved()).toEqual([[1, 0, '']]);
    expect(positions.takeLeft(secondS(5_000), PRESENT_S)).toEqual([1]);
  });
});

describe('forgetting', () => {
  test('lets go of positions before an instant, and keeps the others as they were', () => {
    const { positions, codebook, moved, hear } = positionsOf(
      heard(1, 0),
      heard(2, 5, 'S2', ACCESS_POINTS[0], -60),
    );
    const { bytes } = positions;
    positions.forget(secondS(5));
    expect(positions.size).toBe(1);
    expect(positions.since(0, 0)).toEqual([
      {
        device: 2,
        atS: secondS(5),
        shop: codebook.shop('S2'),
        accessPoint: codebook.accessPoint(ACCESS_POINTS[0]),
        signalDbm: -60,
        provisional: true,
      },
    ]);
    expect(positions.bytes).toBeLessThan(bytes);
    expect(moved()).toEqual([[2, 5, 'S2']]);
    hear(heard(1, 1));
    expect(positions.size).toBe(2);
  });

  test('happens once that much more is to be forgotten', () => {
    const { positions, hear } = positionsOf(heard(1, 0));
    positions.forget(secondS(0));
    hear(heard(2, 9_000));
    positions.forget(secondS(3_599));
    expect(positions.size).toBe(2);
    positions.forget(secondS(3_600));
    expect(positions.size).toBe(1);
  });
});

/** Somebody who watches: keeps what moved, drops who left, and asks nothing else. */
test('whoever follows what moved and who left has every position of the window, after every frame', () => {
  const records = fc.array(
    fc.record({
      device: fc.constantFrom(1, 2, 2 ** 32 + 1, 2 ** 46 - 1),
      backS: fc.oneof(fc.nat(3), fc.nat(900), fc.nat(9_000)),
      shop: fc.constantFrom('', ...SHOPS),
      accessPoint: fc.constantFrom(null, ...ACCESS_POINTS),
      signalDbm: fc.constantFrom(null, -61, -60),
    }),
    { maxLength: 8 },
  );
  const frames = fc.array(fc.record({ afterS: fc.oneof(fc.nat(3), fc.nat(700), fc.nat(7_000)), records }));
  fc.assert(
    fc.property(frames, (frames) => {
      const { positions, codebook, hear } = positionsOf();
      const everything: Heard[] = [];
      const watched = new Map<number, Position>();
      let nowS = DAY_START_S + 40_000;
      for (const { afterS, records } of frames) {
        nowS += afterS;
        const watermarkS = nowS - 2;
        const come = records.map(({ backS, ...record }) => ({ ...record, atS: nowS - backS }));
        everything.push(...come);
        hear(...come);
        const moved = positions.takeMoved(watermarkS);
        expect(new Set(moved.map(({ device }) => device)).size).toBe(moved.length);
        for (const position of moved) {
          expect(watched.get(position.device)).not.toEqual(position);
          watched.set(position.device, position);
        }
        for (const device of positions.takeLeft(nowS, PRESENT_S)) expect(watched.delete(device)).toBe(true);
        positions.forget(nowS - 8_000);
        const expected = lastPositionsByTheRules(everything, watermarkS)
          .filter(({ atS }) => atS > nowS - 600)
          .map(({ shop, accessPoint, signalDbm, ...position }) => ({
            ...position,
            shop: codebook.shop(shop),
            accessPoint: accessPoint === null ? 0 : codebook.accessPoint(accessPoint),
            signalDbm: signalDbm ?? -128,
          }));
        expect([...watched.values()].sort((a, b) => a.device - b.device)).toEqual(expected);
      }
    }),
  );
});
