import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasMoreRecordsThan } from '../../src/decode/record-count.ts';
import { decode, setUp } from './decoding.ts';

const setup = setUp();

describe('a body holds more records than so many', () => {
  test.each([
    ['lines', '{}\n{}\n{}', 3],
    ['lines and blank ones', '\n {} \r\n\n\n{}\n{}\n\n\n\n', 3],
    ['lines that are no records', 'x\n{\n}}}}\n', 3],
    ['one line', '{"a":1}', 1],
    ['blank lines alone', '\n\n\n\n\n', 0],
    ['elements', '[{},{},{}]', 3],
    ['elements with commas in them', '[{"a":[1,2],"b":",,,"},[1,2,3],"x,y"]', 3],
    ['elements that are missing', '[,,,', 3],
    ['elements up to what breaks the array', '[{},{},}1,1,1,1,1,1,1', 3],
    ['elements, and something after them', '[{}]1,1,1,1,1', 1],
    ['elements after a byte order mark', '\ufeff [{},{}]', 2],
  ])('%s', (_what, body, records) => {
    const bytes = Buffer.from(body);
    expect([hasMoreRecordsThan(records, bytes), hasMoreRecordsThan(records - 1, bytes)]).toEqual([
      false,
      records > 0,
    ]);
  });

  test('never when decoding it finds as many, but for the end of an array that has no element before it', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', '"', '\\', '\n', ' ', '{"a":1}', 'x');
    const bodies = fc
      .tuple(fc.constantFrom('', '['), fc.array(pieces, { maxLength: 40 }))
      .map(([first, rest]) => first + rest.join(''));
    fc.assert(
      fc.property(bodies, (body) => {
        expect(hasMoreRecordsThan(decode(body, setup).lines + 1, Buffer.from(body))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});
