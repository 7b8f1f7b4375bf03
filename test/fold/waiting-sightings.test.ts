import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WaitingSightings } from '../../src/fold/waiting-sightings.ts';
import { SightingColumns } from '../../src/sightings.ts';
import type { Sightings } from '../../src/terms.ts';

/** A day of this test has 3 seconds, so that records often are of the same one, and of several days. */
const DAY_S = 3;

type Row = readonly number[];

const rowsOf = ({ length, ...columns }: Sightings): Row[] =>
  Array.from({ length }, (_, i) => [
    columns.day[i]!,
    columns.device[i]!,
    columns.occurredAtS[i]!,
    columns.shop[i]!,
    columns.accessPoint[i]!,
    columns.signalDbm[i]!,
  ]);

function sightingsOf(rows: readonly Row[]): Sightings {
  const columns = new SightingColumns(1);
  for (const [day, device, atS, shop, accessPoint, signalDbm] of rows) {
    columns.push(day!, device!, atS!, shop!, accessPoint!, signalDbm!);
  }
  return columns;
}

function addAll(waiting: WaitingSightings, rows: readonly Row[]): void {
  const sightings = sightingsOf(rows);
  for (let i = 0; i < sightings.length; i++) waiting.add(sightings, i);
}

/** Each second as it was handed over. */
function releasedUntil(waiting: WaitingSightings, untilS: number): Row[][] {
  const seconds: Row[][] = [];
  waiting.release(untilS, (second) => seconds.push(rowsOf(second)));
  return seconds;
}

const row = fc
  .tuple(fc.nat(11), fc.nat(3), fc.nat(3), fc.nat(3), fc.integer({ min: -128, max: 0 }))
  .map(([atS, device, ...rest]): Row => [Math.floor(atS / DAY_S), device, atS, ...rest]);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), rows: fc.array(row) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), untilS: fc.nat(13) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), day: fc.nat(4) }) },
);

test('records are handed over second by second, each once, in the order in which they came', () =>
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const waiting = new WaitingSightings();
      let rows: Row[] = [];
      for (const next of steps) {
        if (next.kind === 'add') {
          addAll(waiting, next.rows);
          rows.push(...next.rows);
        } else if (next.kind === 'drop') {
          waiting.drop(next.day);
          rows = rows.filter(([day]) => day !== next.day);
        } else {
          const due = rows.filter(([, , atS]) => atS! <= next.untilS);
          const secondsS = [...new Set(due.map(([, , atS]) => atS!))].sort((a, b) => a - b);
          const expected = secondsS.map((second) => due.filter(([, , atS]) => atS === second));
          expect(releasedUntil(waiting, next.untilS)).toEqual(expected);
          rows = rows.filter((waits) => !due.includes(waits));
        }
        expect(waiting.length).toBe(rows.length);
      }
    }),
  ));

test('a long wait and a crowded second are handed over whole, before and after their columns are used again', () => {
  const waiting = new WaitingSightings();
  const rows: Row[] = [];
  for (let atS = 0; atS < 600; atS++) rows.push([0, 1, atS, 0, 0, -60]);
  for (let device = 0; device < 6_000; device++) rows.push([0, device, 300, 0, 0, -60]);
  for (let round = 0; round < 2; round++) {
    addAll(waiting, rows);
    const seconds = releasedUntil(waiting, 600);
    expect(seconds.map((second) => second.length)).toEqual(
      Array.from({ length: 600 }, (_, atS) => (atS === 300 ? 6_001 : 1)),
    );
    expect(seconds[300]).toEqual(rows.filter(([, , atS]) => atS === 300));
    expect(waiting.length).toBe(0);
  }
});
