import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FieldScanner } from '../../../src/store/influx/flux-rows.ts';

type Read = [tags: Record<string, string>, ...rows: [value: number, second: number][]];

function scan(...pieces: string[]): Read[] {
  const read: Read[] = [];
  const scanner = new FieldScanner({
    begin: (tags) => read.push([Object.fromEntries(tags)]),
    row: (value, second) => read.at(-1)!.push([value, second]),
  });
  for (const piece of pieces) scanner.scan(Buffer.from(piece));
  return read;
}

const cell = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const nanoseconds = fc.constantFrom('', '.5', '.000000001', '.123456789');
const row = fc.tuple(
  fc.integer({ min: -(2 ** 46), max: 2 ** 46 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  nanoseconds,
);
const tag = fc.string({ maxLength: 6 }).map((text) => text.replace(/[\r\n]/g, ''));
const series = fc.record({ shop: tag, ap: tag, rows: fc.array(row, { minLength: 1, maxLength: 6 }) });

/** As the server writes it: a line for each row, and now and then the head once more. */
function csvOf(
  given: readonly { shop: string; ap: string; rows: readonly [number, number, string][] }[],
  headEvery: number,
) {
  const lines: string[] = [];
  given.forEach(({ shop, ap, rows }, table) => {
    if (table % headEvery === 0) {
      if (table > 0) lines.push('');
      lines.push(',result,table,_time,_value,ap,shop');
    }
    for (const [value, second, fraction] of rows) {
      const time = new Date(second * 1_000).toISOString().replace('.000Z', `${fraction}Z`);
      lines.push(`,_result,${table},${time},${value},${cell(ap)},${cell(shop)}`);
    }
  });
  return [...lines, ''].map((line) => `${line}\r\n`);
}

describe('the answer of a field', () => {
  test('is read as it was written, series by series, in whatever pieces of lines it comes', () => {
    fc.assert(
      fc.property(
        fc.array(series, { maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (given, headEvery, cut) => {
          const lines = csvOf(given, headEvery);
          const at = cut % (lines.length + 1);
          const pieces = [lines.slice(0, at).join(''), lines.slice(at).join('')];
          expect(scan(...pieces)).toEqual(
            given.map(({ shop, ap, rows }) => [
              { ap, shop },
              ...rows.map(([value, second]) => [value, second]),
            ]),
          );
        },
      ),
    );
  });

  test('may lack times and tags', () => {
    expect(scan(',result,table,_value\r\n,_result,0,-40\r\n,_result,0,-41\r\n\r\n')).toEqual([
      [{}, [-40, 0], [-41, 0]],
    ]);
  });

  test('that breaks off with an error rejects with it', () => {
    const rows = ',result,table,_value,shop\r\n,_result,0,1,S1\r\n';
    expect(() => scan(`${rows}\r\nerror,reference\r\n"out, of memory",12\r\n`)).toThrow('out, of memory');
    expect(() => scan(`${rows}\r\n,error,reference\r\n,"out, of memory",12\r\n`)).toThrow('out, of memory');
  });

  test('of another shape is refused', () => {
    expect(() => scan(',result,table,_value,shop\r\n,_result,0,1.5,S1\r\n,_result,0,2.25,S1\r\n')).toThrow(
      /cannot be read/,
    );
    expect(() => scan(',result,table,_start\r\n')).toThrow(/cannot be read/);
  });
});
