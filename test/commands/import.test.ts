import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { testOnlyWhere } from '../only-where.ts';
import { expectGoldenAnswers } from '../system/golden-answers.ts';
import { probesOf } from '../system/golden-files.ts';
import { startSystem } from '../system/system.ts';
import { runHere } from './here.ts';
import { eachTestHasAHome, home } from './home.ts';
import { interrupt, lastLine, ONE_SENTENCE, run, served, start } from './program.ts';

/** What the golden mall `edges` makes of its records, whichever way they come. */
const EDGES = {
  lines: 76,
  kept: 56,
  dropped: { malformed: 7, bad_device: 6, bad_time: 5, too_old: 1, from_future: 1 },
  days: ['2024-05-01', '2024-05-02', '2024-05-03'].map((date) => ({ date, state: 'settled' })),
  seconds: expect.any(Number),
  recordsPerSecond: expect.any(Number),
};

/** Many processes one after the other, on a machine that may be busy. */
jest.setTimeout(120_000);

eachTestHasAHome(['edges']);

function write(name: string, content: string | Uint8Array): string {
  const path = join(home.folder, name);
  writeFileSync(path, content);
  return path;
}

const importOf = (path: string, stdin?: Uint8Array) =>
  run(['import', path, '--mall', 'edges'], home.env, stdin);

describe('the last line is one JSON object of what came in', () => {
  test('of a file, and of the same records compressed, by standard input: the answers are the golden ones', async () => {
    const first = await importOf(write('probes.ndjson', probesOf('edges')));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(first.stdout)).toEqual(EDGES);
    const again = await importOf('-', gzipSync(probesOf('edges')));
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(again.stdout)).toEqual(EDGES);
    const system = await startSystem(home);
    await expectGoldenAnswers(system.url, 'edges');
    await system.close();
  });

  test('of several files together, one of them CSV with its columns in another order', async () => {
    const csv = [
      'colour,occur_time,user_device_mac,shop_code',
      'red,1714615200,a4:c3:61:00:00:01,S1',
      'blue,1714615201,a4:c3:61:00:00:02,"S2"',
      'green,yesterday,a4:c3:61:00:00:02,S2',
    ].join('\r\n');
    const ndjson = '{"occur_time":"1714525200","user_device_mac":"a4:c3:61:00:00:03"}\n\n';
    const files = [write('probes.csv', csv), write('probes.ndjson.gz', gzipSync(ndjson))];
    const { code, stdout } = await run(['import', ...files, '--mall', 'edges'], home.env);
    expect(code).toBe(0);
    expect(lastLine(stdout)).toEqual({
      ...EDGES,
      ...{ lines: 4, kept: 3, dropped: { bad_time: 1 }, days: EDGES.days.slice(0, 2) },
    });
  });

  test('of an empty file, which is no mistake', async () => {
    const { code, stdout } = await importOf('-', Buffer.alloc(0));
    expect(code).toBe(0);
    expect(lastLine(stdout)).toEqual({ ...EDGES, lines: 0, kept: 0, dropped: {}, days: [] });
  });
});

describe('while a server runs on the same data, through it', () => {
  test('import, settle and dead-letters say what they say without one, and are seen at once', async () => {
    const server = start(['start', '--port', '0'], home.env);
    await served(server);
    const imported = await importOf(write('probes.ndjson.gz', gzipSync(probesOf('edges'))));
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(imported.stdout)).toEqual(EDGES);
    await expectGoldenAnswers(await served(server), 'edges');
    const through = await askAfterImport();
    expect((await interrupt(server)).code).toBe(0);
    expect(await askAfterImport()).toEqual(through);
    const [settled, letters] = through;
    expect(lastLine(settled!.stdout)).toEqual([{ date: '2024-05-02', state: 'settled' }]);
    expect(letters!.stdout.trim().split('\n').map(letterOf)).toEqual(
      Array(5).fill(['body', 'detail', 'reason', 'receivedAt']),
    );
  });

  async function askAfterImport() {
    const answers = [];
    for (const line of [
      'settle --mall edges --from 2024-05-02 --to 2024-05-02',
      'dead-letters --mall edges --reason bad_time',
      'settle --mall elsewhere',
    ]) {
      answers.push(await run(line.split(' '), home.env));
    }
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 1]);
    return answers;
  }

  const letterOf = (line: string) => Object.keys(JSON.parse(line) as object).sort();
});

test('settle without days has nothing to do after an import, and says so', async () => {
  await importOf('-', probesOf('edges'));
  expect(await run(['settle', '--mall', 'edges'], home.env)).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

describe('what cannot be imported ends with 1 and one line', () => {
  test.each([
    ['a file that is not there', () => join(home.folder, 'nothing.ndjson'), 'there is no file'],
    ['a folder', () => home.folder, 'is a folder; name its files'],
    [
      'half a compressed file',
      () => write('half.gz', gzipSync(probesOf('edges')).subarray(0, 400)),
      'is not whole gzip',
    ],
  ])('%s', async (_what, path, says) => {
    const { code, stdout, stderr } = await importOf(path());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toContain(says);
  });

  test('a mall that is not served, naming those that are', async () => {
    const { code, stderr } = await runHere(['import', '-', '--mall', 'edgs'], home.env);
    expect(code).toBe(1);
    expect(stderr).toBe('footfall: no mall "edgs": this store serves edges\n');
  });

  test('any mall, where there is none', async () => {
    const env = { ...home.env, FOOTFALL_MALLS: join(home.folder, 'no-malls') };
    const { stderr } = await runHere(['import', '-', '--mall', 'a'], env);
    expect(stderr).toBe('footfall: no mall "a": there is none yet; footfall doctor says how to make one\n');
  });

  test('a mall whose directory has mistakes, saying one of them; another mall is imported without a word', async () => {
    mkdirSync(join(home.env.FOOTFALL_MALLS!, 'half'));
    writeFileSync(join(home.env.FOOTFALL_MALLS!, 'half', 'mall.json'), '{"name":');
    const env = { ...home.env, FOOTFALL_LOG: 'trace' };
    const { code, stderr } = await runHere(['import', '-', '--mall', 'half'], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toMatch(/^footfall: mall half cannot be served: half\/mall.json: is not JSON/);
    expect(stderr).toContain('; footfall doctor shows all its mistakes\n');
    const good = await runHere(['import', '-', '--mall', 'edges'], env, probesOf('edges'));
    expect(good).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('an import that keeps nothing ends with 0, and says why below its result', () => {
  test.each([
    ['', 'there was none in the input'],
    [
      '{}\n{"user_device_mac":"a4:c3:61:00:00:03","occur_time":"today"}\nnonsense\n',
      'all 3 were dropped (1 malformed, 1 bad_device, 1 bad_time); footfall dead-letters --mall edges shows them',
    ],
  ])('%j', async (input, says) => {
    const { code, stdout, stderr } = await runHere(
      ['import', '-', '--mall', 'edges'],
      home.env,
      Buffer.from(input),
    );
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ kept: 0 });
    expect(stderr).toBe(`footfall: no record was kept: ${says}\n`);
  });
});

describe('a data folder that cannot be used is said with what to do', () => {
  const refused = async (folder: string, says: string) => {
    const env = { ...home.env, FOOTFALL_DATA: folder };
    for (const command of ['settle --mall edges', 'start --demo']) {
      const { code, stderr } = await runHere(command.split(' '), env);
      expect(code).toBe(1);
      expect(stderr).toMatch(ONE_SENTENCE);
      expect(stderr).toContain(`data folder (FOOTFALL_DATA) ${folder} cannot be written: ${says}`);
      expect(stderr).toContain('; choose another or mend its rights\n');
    }
  };

  test('a place inside a file', () =>
    refused(join(write('file', ''), 'data'), 'a file stands where a folder should be'));

  const testOnLinux = testOnlyWhere(
    process.platform === 'linux',
    'import where the system lets nobody write',
    'this is not Linux',
  );
  testOnLinux('a place where the system lets nobody make one', () =>
    refused('/proc/footfall', 'there is no such place'),
  );
});
