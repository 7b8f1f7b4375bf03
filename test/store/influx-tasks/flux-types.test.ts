import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { exampleScripts } from '../../../src/store/influx/tasks/rollup-tasks.ts';
import { openFluxChecker } from './flux-checker.ts';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'src');

let checker: Awaited<ReturnType<typeof openFluxChecker>>;
beforeAll(async () => {
  checker = await openFluxChecker();
});

test.each(exampleScripts().map((script, i): [number, string] => [i + 1, script]))(
  'script %d has no mistake of syntax or type',
  async (_, script) => {
    expect(await checker.check(script)).toEqual([]);
  },
);

test.each([
  ['a type', 'from(bucket: 1) |> range(start: -1h)', /expected string/],
  ['a name', 'from(bucket: "a") |> range(start: -1h) |> contains()', /./],
  ['an argument', 'from(bucket: "a") |> range(start: -1h, until: 2021-01-01T00:00:00Z)', /./],
  ['syntax', 'from(bucket: "a" |> range(', /./],
])('a mistake of %s is found', async (_, script, problem) => {
  expect((await checker.check(script)).join()).toMatch(problem);
});

test('a name with quotes and braces stays a text', async () => {
  const [script] = exampleScripts();
  expect(script).toContain(String.raw`r.mall == "a \"mall\" \\ \${x}"`);
});

test('no other file than the one that is checked writes Flux', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const withFlux = files.filter((path) => /\|>/.test(readFileSync(join(SRC, path), 'utf8')));
  expect(withFlux).toEqual([join('store', 'influx', 'tasks', 'rollup-flux.ts')]);
});
