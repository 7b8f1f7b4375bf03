import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { OVERFLOW_SHOP } from '../../src/codebook.ts';
import { Decoded } from '../../src/decode/record-decoder.ts';
import { decode, keptRows, line, ORDINARY, outcome, RECEIVED_AT_S, setUp } from './decoding.ts';

const KEPT = {
  device: 37221198280842,
  occurredAtS: 1_718_362_800,
  day: 19_888,
  shop: 'S0012',
  accessPoint: '3c:8c:f8:00:00:1d',
  signalDbm: -61,
};

describe('an ordinary record is kept with all its values', () => {
  test.each([
    ['as devices write it', line()],
    ['without a line feed, with one, or with carriage return and line feed', `${line()}\r\n`],
    ['with other white space', JSON.stringify(ORDINARY, null, '\t').replaceAll('\n', ' ')],
    [
      'with its keys in another order',
      JSON.stringify(Object.fromEntries(Object.entries(ORDINARY).reverse())),
    ],
    ['as the only element of an array', `[${line()}]`],
    ['as an element spread over lines', JSON.stringify([ORDINARY], null, 2)],
    ['after a byte order mark', `\ufeff${line()}`],
    ['in an array after a byte order mark and white space', `\ufeff \n[${line()}]`],
    ['with numbers', line({ occur_time: 1_718_362_800, rssi: -61 })],
    ['with white space around every value', line(spaced(ORDINARY))],
    [
      'with unknown keys of every kind',
      line({ a: null, b: [1, { c: '}' }], d: 1e3, e: true, f: '\u{1f600}"' }),
    ],
    ['with an escaped key', line().replace('"rssi"', String.raw`"r\u0073si"`)],
    [
      'with escaped values',
      line().replace('S0012', String.raw`S00\u00312`).replace('a4:', String.raw`\u00614:`),
    ],
    [
      'with the last of a repeated key',
      line().replace('{', '{"rssi":"-1","shop_code":null,"occur_time":[7],'),
    ],
    ['with a key __proto__', line().replace('{', '{"__proto__":{"rssi":"-1"},')],
    [
      'with its address in another spelling',
      line({ user_device_mac: 'A4-C3-61-0B-22-01', ap_mac: '3C8C.F800.001D' }),
    ],
  ])('%s', (_how, body) => {
    expect(outcome(body)).toEqual(KEPT);
  });
});

describe('a record is dropped for the first reason that applies', () => {
  const nothingFits = { user_device_mac: 'zz', occur_time: 'x' };
  test.each([
    ['malformed', 'nonsense'],
    ['malformed', line(nothingFits).slice(0, -1)],
    ['malformed', `${line()},`],
    ['malformed', line().replace('"-61"', '-061')],
    ['malformed', line().replace('"-61"', 'NaN')],
    ['malformed', line().replace('"-61"', '-6.')],
    ['malformed', line().replace('"-61"', '.6')],
    ['malformed', line().replace('"-61"', '+6')],
    ['malformed', line().replace('"-61"', 'nul')],
    ['malformed', line().replace('}', ',}')],
    ['malformed', line().replace('S0012', String.raw`S\x12`)],
    ['malformed', line().replace('S0012', 'S\t12')],
    ['malformed', line().replace('"S0012"', "'S0012'")],
    ['malformed', line().replace('"rssi"', 'rssi')],
    ['malformed', line().replace('"rssi":', '"rssi"')],
    ['malformed', line().replace('"rssi":"-61",', '"rssi":"-61"')],
    ['malformed', `${line()} ${line()}`],
    ['malformed', `\v${line()}`],
    ['malformed', '"text"'],
    ['malformed', '17'],
    ['malformed', 'null'],
    ['malformed', line({ note: 'x'.repeat(4_096) })],
    ['bad_device', '{}'],
    ['bad_device', line(nothingFits)],
    ['bad_device', line({ user_device_mac: undefined, occur_time: 'x' })],
    ['bad_device', line({ user_device_mac: null })],
    ['bad_device', line({ user_device_mac: { mac: ORDINARY.user_device_mac } })],
    ['bad_device', line().replace('{', '{"x":1,').replace('"pt"', '"user_device_mac":true,"pt"')],
    ['bad_device', line({ user_device_mac: '' })],
    ['bad_device', line({ user_device_mac: 'a4:c3:61:0b:22' })],
    ['bad_device', line({ user_device_mac: 'a4:c3:61:0b:22:01:00' })],
    ['bad_device', line({ user_device_mac: 'a4:c3:61:0b:22:0g' })],
    ['bad_device', line({ user_device_mac: 'a4 c3 61 0b 22 01' })],
    ['bad_device', line({ user_device_mac: '00:00:00:00:00:00' })],
    ['bad_device', line({ user_device_mac: 'ff:ff:ff:ff:ff:ff' })],
    ['bad_device', line({ user_device_mac: '01:00:5e:00:00:01' })],
    ['bad_time', line({ occur_time: undefined })],
    ['bad_time', line({ occur_time: '' })],
    ['bad_time', line({ occur_time: '1718362800000' })],
    ['bad_time', line({ occur_time: '12.5' })],
    ['bad_time', line({ occur_time: '-5' })],
    ['bad_time', line({ occur_time: '+5' })],
    ['bad_time', line({ occur_time: '17183 62800' })],
    ['bad_time', line({ occur_time: '00000000005' })],
    ['bad_time', line().replace('"1718362800"', '1718362800.0')],
    ['bad_time', line().replace('"1718362800"', '17183628e2')],
    ['too_old', line({ occur_time: '0' })],
    ['too_old', line({ occur_time: '1262303999' })],
    ['from_future', line({ occur_time: RECEIVED_AT_S + 121 })],
    ['from_future', line({ occur_time: '9999999999' })],
  ])('%s: %s', (reason, body) => {
    expect(outcome(body)).toBe(reason);
  });

  test.each([
    ['the first second of the since date', {}, '1262304000', 19_888 - 5_278],
    ['the last second of the allowed skew', {}, String(RECEIVED_AT_S + 120), 19_888],
    ['the receipt itself where no skew is allowed', { futureSkewSeconds: 0 }, String(RECEIVED_AT_S), 19_888],
    ['leading zeros', { since: 0 }, '0000000005', 0],
  ])('but %s is kept', (_what, settings, occur_time, day) => {
    expect(outcome(line({ occur_time }), setUp({ settings }))).toMatchObject({ day });
  });
});

describe('age counts in whole local days', () => {
  // Received at 21:00 on 2024-06-14 in Tokyo; its 12th of June begins at 15:00 UTC of the 11th.
  const tokyo = { timeZone: 'Asia/Tokyo', keepRawDays: 3 };
  const beginS = Date.parse('2024-06-11T15:00:00Z') / 1000;
  test.each([
    [beginS, 'kept'],
    [beginS - 1, 'too_old'],
  ])('a record of second %d is %s', (occur_time, expected) => {
    const result = outcome(line({ occur_time }), setUp(tokyo));
    expect(typeof result === 'string' ? result : 'kept').toBe(expected);
  });
});

describe('the signal strength', () => {
  test.each([
    ['-61', -61],
    ['0', 0],
    ['-0', 0],
    ['-00', 0],
    ['12', 0],
    ['+5', 0],
    ['-127', -127],
    ['-128', -127],
    ['-300', -127],
    [' -61\t', -61],
    ['-1000', -128],
    ['-61.0', -128],
    ['- 61', -128],
    ['-', -128],
    ['', -128],
    ['n/a', -128],
    [null, -128],
    [-61.5, -128],
  ])('%j counts as %d', (rssi, signalDbm) => {
    expect(outcome(line({ rssi }))).toMatchObject({ signalDbm });
  });
});

describe('the shop', () => {
  test.each([
    ['S0012', 'S0012'],
    [' S0012\n', 'S0012'],
    ['shop 12', 'shop 12'],
    ['店铺', '店铺'],
    ['\u{1f600}', '\u{1f600}'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['é'.repeat(32), 'é'.repeat(32)],
    ['x'.repeat(65), ''],
    ['é'.repeat(33), ''],
    ['a\u0000b', ''],
    ['a\tb', ''],
    ['a\u007fb', ''],
    ['a\u0085b', ''],
    ['', ''],
    [undefined, ''],
    [false, ''],
    [12, '12'],
  ])('%j counts as %j', (shop_code, shop) => {
    expect(outcome(line({ shop_code }))).toMatchObject({ shop });
  });

  test('of a damaged text has replacement characters, whether or not the record has escapes', () => {
    for (const escaped of ['', String.raw`\u0041`]) {
      const [before, after] = line({ shop_code: '|' }).replace('"7"', `"${escaped}"`).split('|');
      const body = Buffer.concat([
        Buffer.from(before!),
        Buffer.from([0x53, 0xff, 0xc3]),
        Buffer.from(after!),
      ]);
      expect(outcome(body)).toMatchObject({ shop: 'S\ufffd\ufffd' });
    }
  });

  test('of half an escaped pair has a replacement character', () => {
    expect(outcome(line().replace('S0012', String.raw`S\ud83d`))).toMatchObject({ shop: 'S\ufffd' });
  });

  test('is the overflow shop once a day has too many unknown codes; known records stay where they are', () => {
    const setup = setUp({ unknownNamesMax: 2 });
    const codes = ['A', 'B', 'C', 'A', 'D', 'B'];
    const body = codes.map((shop_code) => line({ shop_code })).join('\n');
    const counted = ['A', 'B', OVERFLOW_SHOP, 'A', OVERFLOW_SHOP, 'B'];
    expect(keptRows(setup, decode(body, setup)).map(({ shop }) => shop)).toEqual(counted);
    expect(keptRows(setup, decode(body, setup)).map(({ shop }) => shop)).toEqual(counted);
    expect(setup.codebook.shopCount).toBe(3);
  });
});

test('a code that is the name of the overflow shop counts for no shop, and raises no alarm', () => {
  const setup = setUp({ unknownNamesMax: 1 });
  const body = [OVERFLOW_SHOP, 'A', 'B', OVERFLOW_SHOP].map((shop_code) => line({ shop_code })).join('\n');
  for (let i = 1; i <= 2; i++) {
    expect(keptRows(setup, decode(body, setup)).map(({ shop }) => shop)).toEqual([
      '',
      'A',
      OVERFLOW_SHOP,
      '',
    ]);
    expect(setup.names.overflowed.shops).toBe(i);
  }
});

describe('the access point', () => {
  test.each([
    ['3c:8c:f8:00:00:1d', '3c:8c:f8:00:00:1d'],
    [' 3C8CF800001D ', '3c:8c:f8:00:00:1d'],
    ['3c:8c:f8:00:00', ''],
    ['', ''],
    [undefined, ''],
    [7, ''],
  ])('%j counts as %j', (ap_mac, accessPoint) => {
    expect(outcome(line({ ap_mac }))).toMatchObject({ accessPoint });
  });

  test('is none once a day has too many unknown ones', () => {
    const setup = setUp({ unknownNamesMax: 1 });
    const body = ['01', '02', '01'].map((end) => line({ ap_mac: `3c8cf80000${end}` })).join('\n');
    const heard = keptRows(setup, decode(body, setup)).map(({ accessPoint }) => accessPoint);
    expect(heard).toEqual(['3c:8c:f8:00:00:01', '', '3c:8c:f8:00:00:01']);
  });
});

describe('a dead letter', () => {
  test.each([
    [
      line({ occur_time: '1714525200000' }),
      'occur_time "1714525200000" is not 1 to 10 digits; send epoch seconds, not milliseconds',
    ],
    [line({ occur_time: 'N/A' }), 'occur_time "N/A" is not 1 to 10 digits; send whole epoch seconds'],
    [line({ occur_time: undefined }), 'occur_time is missing or empty'],
    [
      line({ occur_time: '5' }),
      'occur_time 5 (1970-01-01T00:00:05Z) is before the mall\'s "since" date; was the clock of the sender ever set?',
    ],
    [
      line({ occur_time: '4102444800' }),
      'occur_time 4102444800 (2100-01-01T00:00:00Z) is 2384078400 s ahead of its receipt, 120 s are allowed; check the clock of the sender',
    ],
    [
      line({ user_device_mac: 'a4:c3:61:0b:22' }),
      'user_device_mac "a4:c3:61:xx:xx" is not 12 hexadecimal digits',
    ],
    [line({ user_device_mac: 'a4c3610b22' }), 'user_device_mac "a4c361xxxx" is not 12 hexadecimal digits'],
    [
      line({ user_device_mac: '00:00:00:00:00:00' }),
      'user_device_mac "00:00:00:xx:xx:xx" is all zero, no device\'s address',
    ],
    [
      line({ user_device_mac: 'a5:c3:61:00:00:14' }),
      'user_device_mac "a5:c3:61:xx:xx:xx" is a group address (broadcast or multicast), no device\'s own',
    ],
    [line({ user_device_mac: null }), 'user_device_mac is missing or empty'],
    ['nonsense', '"nonsense" is not a JSON object'],
    ['null', '"null" is not a JSON object'],
    ['{"occur_time":"17', 'the record breaks off: it has no closing }'],
    ['{"occur_time":}', 'the record is not valid JSON'],
    [`{"a":"${'x'.repeat(5_000)}"}`, 'the record is larger than 4 KiB'],
    ['[', 'the array breaks off: it has no closing ]'],
    ['[,1]', 'there is no record between two commas of the array, or after the last one'],
  ])('of %s says what was wrong', (body, detail) => {
    expect(decode(body).deadLetters[0]).toMatchObject({ detail, receivedAtS: RECEIVED_AT_S });
  });

  test('says how old a record may be', () => {
    const { deadLetters } = decode(line({ occur_time: '1715000000' }), setUp({ keepRawDays: 30 }));
    expect(deadLetters).toMatchObject([
      { detail: 'occur_time 1715000000 (2024-05-06T12:53:20Z) is older than raw records are kept (30 days)' },
    ]);
  });

  test('holds the record as it came, addresses masked', () => {
    const { deadLetters } = decode(`x\n  ${line({ occur_time: 'N/A' })}\r\n`);
    expect(deadLetters.map(({ body }) => body)).toEqual([
      'x',
      line({ occur_time: 'N/A', user_device_mac: 'a4:c3:61:xx:xx:xx', ap_mac: '3c:8c:f8:xx:xx:xx' }),
    ]);
  });

  test('is not held for every record of a flood, but every one is counted', () => {
    const decoded = decode('x\n'.repeat(250_100));
    expect(decoded.lines).toBe(250_100);
    expect(decoded.dropped).toEqual({ malformed: 250_100 });
    expect(decoded.deadLetters).toHaveLength(250_000);
    expect(decoded.deadLetters.at(-1)?.detail).toMatch(/counted, not listed$/);
  });
});

test('what was decoded adds up until it is cleared', () => {
  const setup = setUp();
  const into = new Decoded();
  for (let i = 0; i < 2; i++) setup.decoder.decode(Buffer.from(`${line()}\nx`), RECEIVED_AT_S, into);
  expect([into.lines, into.sightings.length, into.dropped]).toEqual([4, 2, { malformed: 2 }]);
  into.clear();
  expect([into.lines, into.sightings.length, into.dropped, into.deadLetters]).toEqual([0, 0, {}, []]);
});

describe('the golden malls', () => {
  test.each(['edges', 'shanghai', 'berlin-autumn'])('%s: what is kept and what is dropped', (name) => {
    const folder = new URL(`../golden/${name}/`, import.meta.url);
    const read = (file: string) => readFileSync(new URL(file, folder));
    const truth = JSON.parse(read('truth.json').toString());
    const { timeZone } = JSON.parse(read('mall.json').toString());
    const setup = setUp({ timeZone });
    const decoded = new Decoded();
    const receivedAtS = Date.parse('2026-11-24T00:00:00Z') / 1000;
    setup.decoder.decode(gunzipSync(read('probes.ndjson.gz')), receivedAtS, decoded);
    expect([decoded.lines, decoded.sightings.length]).toEqual([truth.lines, truth.kept]);
    if (truth.dropped) expect(decoded.dropped).toEqual(truth.dropped);
  });
});

function spaced(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, ` \t\n${value}\v\f\r `]));
}
