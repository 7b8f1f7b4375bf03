import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isJsonObject } from '../../src/decode/json-check.ts';

/** What JSON.parse says, of a text without white space around it. */
function isObject(text: string): boolean {
  try {
    return text.startsWith('{') && text.endsWith('}') && JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

function check(text: string): boolean {
  const bytes = Buffer.from(`${text}\n`);
  return isJsonObject(bytes, 0, bytes.length - 1);
}

const texts = fc
  .tuple(fc.json(), fc.json(), fc.string())
  .map(([a, b, key]) => `{"a":${a}, ${JSON.stringify(key)} : [${b},{}]}`);
const pieces = fc
  .array(
    fc.constantFrom(
      ...'{}[],:" \t01.-+eE\\u',
      '"a"',
      'true',
      'nul',
      'null',
      String.raw`\u00e9`,
      '\u0001',
      'é',
    ),
    { maxLength: 14 },
  )
  .map((parts) => `{${parts.join('')}}`);

test('says of every text what JSON.parse says', () => {
  fc.assert(fc.property(texts, (text) => expect(check(text)).toBe(true)));
  fc.assert(
    fc.property(pieces, (text) => expect([text, check(text)]).toEqual([text, isObject(text)])),
    { numRuns: 5_000 },
  );
});

test('says of a valid text with one byte changed or cut what JSON.parse says', () => {
  const changes = fc.tuple(texts, fc.nat(), fc.constantFrom('', '"', '{', '}', ',', '0', '\\', ' '));
  fc.assert(
    fc.property(changes, ([text, place, put]) => {
      const at = place % text.length;
      const changed = text.slice(0, at) + put + text.slice(at + 1);
      // White space around a text is no part of it.
      if (changed.trim() !== changed) return;
      expect([changed, check(changed)]).toEqual([changed, isObject(changed)]);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":1e}',
  '{"a":"\\x"}',
  '{"a":"\\u12g4"}',
  '{a:1}',
  '{]',
  '{"a":1,}',
  '{}}',
  `{"a":${'['.repeat(4_000)}}`,
])('%s is no object', (text) => expect(check(text)).toBe(false));
