import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, textOf } from './deployed-files.ts';

const lines = textOf('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line));
const stages = textOf('Dockerfile')
  .split(/^FROM /m)
  .slice(1);
const last = stages.at(-1)!;
const copied = [...last.matchAll(/^COPY (.*)$/gm)].map(([, rest]) =>
  rest!
    .split(' ')
    .filter((word) => !word.startsWith('--chown'))
    .join(' '),
);

describe('the image', () => {
  test('holds these and nothing else', () => {
    expect(copied).toEqual([
      'LICENSE package.json schema.graphql ./',
      '--from=packages /app/node_modules ./node_modules',
      '--from=build /app/dist ./dist',
      'deploy/secrets/make-secrets.mjs ./deploy/secrets/',
    ]);
  });

  test('takes packages of production alone, without their install scripts', () => {
    expect(stages[0]).toMatch(/npm ci --omit=dev --ignore-scripts/);
    expect(
      stages
        .slice(0, -1)
        .join('')
        .match(/npm ci/g),
    ).toHaveLength(2);
    expect(last).not.toMatch(/npm|apt-get|curl|wget/);
  });

  test('runs as a user without a name, and is watched by Node itself', () => {
    expect(last).toMatch(/^USER 10001:10001$/m);
    const [, code] = /CMD \["node", "-e", "(.*)"\]/.exec(last)!;
    expect(code).toContain('/livez');
    expect(() => new Function(code!)).not.toThrow();
    expect(last).toMatch(/^ENTRYPOINT \["node", "dist\/main\.js"\]$/m);
  });

  test('is built from what .dockerignore lets in, which is there', () => {
    const letIn = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(textOf('.dockerignore').split('\n')).toContain('*');
    const needed = lines
      .filter((line) => /^COPY (?!.*--from)/.test(line))
      .flatMap((line) => line.split(' ').slice(1, -1))
      .filter((word) => !word.startsWith('--'));
    for (const path of needed) {
      expect(existsSync(join(ROOT, path))).toBe(true);
      expect(letIn.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))).toBe(true);
    }
    for (const prefix of letIn) expect(existsSync(join(ROOT, prefix))).toBe(true);
  });

  test('is of a Node that the package says it runs on', () => {
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    const [least] = /\d+/.exec(engines.node)!;
    for (const stage of stages)
      expect(Number(/^node:(\d+)-/.exec(stage)![1])).toBeGreaterThanOrEqual(Number(least));
  });
});
