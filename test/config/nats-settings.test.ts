import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type NatsSettings, readNatsSettings } from '../../src/config/nats-settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-nats-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function read(env: Record<string, string>): { settings: NatsSettings; problems: string[] } {
  const problems: string[] = [];
  return { settings: readNatsSettings(env, problems), problems };
}

const NOTHING: NatsSettings = {
  servers: ['nats://127.0.0.1:4222'],
  credsFile: null,
  nkeyFile: null,
  user: null,
  password: null,
  token: null,
  caFile: null,
  certFile: null,
  keyFile: null,
};

describe('the settings of NATS', () => {
  test('are those of a server on this machine, where nothing is set', () => {
    expect(read({})).toEqual({ settings: NOTHING, problems: [] });
  });

  test('name several servers, with or without a scheme', () => {
    const { settings, problems } = read({ NATS_URL: 'nats://a:4222, tls://b:4223,c:4224' });
    expect([settings.servers, problems]).toEqual([['nats://a:4222', 'tls://b:4223', 'c:4224'], []]);
  });

  test('may lie in a context of the nats command, and what is set beside it wins', () => {
    const context = {
      description: 'x',
      url: 'nats://a:1',
      user: 'edge',
      password: 'of the context',
      color: '',
    };
    const NATS_CONTEXT = fileOf('context.json', JSON.stringify(context));
    expect(read({ NATS_CONTEXT })).toEqual({
      settings: { ...NOTHING, servers: ['nats://a:1'], user: 'edge', password: 'of the context' },
      problems: [],
    });
    const { settings } = read({ NATS_CONTEXT, NATS_URL: 'nats://b:2', NATS_PASSWORD: 'set' });
    expect(settings).toMatchObject({ servers: ['nats://b:2'], user: 'edge', password: 'set' });
  });

  test('take secrets from files, without the line feed at their end', () => {
    const NATS_TOKEN_FILE = fileOf('token', 'secret\n');
    expect(read({ NATS_TOKEN_FILE }).settings.token).toBe('secret');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'an address that is none',
      { NATS_URL: 'http://a' },
      /^NATS_URL is .*; set it to an address such as nats:/,
    ],
    ['a user alone', { NATS_USER: 'edge' }, /^NATS_USER and NATS_PASSWORD .* belong together/],
    ['a password alone', { NATS_PASSWORD: 'x' }, /belong together; set both or neither$/],
    [
      'a key without a certificate',
      { NATS_KEY: import.meta.filename },
      /^NATS_CERT and NATS_KEY belong together/,
    ],
    [
      'a file that is not there',
      { NATS_CREDS: '/nowhere' },
      /^NATS_CREDS names \/nowhere, which cannot be read \(ENOENT\)/,
    ],
    ['a context that is not there', { NATS_CONTEXT: '/nowhere.json' }, /\(ENOENT\); nats context ls shows/],
    ['a context that is none', { NATS_CONTEXT: import.meta.filename }, /not a context in JSON/],
  ])('refuse %s with what to do', (_, env, sentence) => {
    const { problems } = read(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });
});
