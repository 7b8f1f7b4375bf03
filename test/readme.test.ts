import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { SETTINGS_HELP } from '../src/config/settings.ts';
import type { ImportResult } from '../src/ingest/operations.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the README', () => {
  test.each(SETTINGS_HELP.map(({ name, default: value, meaning }) => [name, value, meaning]))(
    'says of %s what its help says',
    (name, value, meaning) => {
      const row = README.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      const [, , shown, said] = (row ?? '').split('|').map((cell) => cell.trim().replaceAll('`', ''));
      expect([shown, said]).toEqual([value, meaning]);
    },
  );

  test('names no setting that there is not', () => {
    const named = new Set(README.match(/FOOTFALL_[A-Z_]+/g));
    const known: readonly string[] = SETTINGS_HELP.map(({ name }) => name);
    expect([...named].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('shows the result of the import that it tells the reader to run', () => {
    const shown = JSON.parse(/^\{"lines".*$/m.exec(README)![0]) as ImportResult;
    const truth = JSON.parse(readFileSync(join(ROOT, 'test/golden/shanghai/truth.json'), 'utf8'));
    expect([shown.lines, shown.kept]).toEqual([truth.lines, truth.kept]);
  });

  test.each(README.match(/\]\((?!http)[^)#]+\)/g)!.map((link) => link.slice(2, -1)))(
    'links to %s, which is there',
    (path) => {
      expect(() => readFileSync(join(ROOT, path))).not.toThrow();
    },
  );

  test('has no gap left to fill', () => {
    expect(README).not.toMatch(/@@|TODO|TBD/);
  });
});
