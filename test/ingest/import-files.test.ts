import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import type { ImportProgress } from '../../src/ingest/operations.ts';
import { until } from '../system/until.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const YESTERDAY_S = NOON_S - DAY_S;
const YESTERDAY = dateOf(YESTERDAY_S);
const TODAY = dateOf(NOON_S);
const BROKEN = '{"user_device_mac":"somebody"}';

let running: RunningMalls;
beforeEach(async () => {
  running = await RunningMalls.open();
});
afterEach(() => running.close());

/** So many devices, one record each. */
const probes = (devices: number, atS = YESTERDAY_S, from = 0) =>
  Array.from({ length: devices }, (_, i) => probe(from + i, atS));
const ndjson = (lines: readonly string[]) => Buffer.from(`${lines.join('\n')}\n`);
const csv = (lines: readonly string[]) => {
  const rows = lines.map((line) => Object.values(JSON.parse(line)).join(','));
  return Buffer.from(`user_device_mac,occur_time,shop_code,rssi\r\n${rows.join('\r\n')}\r\n`);
};

describe('a file', () => {
  test.each<[string, Uint8Array]>([
    ['NDJSON', ndjson(probes(200))],
    ['NDJSON without its last line feed', Buffer.from(probes(200).join('\n'))],
    ['a JSON array', Buffer.from(`[${probes(200).join(',\n')}]`)],
    ['CSV', csv(probes(200))],
    ['gzipped NDJSON', gzipSync(ndjson(probes(200)))],
    ['gzipped CSV', gzipSync(csv(probes(200)))],
    [
      'two gzips in one',
      Buffer.concat([gzipSync(ndjson(probes(150))), gzipSync(ndjson(probes(50, YESTERDAY_S, 150)))]),
    ],
  ])('of %s is read, and its days settle at once', async (_, file) => {
    expect(await running.import({ file })).toMatchObject({
      lines: 200,
      kept: 200,
      dropped: {},
      days: [{ date: YESTERDAY, state: 'settled' }],
    });
    expect(await running.footfall(YESTERDAY)).toEqual({ footfall: 200, newCustomers: 200, settled: true });
  });

  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.from('')],
    ['blank lines', Buffer.from('\n \r\n\n')],
    ['a CSV header alone', csv([])],
    ['an empty array', Buffer.from('[]')],
    ['nothing, gzipped', gzipSync('')],
  ])('of %s has no line and touches no day', async (_, file) => {
    expect(await running.import({ file })).toMatchObject({ lines: 0, kept: 0, dropped: {}, days: [] });
  });

  test.each<[string, Uint8Array, lines: number]>([
    ['a text', Buffer.from('Dear mall,\nhere are the records.\n'), 2],
    ['a CSV of something else', Buffer.from('name,price\ntea,3\n'), 2],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), 3],
  ])('that is %s is all malformed, and stays in the dead letters', async (_, file, lines) => {
    expect(await running.import({ file })).toMatchObject({
      lines,
      kept: 0,
      dropped: { malformed: lines },
      days: [],
    });
    expect(await running.malls.deadLetters(MALL, { limit: 100 })).toHaveLength(lines);
  });

  test('that is half a gzip is refused by its name; the whole one imported then gives the right answers', async () => {
    const whole = gzipSync(ndjson(probes(5_000)));
    const files = { 'may.ndjson.gz': whole.subarray(0, whole.length >> 1) };
    await expect(running.import(files)).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringMatching(/^may\.ndjson\.gz is not whole gzip/),
    });
    const { footfall: read, settled } = await running.footfall(YESTERDAY);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(5_000);
    expect(settled).toBe(true);
    expect(await running.import({ 'may.ndjson.gz': whole })).toMatchObject({ lines: 5_000, kept: 5_000 });
    expect(await running.footfall(YESTERDAY)).toEqual({
      footfall: 5_000,
      newCustomers: 5_000,
      settled: true,
    });
  });

  test('whose gzip is damaged in the middle is refused', async () => {
    const damaged = gzipSync(ndjson(probes(5_000)));
    damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 20);
    await expect(running.import({ damaged })).rejects.toMatchObject({ code: 'BAD_FILE' });
  });

  test('that cannot be read to its end fails with its own error', async () => {
    const error = new Error('the disk is gone');
    const files = (async function* () {
      const bytes = (async function* () {
        yield ndjson(probes(5));
        throw error;
      })();
      yield { name: 'file', bytes };
    })();
    await expect(running.malls.importFiles(MALL, files, () => undefined)).rejects.toBe(error);
    expect(await running.footfall(YESTERDAY)).toMatchObject({ footfall: 5, settled: true });
  });
});

test('a gzip that comes byte by byte is inflated all the same', async () => {
  const content = gzipSync(ndjson(probes(3)));
  const files = (async function* () {
    const bytes = (async function* () {
      for (let at = 0; at < content.length; at++) yield content.subarray(at, at + 1);
    })();
    yield { name: 'pipe', bytes };
  })();
  const result = await running.malls.importFiles(MALL, files, () => undefined);
  expect(result).toMatchObject({ lines: 3, kept: 3, dropped: {} });
});

describe('several files', () => {
  test('are one import: formats may mix, an empty one does no harm, a bad record touches no other', async () => {
    const result = await running.import({
      'a.ndjson': ndjson([...probes(10), BROKEN]),
      'b.ndjson': Buffer.from(''),
      'c.csv.gz': gzipSync(csv(probes(10, YESTERDAY_S - DAY_S, 5))),
      'd.ndjson': Buffer.from(probe(99, YESTERDAY_S)),
    });
    expect(result).toMatchObject({
      lines: 22,
      kept: 21,
      dropped: { bad_device: 1 },
      days: [
        { date: dateOf(YESTERDAY_S - DAY_S), state: 'settled' },
        { date: YESTERDAY, state: 'settled' },
      ],
    });
    expect(await running.footfall(YESTERDAY)).toEqual({ footfall: 11, newCustomers: 6, settled: true });
  });

  test('tell their progress, which never goes back and ends with every record and every byte', async () => {
    const files = { a: gzipSync(ndjson(probes(3_000))), b: ndjson(probes(3_000)) };
    const told: ImportProgress[] = [];
    await running.import(files, (progress) => told.push(progress));
    const reading = told.filter(({ phase }) => phase === 'reading');
    expect(reading.map(({ records }) => records)).toEqual(
      reading.map(({ records }) => records).sort((a, b) => a - b),
    );
    expect(reading.at(-1)).toMatchObject({ records: 6_000, bytes: files.a.length + files.b.length });
    expect(told.at(-1)).toMatchObject({ phase: 'settling', records: 6_000 });
  });

  test('of more than one commit holds are kept in several, and count once', async () => {
    const lines = Array.from({ length: 25_000 }, () => BROKEN);
    const { dropped } = await running.import({ a: ndjson(lines), b: ndjson(probes(100)) });
    expect(dropped).toEqual({ bad_device: 25_000 });
    expect(running.steered.writes.filter((write) => write === 'commit')).toHaveLength(3);
    expect(await running.footfall(YESTERDAY)).toEqual({ footfall: 100, newCustomers: 100, settled: true });
    const books = await running.store.ingestDays(MALL, { from: 0, to: 40_000 });
    expect(books.map(({ kept, dropped }) => [kept, dropped])).toEqual([
      [100, {}],
      [0, { bad_device: 25_000 }],
    ]);
  });
});

describe('an import', () => {
  test('repeated changes no answer; records are counted every time', async () => {
    const file = ndjson(probes(20));
    await running.import({ file });
    const before = await running.footfall(YESTERDAY);
    await running.import({ file });
    expect(await running.footfall(YESTERDAY)).toEqual(before);
    const [counters] = await running.store.ingestDays(MALL, { from: 0, to: 40_000 });
    expect(counters!.kept).toBe(40);
  });

  test('of the day that is not over leaves it open, counted at once, beside what comes live', async () => {
    await running.send(probe(1, NOON_S), probe(2, NOON_S));
    expect(await running.import({ file: ndjson(probes(5, NOON_S - 3_600)) })).toMatchObject({
      days: [{ date: TODAY, state: 'open' }],
    });
    await running.send(probe(9, NOON_S));
    expect(await running.footfall(TODAY)).toEqual({ footfall: 6, newCustomers: 6, settled: false });
  });

  test('judges every record by the instant at which it began', async () => {
    const tooNew = probe(1, NOON_S + 121);
    const result = await running.import({ file: ndjson([probe(1, NOON_S + 120), tooNew, probe(1, 86_400)]) });
    expect(result).toMatchObject({ kept: 1, dropped: { from_future: 1, too_old: 1 } });
  });

  test('into a mall that nobody knows is refused, and says which ones there are', async () => {
    const files = (async function* () {})();
    await expect(running.malls.importFiles('other', files, () => undefined)).rejects.toMatchObject({
      code: 'UNKNOWN_MALL',
      message: `no mall "other": this store serves ${MALL}`,
    });
  });

  test('keeps its days from settling in the middle of it', async () => {
    await running.import({ file: ndjson(probes(1)) });
    const file = (name: string, lines: readonly string[]) => ({
      name,
      bytes: Readable.from([ndjson(lines)]),
    });
    const files = (async function* () {
      // So many dead letters make the batch be committed before the file is read to its end.
      yield file('first', [...probes(5), ...Array.from({ length: 10_000 }, () => BROKEN)]);
      await until('the first commit', () => running.mall.ledger.waits(parseDay(YESTERDAY)!));
      await running.passS(3_600);
      yield file('second', probes(5, YESTERDAY_S, 5));
    })();
    await running.malls.importFiles(MALL, files, () => undefined);
    expect(running.steered.writes).toEqual(['commit', 'replaceDay', 'add', 'commit', 'commit', 'replaceDay']);
    expect(await running.footfall(YESTERDAY)).toMatchObject({ footfall: 10, settled: true });
  });
});
