import { describe, expect, test } from '@jest/globals';
import { FileDecoder } from '../../src/decode/file-decoder.ts';
import { Decoded, looksLikeRecords } from '../../src/decode/record-decoder.ts';
import { decode, line, outcome, RECEIVED_AT_S, setUp } from './decoding.ts';

describe('a body is split into records', () => {
  const good = line();
  const bad = '{"a":1]';
  test.each([
    ['nothing', '', 0, 0],
    ['blank lines', ' \n\t\r\n\n', 0, 0],
    ['lines', `${good}\n\n  ${good}  \n${good}`, 3, 0],
    ['lines around damaged ones', `${good}\n${good.slice(0, 50)}\nx\n${good}`, 2, 2],
    ['an array on a later line', `${good}\n[${good}]\n${good}`, 2, 1],
    ['a record over two lines', good.replace(',', ',\n'), 0, 2],
    ['an empty array', ' [ ] ', 0, 0],
    ['an array', `[${good},${good} ,\n${good}\n]\n`, 3, 0],
    ['elements that are no records', `[1,"a,]}",null,[1,[${good}],2],true,${good},{"a":{]}},${good}]`, 2, 6],
    ['brackets that do not pair up inside a record', `[${good},{"a":[1},${good},{"a":1]},${good}]`, 3, 2],
    ['elements that hold escaped quotes', String.raw`[{"a":"\"}"},${good},{"a":"\\"},${good}]`, 2, 2],
    ['text after an element', `[${good} x,${good}]`, 1, 1],
    ['commas without records', `[,${good},,${good},]`, 2, 3],
    ['a string that does not close', `[${good},{"a":"b},${good},${good}]`, 1, 1],
    ['a brace that does not close', `[${good},${bad},${good},${good}]`, 1, 1],
    ['a brace that none opened', `[${good},},${good}]`, 1, 1],
    ['an array without its end', `[${good},${good}`, 2, 1],
    ['an array that ends after a comma', `[${good},`, 1, 1],
    ['an array that is cut off in a record', `[${good},${good.slice(0, 50)}`, 1, 1],
    ['an array that only begins', '[', 0, 1],
    ['text after the array', `[${good}]\n${good}\n${good}`, 1, 1],
    ['a long element', `[${good},{"a":"${'x'.repeat(20_000)}"},${good}]`, 2, 1],
    ['a long line', `${good}\n{"a":"${'x'.repeat(20_000)}"}\n${good}`, 2, 1],
    [
      'deep nesting',
      `[${good},${'['.repeat(3_000)}${']'.repeat(3_000)},{"a":${'{"a":'.repeat(500)}1${'}'.repeat(501)}]`,
      1,
      2,
    ],
  ])('%s', (_what, body, kept, dropped) => {
    const decoded = decode(body);
    expect([decoded.sightings.length, decoded.deadLetters.length, decoded.lines]).toEqual([
      kept,
      dropped,
      kept + dropped,
    ]);
  });

  test.each([
    ['on a line', '', ''],
    ['before blanks', '', ' '.repeat(100)],
    ['in an array', '[', ']'],
    ['in an array with white space', '[\n', '\n]'],
  ])('a record of 4 KiB is kept and a longer one is not, %s', (_where, before, after) => {
    for (const escaped of ['', String.raw`\n`]) {
      const room = 4_096 - line({ note: '' }).length - escaped.length;
      const fits = line({ note: 'x'.repeat(room) }).replace('"note":"', `"note":"${escaped}`);
      expect(fits).toHaveLength(4_096);
      expect(outcome(before + fits + after)).toHaveProperty('device');
      expect(outcome(before + fits.replace('x', 'xx') + after)).toBe('malformed');
    }
  });
});

describe('the white space after a record', () => {
  const blanks = ' \t\r'.repeat(4_000);
  const fits = line({ note: 'x'.repeat(4_096 - line({ note: '' }).length) });
  test.each([
    ['ends a line', `${fits}${blanks}\n${fits}`, 2, 0],
    ['ends the last line', `${fits}\n${fits}${blanks}`, 2, 0],
    ['ends a line whose record is not ordinary', `${line({ note: [1] })}${blanks}\n${fits}`, 2, 0],
    ['lies before a comma', `[${fits}${blanks},${fits}]`, 2, 0],
    ['lies before the end of an array', `[${fits}, ${fits}${blanks}]`, 2, 0],
    ['lies before one more record on the line', `${fits}${blanks}${fits}\n${fits}`, 1, 1],
    ['lies before an element without its comma', `[${fits}${blanks}${fits},${fits}]`, 1, 1],
    ['lies before what is no record', `${fits}${blanks}x\n${fits}`, 1, 1],
    ['lies before what is no element', `[${fits}${blanks}x,${fits}]`, 1, 1],
    ['lies where an array breaks off', `[${fits}${blanks}`, 1, 1],
    ['lies inside a line', `{${blanks}${fits.slice(1)}\n${fits}`, 1, 1],
    ['lies inside an element', `[{${blanks}${fits.slice(1)},${fits}]`, 1, 1],
    ['comes after a record that is too long', `${fits.replace('x', 'xx')}${blanks}\n${fits}`, 1, 1],
  ])('is none of it, however long, if nothing else follows: it %s', (_where, body, kept, dropped) => {
    for (const decoded of [decode(body), decodeInPieces(body, 1_000), decodeInPieces(body, 8_193)]) {
      const { sightings, dropped: counts, lines } = decoded;
      expect([sightings.length, counts.malformed ?? 0, lines]).toEqual([kept, dropped, kept + dropped]);
    }
  });
});

describe('a body looks like records', () => {
  test.each([
    ['', false],
    [' \n', false],
    ['nonsense', false],
    ['"{"', false],
    ['a {"b":1}\nc {', false],
    ['{', true],
    [' \r\n\t{"a"', true],
    ['[', true],
    ['\ufeff[', true],
    ['nonsense\n \t{"a":1}', true],
    ['a [\n[', false],
  ])('%j: %s', (body, expected) => {
    expect(looksLikeRecords(Buffer.from(body))).toBe(expected);
  });
});

function decodeInPieces(body: string, bytes: number): Decoded {
  const decoder = new FileDecoder(setUp().decoder, RECEIVED_AT_S);
  const into = new Decoded();
  const content = Buffer.from(body);
  for (let at = 0; at < content.length; at += bytes) decoder.push(content.subarray(at, at + bytes), into);
  decoder.end(into);
  return into;
}
