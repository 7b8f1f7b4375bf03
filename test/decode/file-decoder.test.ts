import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FileDecoder } from '../../src/decode/file-decoder.ts';
import { Decoded } from '../../src/decode/record-decoder.ts';
import { decode, keptRows, line, ORDINARY, RECEIVED_AT_S, setUp } from './decoding.ts';

const HEADER = 'id,shop_code,ap_ip,occur_time,user_device_mac,rssi,ap_mac,pt';
const good = line();
const long = `{"a":"${'x'.repeat(9_000)}"}`;

/** Everything that came of a file, pushed in pieces of the given sizes, over and over. */
function decodeFile(file: string | Uint8Array, sizes: readonly number[] = [1_000_000]) {
  const setup = setUp();
  const bytes = Buffer.from(file);
  const into = new Decoded();
  const decoder = new FileDecoder(setup.decoder, RECEIVED_AT_S);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    decoder.push(bytes.subarray(at, at + size), into);
    at += size;
  }
  decoder.end(into);
  const { lines, dropped, deadLetters } = into;
  return { rows: keptRows(setup, into), lines, dropped, deadLetters };
}

function row(changes: Record<string, string> = {}): string {
  const record: Record<string, string> = { ...ORDINARY, ...changes };
  return HEADER.split(',')
    .map((name) => record[name])
    .join(',');
}

describe('the format of a file', () => {
  test.each([
    ['NDJSON', `${good}\n${good}`, 2, 0],
    ['an array', `[${good},\n${good}]`, 2, 0],
    ['CSV', `${HEADER}\n${row()}\n${row()}\n`, 2, 0],
    ['CSV with quotes', `"user_device_mac","occur_time"\r\n"a4:c3:61:0b:22:01","1718362800"\r\n`, 1, 0],
    ['CSV after a byte order mark and blank lines', `\ufeff\r\n\n${HEADER}\r\n${row()}`, 1, 0],
    ['an array after a byte order mark', `\ufeff [${good}]`, 1, 0],
    ['a header alone', HEADER, 0, 0],
    ['nothing', '', 0, 0],
    ['blank lines', '\n \r\n', 0, 0],
    ['lines that are neither', `device,time\n${good}`, 1, 1],
    ['a header too long to be one', `${HEADER},${'x'.repeat(5_000)}\n${good}`, 1, 1],
    ['broken quotes in a header', `"user_device_mac,rssi\n${good}`, 1, 1],
  ])('%s', (_what, file, kept, dropped) => {
    for (const sizes of [[1_000_000], [1], [7, 2]]) {
      const { rows, lines, deadLetters } = decodeFile(file, sizes);
      expect([rows.length, deadLetters.length, lines]).toEqual([kept, dropped, kept + dropped]);
    }
  });
});

describe('a row of CSV', () => {
  const kept = (shop = 'S0012') => ({ shop, device: 37221198280842, signalDbm: -61 });
  test.each([
    ['in plain', HEADER, row(), kept()],
    [
      'in another order',
      'rssi,user_device_mac,shop_code,occur_time',
      '-61,a4c3610b2201,S0012,1718362800',
      kept(),
    ],
    ['with unknown columns', `x,${HEADER},`, `"1,2",${row()},`, kept()],
    ['of a header with white space', HEADER.replaceAll(',', ' , '), row(), kept()],
    ['with white space', HEADER, row({ rssi: ' -61\t', shop_code: ' S0012 ' }), kept()],
    ['with quotes', HEADER, row({ rssi: '"-61"', pt: '"20240614"' }), kept()],
    ['with a comma in quotes', HEADER, row({ shop_code: '"a,b"' }), kept('a,b')],
    [
      'with doubled quotes',
      HEADER,
      row({ shop_code: '"the ""blue"" one"', rssi: '"-61"' }),
      kept('the "blue" one'),
    ],
    ['with a quote alone', HEADER, row({ shop_code: '""""' }), kept('"')],
    ['with an empty value in quotes', HEADER, row({ shop_code: '""' }), kept('')],
    ['with a line feed in quotes', HEADER, row({ id: '"two\nlines"' }), kept()],
    ['with line breaks around a value', HEADER, row({ shop_code: '"\r\nS0012\n"' }), kept()],
    ['with an empty value', HEADER, row({ shop_code: '' }), kept('')],
    ['of a repeated column: the last counts', `shop_code,${HEADER}`, `S1,${row()}`, kept()],
  ])('%s is kept', (_how, header, text, expected) => {
    for (const end of ['', '\n', '\r\n']) {
      const { rows, lines } = decodeFile(`${header}\n${text}${end}`);
      expect(rows).toMatchObject([expected]);
      expect(lines).toBe(1);
    }
  });

  test.each([
    ['too few values', 'S1,1718362800', 'the CSV row has 2 values, but the header names 8 columns'],
    ['too many values', `${row()},x`, 'the CSV row has 9 values, but the header names 8 columns'],
    ['a quote inside a value', row({ shop_code: 'the "blue" one' }), /cannot be split/],
    ['text after a quoted value', row({ shop_code: '"blue" one' }), /cannot be split/],
    ['a quote that does not close', row({ shop_code: '"blue' }), /cannot be split/],
    ['a value without end', row({ shop_code: 'x'.repeat(20_000) }), /cannot be split/],
    ['a quoted value without end', row({ shop_code: `"${'x'.repeat(20_000)}"` }), /cannot be split/],
    ['more than 4 KiB', row({ id: 'x'.repeat(4_100) }), /cannot be split/],
  ])('with %s is malformed, and costs none of its neighbours', (_what, text, detail) => {
    const neighbours = Array.from({ length: 60 }, () => row()).join('\n');
    for (const sizes of [[1_000_000], [1_000], [97]]) {
      const { rows, dropped, deadLetters } = decodeFile(`${HEADER}\n${row()}\n${text}\n${neighbours}`, sizes);
      expect(rows).toHaveLength(61);
      expect(dropped).toEqual({ malformed: 1 });
      expect(deadLetters[0]?.detail).toMatch(detail);
    }
  });

  test('of 4 KiB is kept, and a longer one is not', () => {
    const id = 'x'.repeat(4_096 - row({ id: '' }).length);
    expect(decodeFile(`${HEADER}\r\n${row({ id })}\r\n`).lines).toBe(1);
    expect(decodeFile(`${HEADER}\r\n${row({ id })}\r\n`).rows).toHaveLength(1);
    expect(decodeFile(`${HEADER}\r\n${row({ id: `${id}x` })}\r\n`).dropped).toEqual({ malformed: 1 });
  });

  test('is dropped for the same reasons as a JSON record', () => {
    const { dropped } = decodeFile(
      [HEADER, row({ user_device_mac: 'x' }), row({ occur_time: 'x' }), row({ occur_time: '5' })].join('\n'),
    );
    expect(dropped).toEqual({ bad_device: 1, bad_time: 1, too_old: 1 });
  });
});

describe('where the pieces of a file are cut makes no difference', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
  const blank = fc.constantFrom('', ' ', '\n', '\r\n', ' '.repeat(9_000));
  const jsonParts = [
    good,
    good,
    '{',
    '}',
    '[',
    ']',
    '"',
    'x',
    ',',
    '{"a":1]}',
    '\\',
    long,
    good.slice(0, 90),
  ];
  const csvParts = [
    row(),
    row(),
    row({ id: '"a\nb"' }),
    row({ id: '"a""b"' }),
    row({ id: '"a' }),
    'x',
    '"',
    '""',
    ',',
  ];
  const joined = (parts: readonly string[], between: fc.Arbitrary<string>) =>
    fc
      .array(fc.tuple(fc.constantFrom(...parts), between), { maxLength: 25 })
      .map((list) => list.flat().join(''));
  const files = fc.oneof(
    fc
      .tuple(blank, joined(jsonParts, fc.constantFrom('\n', '\r\n', '\n\n', '', ' '.repeat(9_000))))
      .map((parts) => parts.join('')),
    fc
      .tuple(
        blank,
        joined(
          jsonParts,
          fc.constantFrom(',', ' ,\n', ',', '', `,${' '.repeat(9_000)}`, `${' '.repeat(9_000)},`),
        ),
        fc.constantFrom(']', ''),
      )
      .map(([before, elements, end]) => `${before}[${elements}${good}${end}`),
    joined(
      [...csvParts, 'x'.repeat(9_000), `"${'y\n'.repeat(3_000)}`],
      fc.constantFrom('\n', '\r\n', '', '\n\n'),
    ).map((rows) => `${HEADER}\n${rows}`),
    fc.uint8Array({ maxLength: 200 }),
  );

  test('for whole and for damaged files of every format', () => {
    fc.assert(
      fc.property(files, sizes, (file, pieces) => {
        expect(decodeFile(file, pieces)).toEqual(decodeFile(file));
      }),
      { numRuns: 300 },
    );
  });

  test('and a file that is no CSV comes out as a body would', () => {
    fc.assert(
      fc.property(
        files.filter((file) => !file.toString().startsWith(HEADER)),
        sizes,
        (file, pieces) => {
          const setup = setUp();
          const { lines, dropped, deadLetters, sightings } = decode(file, setup);
          expect(decodeFile(file, pieces)).toMatchObject({ lines, dropped, deadLetters });
          expect(decodeFile(file, pieces).rows).toHaveLength(sightings.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test('CSV says the same as NDJSON', () => {
  const texts = fc.oneof(
    fc.constantFrom('S1', 'a,b', 'a"b', ' ', 'a\nb', '"', '', '中'),
    fc.string({ maxLength: 20 }),
  );
  const records = fc.array(
    fc.record({
      shop_code: texts,
      id: texts,
      rssi: fc.constantFrom('-61', ' -5 ', 'n/a', ''),
      occur_time: fc.constantFrom('1718362800', ' 1718362801', '', '1718362800000', '5'),
      user_device_mac: fc.constantFrom('a4:c3:61:0b:22:01', 'A4-C3-61-0B-22-02 ', 'ff:ff:ff:ff:ff:ff'),
      ap_mac: fc.constantFrom('3c:8c:f8:00:00:1d', ''),
    }),
    { maxLength: 20 },
  );
  const columns = ['shop_code', 'id', 'rssi', 'occur_time', 'user_device_mac', 'ap_mac'] as const;
  const quoted = (text: string) =>
    /[",\r\n]/.test(text) || text.length % 2 === 0 ? `"${text.replaceAll('"', '""')}"` : text;
  fc.assert(
    fc.property(records, fc.shuffledSubarray([...columns], { minLength: columns.length }), (list, order) => {
      const json = list.map((record) => JSON.stringify(record)).join('\n');
      const csv = [
        order.join(','),
        ...list.map((record) => order.map((name) => quoted(record[name])).join(',')),
      ];
      const { rows, lines, dropped } = decodeFile(json);
      expect(decodeFile(csv.join('\r\n'))).toMatchObject({ rows, lines, dropped });
    }),
    { numRuns: 300 },
  );
});

describe('memory', () => {
  test.each([
    ['a line', ''],
    ['an element', '['],
    ['a row', `${HEADER}\n`],
    ['a quoted value', `${HEADER}\n"`],
  ])('is bounded while %s does not end', (_what, beginning) => {
    const decoder = new FileDecoder(setUp().decoder, RECEIVED_AT_S);
    const into = new Decoded();
    const chunk = Buffer.alloc(65_536, 'x');
    decoder.push(Buffer.from(`${beginning}{"a":"`), into);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000; i++) decoder.push(chunk, into);
    decoder.end(into);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
    expect([into.lines, into.dropped.malformed]).toEqual([1, 1]);
    expect(into.deadLetters[0]?.body.length).toBeLessThanOrEqual(4_096);
  });
});
