import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSecret } from '../../src/config/secrets.ts';
import { DEPLOY } from './deployed-files.ts';

let home: string;
let folder: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'footfall-made-secrets-'));
  folder = join(home, 'secrets');
  mkdirSync(join(home, 'malls', 'brno'), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function make(): { status: number | null; said: string } {
  const program = join(DEPLOY, 'secrets', 'make-secrets.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, folder, join(home, 'malls'), '--keep-owner'],
    { encoding: 'utf8' },
  );
  return { status, said: stdout + stderr };
}

function contents(): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

describe('the secrets of a deployment', () => {
  test('are made once: a second run changes nothing', () => {
    expect(make().status).toBe(0);
    const made = contents();
    expect(make()).toEqual({ status: 0, said: expect.stringMatching(/^0 of \d+ secrets made/) });
    expect(contents()).toEqual(made);
  });

  test('are read by their owner alone', () => {
    make();
    for (const file of Object.keys(contents())) expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const reader of readdirSync(folder)) expect(statSync(join(folder, reader)).mode & 0o777).toBe(0o700);
  });

  test('are the same for the ingesters and the API, of a kind that Footfall takes', async () => {
    make();
    const secrets = await Promise.all(
      ['ingest', 'api'].map((reader) =>
        openSecret({
          folder: join(folder, reader, 'malls'),
          mall: 'brno',
          keptFingerprint: null,
          mayCreate: false,
          fingerprint: () => '',
          random: () => new Uint8Array(),
        }),
      ),
    );
    expect(secrets[0]).toEqual(secrets[1]);
  });

  test('grow by one when a mall comes', () => {
    make();
    mkdirSync(join(home, 'malls', 'ostrava'));
    expect(make().said).toMatch(/^1 of \d+ secrets made; malls: brno ostrava/);
  });

  test('come back to their readers from the one folder that is backed up', () => {
    make();
    const made = contents();
    for (const reader of readdirSync(folder).filter((name) => name !== 'all')) {
      rmSync(join(folder, reader), { recursive: true });
    }
    expect(make().said).toMatch(/^0 of/);
    expect(contents()).toEqual(made);
  });

  test('are never written over: a reader with another one ends it, and says which', () => {
    make();
    const file = join(folder, 'api', 'malls', 'brno');
    writeFileSync(file, 'another');
    const { status, said } = make();
    expect(status).toBe(1);
    expect(said).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('another');
  });

  test('are such that NATS takes each password for a text', () => {
    make();
    const lines = readFileSync(join(folder, 'nats', 'passwords.env'), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines)
      expect(line).toMatch(/^(INGEST|API|EDGE|OPERATOR|SYSTEM)_PASSWORD=[a-z][0-9a-f]{48}$/);
  });
});
