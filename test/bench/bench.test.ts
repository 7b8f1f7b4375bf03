import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseBenchOptions } from './bench-options.ts';
import { compact } from './compact.ts';
import { type Figure, verdict } from './figure.ts';
import { PARTS, type PartName } from './parts.ts';
import { ROOT } from './product-process.ts';
import { QUERY_CASES } from './query-cases.ts';
import { type PartResult, runPart } from './report.ts';
import { median, quantile } from './samples.ts';
import { formatTable } from './table.ts';

/** The production shape needs servers, and a minute: it is run by hand. */
const NAMES = (Object.keys(PARTS) as PartName[]).filter((name) => name !== 'production');
const MACHINE = { cpu: 'some processor', cores: 2, node: '20.0.0', platform: 'linux x64' };

describe('every part runs, small', () => {
  let folder: string;
  const results = new Map<PartName, PartResult>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'footfall-bench-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(NAMES)(
    '%s gives figures that can be printed',
    async (name) => {
      const setting = { quick: true, days: 2, folder, nodeFlags: [], tell: () => undefined };
      const result = await runPart(name, () => PARTS[name](setting));
      results.set(name, result);
      expect(result.failure).toBeUndefined();
      expect(result.figures.length).toBeGreaterThan(0);
      for (const { name: figure, value } of result.figures) {
        expect({ figure, isNumber: Number.isFinite(value) }).toEqual({ figure, isNumber: true });
      }
      const table = formatTable({ machine: MACHINE, parts: [result] });
      for (const figure of result.figures) expect(table).toContain(figure.name);
    },
    120_000,
  );

  test('no two figures of a part have one name', () => {
    for (const { figures } of results.values()) {
      expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
    }
  });
});

test('every field of Query is asked', () => {
  const schema = readFileSync(join(ROOT, 'schema.graphql'), 'utf8');
  const query = /^type Query \{\n([\s\S]*?)^\}/m.exec(schema)![1]!.replaceAll(/"""[\s\S]*?"""/g, '');
  const fields = [...query.matchAll(/^ {2}([a-zA-Z]+)[(:]/gm)].map(([, field]) => field!);
  expect(fields).toContain('mallFootfall');
  expect([...new Set(QUERY_CASES.map(({ field }) => field))].sort()).toEqual(fields.sort());
});

test.each([
  [{ atLeast: 10 }, 10, 'PASS'],
  [{ atLeast: 10 }, 9, 'MISSED'],
  [{ atMost: 10 }, 10, 'PASS'],
  [{ atMost: 10 }, 11, 'MISSED'],
  [undefined, 11, ''],
] as const)('a target of %j and a figure of %d: %s', (target, value, said) => {
  const figure: Figure = { name: 'a figure', value, unit: 'ms', ...(target && { target }) };
  expect(verdict(figure)).toBe(said);
});

test('a table has each figure beside its target, and says how many are missed', () => {
  const figures: Figure[] = [
    { name: 'fast enough', value: 2_500_000, unit: 'records/s', target: { atLeast: 2e6 }, detail: 'of 3' },
    { name: 'too slow', value: 31.25, unit: 'ms', target: { atMost: 30 } },
    { name: 'as it is', value: 298.4, unit: 'bytes' },
  ];
  const parts = [{ name: 'all', seconds: 12.3, loadBefore: 0.5, figures }];
  expect(formatTable({ machine: MACHINE, parts })).toBe(
    [
      'some processor, 2 cores, Node 20.0.0, linux x64',
      '',
      'figure        measured     target          detail',
      '',
      'all  (12 s; load of the machine before: 0.50)',
      'fast enough    2.50M/s  ≥ 2.00M/s  PASS    of 3',
      'too slow       31.3 ms  ≤ 30.0 ms  MISSED',
      'as it is     298 bytes',
      '',
      '1 target is missed',
      '',
    ].join('\n'),
  );
});

test('a part that fails has no figures and says why; the others keep theirs', async () => {
  const failing = await runPart('broken', () => Promise.reject(new Error('no such mall')));
  const measured = await runPart('whole', async () => [{ name: 'as it is', value: 1, unit: 'ms' }]);
  const table = formatTable({ machine: MACHINE, parts: [failing, measured] });
  expect(table).toContain('failed: Error: no such mall');
  expect(table).toContain('as it is');
  expect(table).toMatch(/\n1 part failed\n$/);
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('of the numbers from 1 to 100, the %d quantile is %d', (share, expected) => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(values, share)).toBe(expected);
});

test.each([
  [500, '500'],
  [1_000, '1k'],
  [1_260, '1.3k'],
  [20_400, '20k'],
  [1_000_000, '1M'],
  [9_870_000, '9.87M'],
])('%d is written %s', (value, text) => {
  expect(compact(value)).toBe(text);
});

describe('options', () => {
  const parts = ['decode', 'fold', 'import'] as const;

  test('parts run in their own order, whatever the order they are named in', () => {
    expect(parseBenchOptions(['--only', 'import,decode'], parts).only).toEqual(['decode', 'import']);
  });

  test('without options, everything is measured on 90 days and printed as a table', () => {
    expect(parseBenchOptions([], parts)).toEqual({
      json: false,
      quick: false,
      days: 90,
      only: parts,
      profileFolder: null,
    });
  });

  test.each([
    [['--only', 'decode,brew'], 'there is no part brew; there are decode, fold, import'],
    [['--days', '1'], '--days is 1; it must be a whole number from 2 to 1000'],
    [['--days', 'many'], '--days is many; it must be a whole number from 2 to 1000'],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parseBenchOptions(args, parts)).toThrow(message);
  });
});
