import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { fieldFlux } from '../../../src/store/influx/flux-rows.ts';
import { questionFlux, rollupFlux, taskFlux } from '../../../src/store/influx/tasks/rollup-flux.ts';
import { openFluxChecker } from './flux-checker.ts';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'src');

const bucket = (name: string) => `"my" ${name}`;
const mall = ['a "mall" \\ $', '{x}'].join('');
const range = { start: '2024-06-14T00:00:00Z', stop: '2024-06-15T00:00:00Z' };
const SCRIPTS: Readonly<Record<string, string>> = {
  'the rollup of a day of a mall': rollupFlux({ bucket, ...range, mall }),
  'the task': taskFlux(bucket, { name: 'rollups "v1"', everyS: 10 }),
  'the task as a question': questionFlux(bucket, 1_718_323_200),
  ...Object.fromEntries(
    [true, false].map((withTime) => [
      `a field ${withTime ? 'with' : 'without'} times`,
      fieldFlux(bucket('raw'), {
        ...{ bucket: 'raw', measurement: 'probe', field: 'device', mall, withTime },
        ...{ fromS: 1_718_323_200, untilS: 1_718_409_600 },
      }),
    ]),
  ),
};

let checker: Awaited<ReturnType<typeof openFluxChecker>>;
beforeAll(async () => {
  checker = await openFluxChecker();
});

test.each(Object.entries(SCRIPTS))('%s has no mistake of syntax or type', async (_, script) => {
  expect(await checker.check(script)).toEqual([]);
});

test.each([
  ['a type', 'from(bucket: 1) |> range(start: -1h)', /expected string/],
  ['a name', 'from(bucket: "a") |> range(start: -1h) |> contains()', /./],
  ['an argument', 'from(bucket: "a") |> range(start: -1h, until: 2021-01-01T00:00:00Z)', /./],
  ['syntax', 'from(bucket: "a" |> range(', /./],
])('a mistake of %s is found', async (_, script, problem) => {
  expect((await checker.check(script)).join()).toMatch(problem);
});

test('a name with quotes and braces stays a text', async () => {
  expect(SCRIPTS['the rollup of a day of a mall']).toContain(String.raw`r.mall == "a \"mall\" \\ \${x}"`);
});

test('no other files than those that are checked write Flux', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const withFlux = files.filter((path) => /\|>/.test(readFileSync(join(SRC, path), 'utf8')));
  expect(withFlux.sort()).toEqual([
    join('store', 'influx', 'flux-rows.ts'),
    join('store', 'influx', 'tasks', 'rollup-flux.ts'),
  ]);
});
