import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHome, type Home } from '../system/system.ts';
import { runHere } from './here.ts';
import { ONE_SENTENCE, run } from './program.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every test starts a process, on a machine that may be busy. */
jest.setTimeout(120_000);

let home: Home;
beforeAll(() => {
  home = createHome(['edges']);
});
afterAll(() => home.remove());

describe('--help teaches: what a command does, its options, and a line to copy', () => {
  test.each(['start', 'import', 'settle', 'simulate', 'dead-letters', 'schema', 'doctor'])(
    '%s',
    async (command) => {
      const { code, stdout, stderr } = await runHere([command, '--help'], home.env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: footfall ${command} `));
      const examples = stdout
        .slice(stdout.search(/^Examples?:$/m))
        .split('\n')
        .slice(1);
      expect(examples.filter((line) => line.includes(`footfall ${command}`))).not.toEqual([]);
    },
  );

  test('the program itself names every command and where to begin', async () => {
    const { code, stdout } = await run(['--help'], home.env);
    expect(code).toBe(0);
    for (const command of ['start', 'import', 'settle', 'simulate', 'dead-letters', 'schema', 'doctor']) {
      expect(stdout).toContain(`\n  ${command} `);
    }
    expect(stdout).toContain('footfall start --demo');
  });
});

test.each([
  ['-h', 'Usage: footfall [options] [command]'],
  ['help', 'Usage: footfall [options] [command]'],
  ['import -h', 'Usage: footfall import '],
  ['help import', 'Usage: footfall import '],
])('footfall %s shows help, too', async (line, usage) => {
  const { code, stdout, stderr } = await runHere(line.split(' '), home.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.startsWith(usage)).toBe(true);
  expect(stdout).toMatch(/\nExamples?:\n|\nBegin with:\n/);
});

test('without a command it shows how it is used, as a mistake of the caller', async () => {
  const { code, stdout, stderr } = await run([], home.env);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: footfall /);
});

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(await run(['--version'], home.env)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('schema prints schema.graphql', async () => {
  const stdout = readFileSync(join(ROOT, 'schema.graphql'), 'utf8');
  expect(await run(['schema'], home.env)).toEqual({ code: 0, stdout, stderr: '' });
});

describe('wrong use ends with 2 and one line that says what would be right', () => {
  test.each([
    ['imprt', 'Did you mean import?'],
    ['import probes.ndjson', '--mall <code>'],
    ['import --mall edges', "argument 'file'"],
    ['import probes.ndjson --mal edges', 'Did you mean --mall?'],
    ...['settle', 'simulate', 'dead-letters'].map((command) => [command, '--mall <code>']),
    ['start --port 65536', 'It must be a number from 0 to 65535.'],
    ['settle --mall edges --form 2024-05-01', 'Did you mean --from?'],
    ['settle --mall edges --from 1-5-2024', 'as 2024-06-14'],
    ['settle --mall edges --from 2024-05-02 --to 2024-05-01', 'is after'],
    ['dead-letters --mall edges --reason late', 'Allowed choices are unknown_mall, malformed'],
    ['simulate --mall edges --late 2', 'a share from 0 to 1'],
    ['simulate --mall edges --records 5 --speed 2', 'exclude each other'],
    ['simulate --mall edges --from 2024-13-01', 'as 2024-06-14'],
    ['simulate --mall ../elsewhere --make-mall', 'no mall code'],
  ])('footfall %s', async (line, hint) => {
    const { code, stdout, stderr } = await runHere(line.split(' '), home.env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toContain(hint);
  });
});

describe('settings that cannot be end every command with 1, each mistake in a sentence', () => {
  test.each([
    [{ FOOTFALL_TOCKEN: 'x' }, 'footfall: FOOTFALL_TOCKEN is not a setting; did you mean FOOTFALL_TOKEN?\n'],
    [
      { FOOTFALL_LOG: 'loud' },
      'footfall: FOOTFALL_LOG is "loud"; set it to one of fatal, error, warn, info, debug, trace, silent\n',
    ],
  ])('%j', async (env, stderr) => {
    expect(await runHere(['doctor'], { ...home.env, ...env })).toEqual({ code: 1, stdout: '', stderr });
  });
});
