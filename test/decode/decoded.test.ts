import { expect, test } from '@jest/globals';
import { Decoded } from '../../src/decode/decoded.ts';
import { decode, line } from './decoding.ts';

const LONG = Buffer.alloc(4_096, '.');

test('letters of a batch hold 64 MiB at most; the last one says so, and the others are counted', () => {
  const decoded = new Decoded();
  for (let i = 0; i < 16_500; i++) decoded.drop('malformed', '', 0, LONG, 0, LONG.length);
  expect(decoded.lines).toBe(16_500);
  expect(decoded.dropped).toEqual({ malformed: 16_500 });
  expect(decoded.deadLetters).toHaveLength(16_384);
  expect(decoded.deadLetters.at(-1)?.detail).toContain('counted, not listed');
  decoded.clear();
  decoded.drop('malformed', '', 0, LONG, 0, LONG.length);
  expect(decoded.deadLetters).toEqual([
    { reason: 'malformed', detail: '', receivedAtS: 0, body: String(LONG) },
  ]);
});

test('what is wrong with a record is put into words for letters that are kept alone', () => {
  const decoded = new Decoded();
  const short = Buffer.from('x');
  let worded = 0;
  const say = () => {
    worded++;
    return 'wrong';
  };
  for (let i = 0; i < 250_010; i++) decoded.drop('malformed', say, 0, short, 0, 1);
  expect([decoded.lines, worded]).toEqual([250_010, 250_000]);
});

test('a record behind more junk than there are letters is kept', () => {
  const { sightings, dropped } = decode(`{\n${'x\n'.repeat(260_000)}${line()}\n`);
  expect([sightings.length, dropped]).toEqual([1, { malformed: 260_001 }]);
});
