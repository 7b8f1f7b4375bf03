import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Calendar } from '../../src/calendar.ts';
import { demoMallsFolder, openDemo, pastFiles, rangeToFill } from '../../src/commands/demo-mall.ts';
import { openEmbedded } from '../../src/commands/embedded.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { Simulator } from '../../src/ingest/simulator/simulator.ts';
import { createHome, type Home } from '../system/system.ts';
import { Kept } from './here.ts';

const DAY_S = 86_400;
const calendar = new Calendar('UTC');
const NOW_S = Date.UTC(2026, 10, 20, 12) / 1_000;
const TWO_WEEKS_AGO_S = Date.UTC(2026, 10, 6) / 1_000;

describe('the past that a start makes up', () => {
  test.each<[string, string | undefined, number]>([
    ['two weeks at the first start', undefined, TWO_WEEKS_AGO_S],
    ['what was missed since the last one', String(NOW_S - 2 * DAY_S), NOW_S - 2 * DAY_S],
    ['two weeks and no more after a long pause', String(NOW_S - 300 * DAY_S), TWO_WEEKS_AGO_S],
  ])('%s', (_what, checkpoint, fromS) => {
    expect(rangeToFill(calendar, checkpoint, NOW_S)).toEqual({ fromS, untilS: NOW_S });
  });

  test('comes day by day, and ends after the day under way when it is to stop', async () => {
    const stopping = new AbortController();
    const range = { fromS: NOW_S - 3 * DAY_S, untilS: NOW_S };
    const simulator = { chunks: () => [] } as unknown as Simulator;
    const positions: string[] = [];
    for await (const { checkpoint } of pastFiles(calendar, range, {
      simulator,
      source: 'simulator',
      stopping: stopping.signal,
    })) {
      positions.push(checkpoint!.position);
      if (positions.length === 2) stopping.abort();
    }
    const midnightS = Date.UTC(2026, 10, 18) / 1_000;
    expect(positions).toEqual([String(midnightS), String(midnightS + DAY_S)]);
  });
});

describe('a demo whose directory is refused', () => {
  let home: Home;
  beforeEach(() => {
    home = createHome([]);
  });
  afterEach(() => home.remove());

  test('is said with what is wrong in it', async () => {
    const settings = readSettings(home.env);
    const mallsFolders = [demoMallsFolder(settings.dataFolder)];
    const open = async () => {
      const demo = await openDemo(settings, terminal, new AbortController().signal);
      return { demo, embedded: await openEmbedded({ settings, mallsFolders, logTo: new Kept() }) };
    };
    const terminal = { env: {}, stdin: process.stdin, stdout: new Kept(), stderr: new Kept() };
    const first = await open();
    await first.embedded.close();
    const file = join(mallsFolders[0]!, 'demo', 'mall.json');
    const mall = JSON.parse(readFileSync(file, 'utf8')) as { timeZone: string };
    const timeZone = mall.timeZone === 'Asia/Tokyo' ? 'UTC' : 'Asia/Tokyo';
    writeFileSync(file, JSON.stringify({ ...mall, timeZone }));
    const { demo, embedded } = await open();
    await expect(demo.backfill(embedded)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringMatching(/^the demo mall cannot be served: demo\/mall.json: timeZone was/),
    });
    await embedded.close();
  });
});
