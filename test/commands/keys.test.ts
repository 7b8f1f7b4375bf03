import { expect, test } from '@jest/globals';
import { serve } from '../../src/commands/serve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { until } from '../system/until.ts';
import { Kept, runHere } from './here.ts';
import { eachTestHasAHome, home } from './home.ts';
import { run } from './program.ts';

eachTestHasAHome(['edges']);

const TOKEN = 's3cret-of-sixteen';
const CREATE = ['keys', 'create', '--name', 'wall', '--mall', 'edges', '--scope', 'analytics', 'positions'];

async function list(env = home.env): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await runHere(['keys', 'list'], env);
  expect(code).toBe(0);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

test('a key is shown once, listed without its secret, and revoked by itself or its id', async () => {
  const { code, stdout, stderr } = await runHere(CREATE, home.env);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ffk_[0-9a-z]{12}_[\w-]{43}\n$/)]);
  const id = stdout.slice(4, 16);
  expect(stderr).toBe(`Key ${id} (wall); it is shown this once:\n`);
  await runHere(
    ['keys', 'create', '--name', 'export', '--all-malls', '--scope', 'admin', '--expires', '90d'],
    home.env,
  );
  const [second, first] = (await list()).sort((a, b) => (a.name! < b.name! ? -1 : 1));
  expect(first).toMatchObject({
    ...{
      id,
      name: 'wall',
      malls: ['edges'],
      scopes: ['analytics', 'positions'],
      state: 'valid',
      expiresAt: null,
    },
  });
  expect(second).toMatchObject({ malls: 'all', scopes: ['admin'], state: 'valid' });
  const days = (Date.parse(String(second!.expiresAt)) - Date.parse(String(second!.createdAt))) / 86_400_000;
  expect(days).toBe(90);
  expect(JSON.stringify(first)).not.toContain(stdout.slice(17, 40));
  expect(await runHere(['keys', 'revoke', stdout.trim()], home.env)).toMatchObject({
    code: 0,
    stdout: `Key ${id} (wall) is revoked.\n`,
  });
  expect((await list()).map(({ state }) => state).sort()).toEqual(['revoked', 'valid']);
});

// The commands run as processes of their own: this one has the data folder open.
test('a running server takes a new key at once, and lets nobody in by it once it is revoked', async () => {
  const env = { ...home.env, FOOTFALL_TOKEN: TOKEN };
  const settings = readSettings(env);
  const served = await serve({
    settings,
    mallsFolders: [settings.mallsFolder],
    host: '127.0.0.1',
    port: 0,
    logTo: new Kept(),
  });
  const asked = async (token: string) => {
    const response = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"query":"{ malls { code } }"}',
    });
    return [response.status, await response.json()];
  };
  try {
    const created = await run(CREATE, env);
    expect(created).toMatchObject({ code: 0 });
    const key = created.stdout.trim();
    expect(await asked(key)).toEqual([200, { data: { malls: [{ code: 'edges' }] } }]);
    expect((await run(['keys', 'list'], env)).stdout.split('\n')).toHaveLength(2);
    await run(['keys', 'revoke', key], env);
    await until('the key to be refused', async () => (await asked(key))[0] === 401, 2_000);
  } finally {
    await served.close();
  }
  expect((await list(env)).map(({ state }) => state)).toEqual(['revoked']);
});

test.each([
  ['no mall', ['keys', 'create', '--name', 'x', '--scope', 'admin'], 1, 'say which malls the key is for'],
  ['both', [...CREATE, '--all-malls'], 1, 'say which malls the key is for'],
  ['no scope', ['keys', 'create', '--name', 'x', '--all-malls'], 2, '--scope'],
  [
    'a scope that is none',
    ['keys', 'create', '--name', 'x', '--all-malls', '--scope', 'root'],
    2,
    'a scope is one of analytics',
  ],
  [
    'a mall that is no code',
    ['keys', 'create', '--name', 'x', '--mall', 'a b', '--scope', 'admin'],
    2,
    'a mall is named by its code',
  ],
  ['a time that is none', [...CREATE, '--expires', '90'], 2, 'write a time as 12h or 90d'],
  [
    'a key that is not there',
    ['keys', 'revoke', '000000000000'],
    1,
    'there is no key 000000000000; footfall keys list',
  ],
])('%s is refused, and says what would be right', async (_what, args, code, words) => {
  const ended = await runHere(args, home.env);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr).toContain(words);
});
