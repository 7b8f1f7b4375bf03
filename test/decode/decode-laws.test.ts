import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decoded } from '../../src/decode/record-decoder.ts';
import { formatMac } from '../../src/mac.ts';
import type { DropReason } from '../../src/outcome.ts';
import { decode, type KeptRow, keptRows, line, ORDINARY, outcome, RECEIVED_AT_S, setUp } from './decoding.ts';

const NAMES = ['user_device_mac', 'occur_time', 'rssi', 'shop_code', 'ap_mac'] as const;
const setup = setUp({ unknownNamesMax: 1_000_000 });

/** The rules again, plainly: JSON.parse, strings and regular expressions. */
function expected(text: string): KeptRow | DropReason {
  const record = parsed(text);
  if (record === undefined || Buffer.byteLength(text) > 4_096) return 'malformed';
  const [device, time, rssi, shop, accessPoint] = NAMES.map((name) => textOf(record[name])) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const mac = addressOf(device);
  if (mac === undefined || mac === 0 || Math.floor(mac / 2 ** 40) % 2 === 1) return 'bad_device';
  if (!/^\d{1,10}$/.test(time)) return 'bad_time';
  const occurredAtS = Number(time);
  if (occurredAtS < Date.UTC(2010, 0, 1) / 1000) return 'too_old';
  if (occurredAtS > RECEIVED_AT_S + 120) return 'from_future';
  const heardBy = addressOf(accessPoint);
  const signal = /^[+-]?\d{1,3}$/.test(rssi) ? Math.min(0, Math.max(-127, Number(rssi))) : -128;
  return {
    device: setup.pseudonyms.of(mac),
    occurredAtS,
    day: Math.floor(occurredAtS / 86_400),
    shop: Buffer.byteLength(shop) > 64 || /\p{Cc}/u.test(shop) ? '' : Buffer.from(shop).toString(),
    accessPoint: heardBy === undefined ? '' : formatMac(heardBy),
    signalDbm: signal === 0 ? 0 : signal,
  };
}

function addressOf(text: string): number | undefined {
  const digits = text.replace(/[:.-]/g, '');
  return /^[\da-f]{12}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '') : '';
}

const values: Record<(typeof NAMES)[number], fc.Arbitrary<unknown>> = {
  user_device_mac: fc.constantFrom(
    'a4:c3:61:0b:22:01',
    ' A4-C3-61-0B-22-02',
    '021b140f01b7',
    '02.1b.14.0f.01.b8\n',
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    'zz:00:00:00:00:0',
  ),
  occur_time: fc.oneof(
    fc.integer({ min: RECEIVED_AT_S - 100_000, max: RECEIVED_AT_S + 200 }),
    fc.integer({ min: RECEIVED_AT_S - 100_000, max: RECEIVED_AT_S }).map(String),
    fc.constantFrom('', 'N/A', '1718362800000', ' 1718362800 ', 5, '9999999999'),
  ),
  rssi: fc.oneof(
    fc.integer({ min: -1_100, max: 1_100 }),
    fc.constantFrom('-61', '+5', ' -7', 'n/a', '-', ''),
  ),
  shop_code: fc.oneof(
    fc.constantFrom('S1', 'S2', '', null, true, false),
    fc.string({ unit: 'binary', maxLength: 70 }),
  ),
  ap_mac: fc.constantFrom('3c:8c:f8:00:00:1d', '3c8cf800001e', '3c:8c:f8', 'gg:8c:f8:00:00:1d'),
};

const members = fc.oneof(
  ...NAMES.flatMap((name) => {
    const member = values[name].map((value) => [name, value] as const);
    return [
      member,
      member,
      fc.jsonValue({ maxDepth: 2 }).map((value) => [name, asJsonKeepsIt(value)] as const),
    ];
  }),
  fc.tuple(
    fc.constantFrom('id', 'ap_ip', 'pt', '__proto__', 'ap_mac ', 'rss', 'shop_codes', ''),
    fc.jsonValue(),
  ),
);

/** A number of a text that JavaScript would write otherwise is the business of tables, not of this comparison. */
function asJsonKeepsIt(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.trunc(value % 1e6) : value;
}

const lines = fc
  .tuple(
    fc.array(members, { maxLength: 12 }),
    fc.constantFrom('', ' ', '\t ', '  '),
    fc.boolean(),
    fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  )
  .map(([list, space, leadsWithWhole, escaped]) => {
    const whole = Object.entries(ORDINARY);
    const all = leadsWithWhole ? [...whole, ...list] : [...list, ...whole];
    const texts = all.map(([key, value], i) => {
      const name = escaped[i % 8] && i % 3 === 0 ? escapeFirst(JSON.stringify(key)) : JSON.stringify(key);
      return `${name}${space}:${space}${JSON.stringify(value)}`;
    });
    return `{${space}${texts.join(`${space},${space}`)}${space}}`;
  });

function escapeFirst(json: string): string {
  return json.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

/** A line with some characters put in, left out or replaced; what JSON is made of most of all. */
const damage = fc.array(
  fc.record({
    at: fc.nat(400),
    remove: fc.nat(3),
    insert: fc.oneof(
      fc.constantFrom(...'{}[]",:\\ -+.0123456789eEaulntrf/\t\r\v\f\0\u0010\u001f\u00a0\u2028\ufeff', ''),
      fc.constantFrom('\\u00', '\\"', 'null', 'true', 'false', '""', '1.0', '-0', '1e2', '01', '"rssi":'),
      fc.string({ maxLength: 3 }),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);
const damagedTexts = fc.tuple(fc.oneof(lines, fc.constant(line())), damage).map(([text, changes]) =>
  changes
    .reduce((result, { at, remove, insert }) => {
      const i = at % (result.length + 1);
      return result.slice(0, i) + insert + result.slice(i + remove);
    }, text)
    .replaceAll('\n', ' '),
);
/** Values that are JSON, or nearly so, in the place of one of an ordinary record. */
const oddValues = fc
  .tuple(
    fc.constantFrom('id', ...NAMES),
    fc.constantFrom(
      ...[
        '0',
        '-0',
        '00',
        '01',
        '-01',
        '1.5',
        '1.',
        '.5',
        '1.5.5',
        '1e2',
        '1E+2',
        '1e',
        '-',
        '+1',
        '0x1',
        '1_0',
      ],
      ...[
        'null',
        'nul',
        'nulls',
        'true',
        'false',
        'True',
        'NaN',
        'Infinity',
        'undefined',
        '',
        '{}',
        '[]',
        '[,]',
      ],
      ...[
        '"',
        '""',
        "'a'",
        '"a" "b"',
        '"\u001f"',
        '"\u007f"',
        '"\\q"',
        '"\\u12"',
        '"\\u0041"',
        '"\\"',
        '{"a":1,}',
      ],
    ),
  )
  .map(([name, value]) => line().replace(new RegExp(`"${name}":"[^"]*"`), () => `"${name}":${value}`));
const damagedLines = fc.oneof({ weight: 4, arbitrary: damagedTexts }, { weight: 1, arbitrary: oddValues });

/** A single record however it reaches the decoder. */
const frames = [(text: string) => text, (text: string) => `\n${text}\n`, (text: string) => `${text}\r\n`];

describe('compared with JSON.parse and the rules written plainly', () => {
  test('a record comes to the same outcome', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom(...frames), (text, frame) => {
        expect(outcome(frame(text), setup)).toEqual(expected(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a record of an array comes to the same outcome', () => {
    fc.assert(
      fc.property(
        fc.array(lines, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', ' ', '\n'),
        (texts, space) => {
          const decoded = decode(`[${space}${texts.join(`${space},${space}`)}${space}]`, setup);
          const kept = texts.map(expected).filter((result) => typeof result !== 'string');
          expect(keptRows(setup, decoded)).toEqual(kept);
          expect(decoded.lines).toBe(texts.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a damaged line is malformed exactly when JSON.parse refuses it or it is no object', () => {
    fc.assert(
      fc.property(damagedLines, fc.constantFrom(...frames), (text, frame) => {
        fc.pre(text.trim() !== '' && !/^[ \r\t]*\[|^\ufeff/.test(text));
        const result = outcome(frame(text), setup);
        expect(result === 'malformed').toBe(expected(text) === 'malformed');
        const record = parsed(text);
        if (record !== undefined && !NAMES.some((name) => typeof record[name] === 'number')) {
          expect(result).toEqual(expected(text));
        }
      }),
      { numRuns: 6_000 },
    );
  });
});

describe('damage', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom(...'{}[]",:\\\n\r \ta1'), { maxLength: 300 })
      .map((text) => Buffer.from(text.join(''))),
    damagedLines.map((text) => Buffer.from(text)),
  );

  test('of any kind never throws, and every record is kept or dropped with a letter', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, two) => {
        const into = new Decoded();
        setup.decoder.decode(Buffer.concat([one, Buffer.from('\n'), two]), RECEIVED_AT_S, into);
        expect(into.lines).toBe(into.sightings.length + into.deadLetters.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a line never costs its neighbours', () => {
    fc.assert(
      fc.property(bytes, (damaged) => {
        const oneLine = Buffer.from(damaged).map((byte) => (byte === 0x0a ? 0x20 : byte));
        const before = line({ shop_code: 'before' });
        const after = line({ shop_code: 'after' });
        const body = Buffer.concat([Buffer.from(`${before}\n`), oneLine, Buffer.from(`\n${after}`)]);
        const rows = keptRows(setup, decode(body, setup));
        expect(rows.at(0)).toMatchObject({ shop: 'before' });
        expect(rows.at(-1)).toMatchObject({ shop: 'after' });
        expect(rows.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of an element never costs its neighbours while strings and braces balance', () => {
    const harmless = fc
      .array(fc.constantFrom('x', '1', ':', '"s,]}"', '{"a":[}', '{"a":1]}', '[1,2]', 'null', ' '), {
        maxLength: 6,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(harmless, (element) => {
        const decoded = decode(`[${line()},${element},${line()}]`, setup);
        expect([decoded.sightings.length, decoded.lines]).toEqual([2, 3]);
      }),
    );
  });
});
