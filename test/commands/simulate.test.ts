import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import { ask } from '../system/system.ts';
import { until } from '../system/until.ts';
import { runHere } from './here.ts';
import { eachTestHasAHome, home } from './home.ts';
import { lastLine, ONE_SENTENCE, run, served, start } from './program.ts';

/** Every test starts processes, on a machine that may be busy. */
jest.setTimeout(120_000);

eachTestHasAHome(['shanghai']);

interface Line {
  readonly occur_time: string;
  readonly user_device_mac: string;
  readonly shop_code: string;
}

const CLEAN = ['--late', '0', '--repeated', '0', '--damaged', '0'];

async function linesOf(...flags: string[]): Promise<string[]> {
  const args = ['simulate', '--mall', 'shanghai', '--out', '-', ...flags];
  const { code, stdout, stderr } = await run(args, home.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

test('the same flags give the same records, another seed others; to a file as to standard output', async () => {
  const file = join(home.folder, 'made-up.ndjson.gz');
  const [first, other] = await Promise.all([
    linesOf('--records', '500'),
    linesOf('--records', '500', '--seed', '2'),
    run(['simulate', '--mall', 'shanghai', '--records', '500', '--out', file], home.env),
  ]);
  expect(first).toHaveLength(500);
  expect(other).toHaveLength(500);
  expect(other).not.toEqual(first);
  expect(gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')).toEqual(first);
});

test('without late, repeated and damaged ones, every line is a record of its days, of the mall’s own shops, once', async () => {
  const days = ['--from', '2024-02-28', '--days', '3'];
  const lines = await linesOf(...days, '--devices', '40', '--records-per-device', '10', ...CLEAN);
  expect(new Set(lines).size).toBe(lines.length);
  const records = lines.map((line) => JSON.parse(line) as Line);
  const dates = records.map(({ occur_time }) =>
    new Date((Number(occur_time) + 8 * 3_600) * 1000).toISOString().slice(0, 10),
  );
  expect([...new Set(dates)].sort()).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  const shops = readFileSync(join(home.env.FOOTFALL_MALLS!, 'shanghai', 'area_shop.csv'), 'utf8');
  const known = records.filter(({ shop_code }) => shops.includes(`,${shop_code},`));
  expect(known.length).toBeGreaterThan(lines.length / 2);
});

test('when the days hold fewer records than were asked for, it says how many and how to get more', async () => {
  const flags = '--records 3000 --devices 20 --records-per-device 10 --days 2';
  const args = ['simulate', '--mall', 'shanghai', '--out', '-', ...flags.split(' ')];
  const { code, stdout, stderr } = await runHere(args, home.env);
  expect(code).toBe(0);
  const made = stdout.trimEnd().split('\n').length.toLocaleString('en');
  expect(stderr).toBe(
    `footfall: the days hold no more than ${made} records; ask for more with --devices, --records-per-device or --days\n`,
  );
});

test('a reader that has seen enough ends it without a word', async () => {
  const { process, ended } = start(['simulate', '--mall', 'shanghai', '--out', '-'], home.env);
  process.stdout!.once('data', () => process.stdout!.destroy());
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['a place that is not there', () => join(home.folder, 'nowhere', 'x.ndjson'), 'there is no such place'],
  ['a folder', () => home.folder, 'a folder stands there'],
])('--out that is %s is said with what to do', async (_what, out, says) => {
  const { code, stderr } = await runHere(
    ['simulate', '--mall', 'shanghai', '--records', '10', '--out', out()],
    home.env,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain(`${out()} cannot be written: ${says}`);
  expect(stderr).toContain('; choose another --out\n');
});

test('a folder of malls that cannot be made is said with what to do', async () => {
  const env = { ...home.env, FOOTFALL_MALLS: join(home.env.FOOTFALL_MALLS!, 'shanghai', 'mall.json') };
  const { code, stderr } = await runHere(['simulate', '--mall', 'x', '--make-mall'], env);
  expect(code).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain('folder of malls (FOOTFALL_MALLS)');
});

test('no phone with a made-up address, and half of the records damaged, where that is asked for', async () => {
  const [plain, damaged] = await Promise.all([
    linesOf('--records', '500', '--randomized', '0', ...CLEAN),
    linesOf('--records', '1000', '--damaged', '0.5'),
  ]);
  const isMadeUp = (line: string) => /^.[26ae]/.test((JSON.parse(line) as Line).user_device_mac);
  expect(plain.filter(isMadeUp)).toEqual([]);
  // Damaged otherwise are those whose address or time reads like one and is none.
  const cutOrGarbled = damaged.filter((line) => !isWhole(line)).length;
  expect(cutOrGarbled).toBeGreaterThan(200);
  expect(cutOrGarbled).toBeLessThan(600);
});

function isWhole(line: string): boolean {
  try {
    const { user_device_mac, occur_time } = JSON.parse(line) as Partial<Line>;
    return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(user_device_mac ?? '') && /^\d{10}$/.test(occur_time ?? '');
  } catch {
    return false;
  }
}

test('--make-mall invents a mall where there is none, and the records are imported into it', async () => {
  const refused = await run(['simulate', '--mall', 'fresh', '--records', '1000'], home.env);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(ONE_SENTENCE);
  expect(refused.stderr).toContain('--make-mall');
  const args = ['simulate', '--mall', 'fresh', '--make-mall', '--records', '1000', ...CLEAN];
  const { code, stdout } = await run(args, home.env);
  expect(code).toBe(0);
  expect(lastLine(stdout)).toMatchObject({ lines: 1000, kept: 1000, dropped: {} });
  expect(existsSync(join(home.env.FOOTFALL_MALLS!, 'fresh', 'mall.json'))).toBe(true);
});

test('a mall code that leads out of the malls folder makes nothing', async () => {
  const { code } = await run(['simulate', '--mall', '../outside', '--make-mall', '--records', '1'], home.env);
  expect(code).toBe(2);
  expect(existsSync(join(home.folder, 'outside'))).toBe(false);
});

test('at a pace, records are posted to the server that runs; without one it says what to do', async () => {
  const alone = await run(['simulate', '--mall', 'shanghai', '--speed', '1'], home.env);
  expect(alone.code).toBe(1);
  expect(alone.stderr).toMatch(ONE_SENTENCE);
  expect(alone.stderr).toContain('footfall start');
  const server = start(['start', '--port', '0'], home.env);
  const url = await served(server);
  const args = ['simulate', '--mall', 'shanghai', '--from', '2024-02-28', '--speed', '20000'];
  start(args, home.env);
  await until(
    'records of the simulated day',
    async () => {
      const query = '{ mallFootfall(mall: "shanghai", from: "2024-02-28", to: "2024-02-28") { footfall } }';
      const { mallFootfall } = await ask<{ mallFootfall: { footfall: number }[] }>(url, query);
      return mallFootfall[0]!.footfall > 0;
    },
    60_000,
  );
});
