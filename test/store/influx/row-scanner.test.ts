import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowScanner, type ScannedSeries } from '../../../src/store/influx/row-scanner.ts';

interface Read {
  readonly series: ScannedSeries;
  readonly rows: [time: string, ...values: (number | string | null)[]][];
}

function scan(line: string): Read[] {
  const read: Read[] = [];
  new RowScanner().scan(Buffer.from(line), {
    begin: ({ name, tags, columns }) =>
      read.push({ series: { name, ...(tags && { tags }), columns }, rows: [] }),
    row: ({ second, nanosecond, numbers, texts }) => {
      const { series, rows } = read.at(-1)!;
      const values = series.columns.slice(1).map((_, i) => {
        const number = numbers[i + 1]!;
        return texts[i + 1] ?? (Number.isNaN(number) ? null : number);
      });
      rows.push([(BigInt(second) * 1_000_000_000n + BigInt(nanosecond)).toString(), ...values]);
    },
  });
  return read;
}

const value = fc.oneof(
  fc.maxSafeInteger(),
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"values":[[', '\\', '}]', '"series":['),
);
const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const series = fc.record({
  name: fc.string(),
  tags: fc.dictionary(fc.constantFrom('shop', 'ap'), fc.string({ unit: 'binary' })),
  rows: fc.array(fc.tuple(time, value, value), { minLength: 1, maxLength: 8 }),
});

describe('a line of an answer', () => {
  test('is read as JSON would be, but for times, which stay exact', () => {
    fc.assert(
      fc.property(fc.array(series, { minLength: 1, maxLength: 4 }), (given) => {
        const columns = ['time', 'x', 'y'];
        const written = given.map(({ name, tags, rows }) => {
          const head = JSON.stringify({ name, tags, columns }).slice(0, -1);
          const values = rows.map(([at, x, y]) => `[${at},${JSON.stringify(x)},${JSON.stringify(y)}]`);
          return `${head},"values":[${values.join(',')}]}`;
        });
        const line = `{"results":[{"statement_id":0,"series":[${written.join(',')}],"partial":true}]}`;
        expect(scan(line)).toEqual(
          given.map(({ name, tags, rows }) => ({ series: { name, tags, columns }, rows })),
        );
      }),
    );
  });

  test('without a series has no row', () => {
    expect(scan('{"results":[{"statement_id":0}]}')).toEqual([]);
  });

  test('may have decimals and exponents', () => {
    const line = '{"results":[{"series":[{"name":"m","columns":["time","a","b"],"values":[[1,1.5,-2e3]]}]}]}';
    expect(scan(line)[0]!.rows).toEqual([['1', 1.5, -2_000]]);
  });
});
