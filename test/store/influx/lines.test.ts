import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nanosecondsOf, quotedText } from '../../../src/store/influx/influx-ql.ts';
import { fieldName, LineBuffer, seriesKey, tagOf, textOfTag } from '../../../src/store/influx/line-buffer.ts';

const A = fieldName('a');
const B = fieldName('b');
const textOf = (lines: LineBuffer) => Buffer.concat(lines.bodies()).toString();

describe('a line', () => {
  test('has its series, its fields and a time of nanoseconds, whatever the numbers', () => {
    const seconds = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
    const offset = fc.oneof(
      fc.constantFrom(0, 1, 999_999_999, 1_000_000_000),
      fc.maxSafeNat().map((n) => n % 2 ** 46),
    );
    const value = fc.oneof(
      fc.constantFrom(0, -128, -1, 2 ** 31, 2 ** 32, 2 ** 46 - 1, 2 ** 53 - 1),
      fc.integer(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, seconds, offset), { maxLength: 20 }), (rows) => {
        const lines = new LineBuffer();
        for (let round = 0; round < 2; round++) {
          lines.clear();
          for (const [a, b, second, nanoseconds] of rows) {
            lines.begin(seriesKey('m', { mall: 'x' }));
            lines.integer(A, a);
            lines.integer(B, b);
            lines.end(second, nanoseconds);
          }
          const expected = rows.map(([a, b, second, nanoseconds]) => {
            return `m,mall=x a=${a}i,b=${b}i ${BigInt(second) * 1_000_000_000n + BigInt(nanoseconds)}\n`;
          });
          expect(textOf(lines)).toBe(expected.join(''));
        }
      }),
    );
  });

  test('keeps texts with quotes and backslashes, and grows for long ones', () => {
    const lines = new LineBuffer();
    lines.begin(seriesKey('m', {}));
    lines.text(A, 'say "no" \\ ü');
    lines.text(B, 'x'.repeat(200_000));
    lines.end(1, 5);
    expect(textOf(lines)).toBe(`m a="say \\"no\\" \\\\ ü",b="${'x'.repeat(200_000)}" 1000000005\n`);
  });

  test.each([0, 1, 4_999, 5_000, 5_001, 10_000])(
    '%d lines are cut into bodies of 5,000, each whole',
    (count) => {
      const lines = new LineBuffer();
      for (let i = 0; i < count; i++) {
        lines.begin(seriesKey('m', {}));
        lines.integer(A, i);
        lines.end(1, i);
      }
      const bodies = lines.bodies().map((body) => body.toString().trimEnd().split('\n').length);
      expect(bodies).toEqual(
        Array.from({ length: Math.ceil(count / 5_000) }, (_, i) => Math.min(5_000, count - i * 5_000)),
      );
    },
  );
});

describe('a text as a tag', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\\%,= "'\n%5c]{0,8}$/));

  test('comes back as it was, and has nothing in it that the protocol cannot carry', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(textOfTag(tagOf(given))).toBe(given);
        expect(tagOf(given)).not.toMatch(/[\\\n\r\0]/);
      }),
    );
  });

  test('is escaped where it would end the tag; empty ones are left out', () => {
    expect(seriesKey('m', { ap: '', mall: 'a', shop: 'b c,d=e\\' }).toString()).toBe(
      'm,mall=a,shop=b\\ c\\,d\\=e%5c',
    );
  });
});

test.each([
  ["it's", String.raw`'it\'s'`],
  ['a\\', String.raw`'a\\'`],
  ["'; DROP MEASUREMENT probe; --", String.raw`'\'; DROP MEASUREMENT probe; --'`],
])('in InfluxQL %s stays a text', (text, written) => {
  expect(quotedText(text)).toBe(written);
});

test('a time is exact beyond what a number can hold', () => {
  expect(nanosecondsOf({ second: 4_294_967_295, offset: 2 ** 46 - 1 })).toBe('4295037663744177663');
});
