import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { openEmbedded } from '../../src/commands/embedded.ts';
import { readSettings } from '../../src/config/settings.ts';
import { testOnlyWhere } from '../only-where.ts';
import { runHere } from './here.ts';
import { eachTestHasAHome, home } from './home.ts';
import { interrupt, run, served, start } from './program.ts';

/** One starts processes, on a machine that may be busy. */
jest.setTimeout(120_000);

eachTestHasAHome(['edges']);

test('with everything right it says what is in force, and ends with 0', async () => {
  const { code, stdout, stderr } = await runHere(['doctor'], home.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`data folder (FOOTFALL_DATA) is ${home.env.FOOTFALL_DATA}\n`);
  expect(stdout).toContain('mall edges: Golden mall Edges, Asia/Tokyo, 3 shops, 4 access points\n');
  expect(stdout).toContain(
    `secret of mall edges is ${secretOf('edges')}; keep a copy, it cannot be replaced\n`,
  );
  expect(levelsOf(stdout)).toEqual(new Set(['ok']));
});

test('a mall that was never opened needs no secret yet', async () => {
  rmSync(secretOf('edges'));
  const { code, stdout } = await runHere(['doctor'], home.env);
  expect(code).toBe(0);
  expect(stdout).toContain(`secret of mall edges: the first start makes ${secretOf('edges')}\n`);
});

test('names that are no settings are noted, but for those that Kubernetes sets', async () => {
  const env = { ...home.env, FOOTFALL_URL: 'x', FOOTFALL_SERVICE_HOST: '10.0.0.11' };
  const { code, stdout } = await runHere(['doctor'], env);
  expect(code).toBe(0);
  expect(stdout).toContain('note  FOOTFALL_URL is not a setting: nothing reads it\n');
  expect(stdout).not.toContain('FOOTFALL_SERVICE_HOST');
});

test('a mall that has data and no directory is noted', async () => {
  await runHere(['settle', '--mall', 'edges'], home.env);
  rmSync(join(home.env.FOOTFALL_MALLS!, 'edges'), { recursive: true });
  const { code, stdout } = await runHere(['doctor'], home.env);
  expect(code).toBe(0);
  expect(stdout).toContain('note  mall edges has data and no directory, so that it is not served\n');
});

test('without a folder of malls it says how to make one; that is a beginning, and no mistake', async () => {
  const malls = join(home.folder, 'no-malls');
  const { code, stdout } = await runHere(['doctor'], { ...home.env, FOOTFALL_MALLS: malls });
  expect(code).toBe(0);
  expect(stdout).toContain(
    `note  no malls in ${malls} (FOOTFALL_MALLS); make ${malls}/<code>/ with mall.json, area_shop.csv and place_info.csv, or try footfall start --demo\n`,
  );
});

describe('what is wrong ends it with 1, each with what to do', () => {
  test.each([
    [
      'a mall.json with mistakes, all of them, while the other mall is right',
      () => {
        const folder = join(home.env.FOOTFALL_MALLS!, 'tokyo');
        mkdirSync(folder);
        const mall = { name: 'Tokyo', timeZone: 'Asia/Tokio', settings: { visitGapSecond: 60 } };
        writeFileSync(join(folder, 'mall.json'), JSON.stringify(mall));
      },
      [
        'did you mean "Asia/Tokyo"?',
        'settings.visitGapSecond is unknown; did you mean visitGapSeconds?',
        'tokyo/area_shop.csv: is missing',
        'ok    mall edges',
      ],
    ],
    [
      'a folder whose name is no mall code',
      () => mkdirSync(join(home.env.FOOTFALL_MALLS!, 'old copy')),
      ['"old copy" is no mall code; name the folder by 1 to 48 of A-Z a-z 0-9 _ -'],
    ],
    [
      'a data folder that cannot be written',
      () => {
        rmSync(home.env.FOOTFALL_DATA!, { recursive: true });
        writeFileSync(home.env.FOOTFALL_DATA!, 'a file stands here');
      },
      [
        'wrong data folder (FOOTFALL_DATA)',
        'a file stands where a folder should be (ENOTDIR); choose another or mend its rights',
      ],
    ],
    [
      'a data file that is none',
      () => writeFileSync(join(home.env.FOOTFALL_DATA!, 'footfall.duckdb'), 'not a database'.repeat(1_000)),
      ['wrong the data file', 'restore it from a backup, or set FOOTFALL_DATA to another folder'],
    ],
    [
      'a secret that others may read',
      () => chmodSync(secretOf('edges'), 0o644),
      ['wrong ', 'is open to others than its owner; run: chmod 600'],
    ],
    [
      'a secret of the wrong shape',
      () => writeFileSync(secretOf('edges'), 'short'),
      ['wrong ', 'does not hold 64 hexadecimal digits'],
    ],
  ])('%s', async (_what, make, says) => {
    make();
    const { code, stdout, stderr } = await runHere(['doctor'], home.env);
    expect(code).toBe(1);
    for (const text of says) expect(stdout).toContain(text);
    expect(stderr).toMatch(/^footfall: \d things? (is|are) wrong\n$/);
  });

  const testOnLinux = testOnlyWhere(
    process.platform === 'linux',
    'doctor in a folder of the system',
    'this is not Linux',
  );
  testOnLinux('a data folder where the system lets nobody make one', async () => {
    const { code, stdout } = await runHere(['doctor'], { ...home.env, FOOTFALL_DATA: '/proc/footfall' });
    expect(code).toBe(1);
    expect(stdout).toContain(
      'wrong data folder (FOOTFALL_DATA) /proc/footfall cannot be written: there is no',
    );
  });

  /** Whoever is root may write everywhere, whatever the rights say. */
  const testAsUser = testOnlyWhere(process.getuid?.() !== 0, 'doctor without rights', 'this is root');
  testAsUser('a data folder without the right to write', async () => {
    chmodSync(home.env.FOOTFALL_DATA!, 0o500);
    const { code, stdout } = await runHere(['doctor'], home.env);
    chmodSync(home.env.FOOTFALL_DATA!, 0o700);
    expect(code).toBe(1);
    expect(stdout).toContain('cannot be written: this user has no right to (EACCES)');
  });
});

describe('what the data know of a mall is compared with', () => {
  beforeEach(() => runHere(['settle', '--mall', 'edges'], home.env));

  test.each<[string, () => void, string]>([
    [
      'another time zone',
      () => changeMall((mall) => ({ ...mall, timeZone: 'UTC' })),
      'wrong edges/mall.json: timeZone was "Asia/Tokyo" and is now "UTC"; change it back',
    ],
    [
      'another secret',
      () => writeFileSync(secretOf('edges'), 'f'.repeat(64)),
      'is not the secret that the customers of mall edges are stored under',
    ],
    ['no secret', () => rmSync(secretOf('edges')), 'is missing, and the customers of mall edges are stored'],
  ])('%s is wrong', async (_what, spoil, says) => {
    spoil();
    const { code, stdout } = await runHere(['doctor'], home.env);
    expect(code).toBe(1);
    expect(stdout).toContain(says);
  });

  test('while another process has the data open, they were not compared, which is said', async () => {
    const embedded = await openEmbedded({
      settings: readSettings(home.env),
      mallsFolders: [home.env.FOOTFALL_MALLS!],
      logTo: process.stderr,
    });
    const { code, stdout } = await runHere(['doctor'], home.env);
    await embedded.close();
    expect(code).toBe(0);
    expect(stdout).toContain('note  secrets and time zones were not compared with the data: another process');
  });
});

test('while a server runs it says where, and that commands go through it', async () => {
  const server = start(['start', '--port', '0'], home.env);
  const url = await served(server);
  const { code, stdout } = await run(['doctor'], home.env);
  await interrupt(server);
  expect(code).toBe(0);
  expect(stdout).toContain('were not compared with the data: the server has them open\n');
  expect(stdout).toContain(
    `a server runs at ${url} (process ${server.process.pid}); commands go through it\n`,
  );
});

function secretOf(mall: string): string {
  return join(home.env.FOOTFALL_DATA!, 'secrets', mall);
}

function changeMall(change: (mall: object) => object): void {
  const file = join(home.env.FOOTFALL_MALLS!, 'edges', 'mall.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as object)));
}

function levelsOf(stdout: string): Set<string> {
  return new Set(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(' '))),
  );
}
