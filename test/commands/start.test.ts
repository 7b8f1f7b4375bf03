import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { ask } from '../system/system.ts';
import { eachTestHasAHome, home } from './home.ts';
import { interrupt, ONE_SENTENCE, run, served, start } from './program.ts';

const TOKEN = 'sixteen-or-more-characters';

/** Every test starts processes, on a machine that may be busy. */
jest.setTimeout(120_000);

eachTestHasAHome(['edges']);

describe('beyond loopback', () => {
  test('it refuses to serve everybody, and says which two ways there are', async () => {
    const { code, stdout, stderr } = await run(['start', '--host', '0.0.0.0', '--port', '0'], home.env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toContain('FOOTFALL_TOKEN');
    expect(stderr).toContain('FOOTFALL_NO_AUTH=yes');
  });

  test('it serves with a token, to those who have it', async () => {
    const server = start(['start', '--host', '0.0.0.0', '--port', '0'], {
      ...home.env,
      FOOTFALL_TOKEN: TOKEN,
    });
    const url = await served(server);
    await expect(ask(url, '{ malls { code } }')).rejects.toThrow('UNAUTHENTICATED');
    const body = JSON.stringify({ query: '{ malls { code } }' });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ data: { malls: [{ code: 'edges' }] } });
  });

  test('it serves everybody where that is meant', async () => {
    const server = start(['start', '--host', '0.0.0.0', '--port', '0'], {
      ...home.env,
      FOOTFALL_NO_AUTH: 'yes',
    });
    expect(await ask(await served(server), '{ malls { code } }')).toEqual({ malls: [{ code: 'edges' }] });
  });
});

test('it says where everything is, keeps the data folder from a second one, and ends with 0 at a signal', async () => {
  const server = start(['start', '--port', '0'], home.env);
  const url = await served(server);
  for (const path of ['/graphql', '/explorer', '/livez', '/readyz', '/metrics']) {
    expect(server.printed().stdout).toContain(`${url}${path}`);
  }
  const second = await run(['start', '--port', '0'], home.env);
  expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 1, stdout: '' });
  expect(second.stderr).toMatch(ONE_SENTENCE);
  expect(second.stderr).toContain(`a server already runs on ${home.env.FOOTFALL_DATA}: ${url}`);
  server.process.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
});

test('on the same port as the first one, too, a second server is told where the first one is', async () => {
  const server = start(['start', '--port', '0'], home.env);
  const url = await served(server);
  const { code, stderr } = await run(['start', '--port', new URL(url).port], home.env);
  expect(code).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain(`a server already runs on ${home.env.FOOTFALL_DATA}: ${url}`);
});

test('what a killed server left behind keeps nobody out, though its process number is another program’s', async () => {
  const left = { url: 'http://127.0.0.1:9', token: 'f'.repeat(64), pid: process.pid };
  writeFileSync(join(home.env.FOOTFALL_DATA!, 'server.json'), JSON.stringify(left));
  const server = start(['start', '--port', '0'], home.env);
  await served(server);
  expect((await interrupt(server)).code).toBe(0);
});

test('of two that start at once on one data folder, one serves and the other is refused in a sentence', async () => {
  const both = [start(['start', '--port', '0'], home.env), start(['start', '--port', '0'], home.env)];
  const refused = await Promise.race(both.map(async (one) => ({ one, end: await one.ended })));
  const server = both.find((one) => one !== refused.one)!;
  expect(refused.end.code).toBe(1);
  expect(refused.end.stderr).toMatch(ONE_SENTENCE);
  expect(refused.end.stderr).toMatch(/in use by another process|a server already runs/);
  await served(server);
  expect((await interrupt(server)).code).toBe(0);
});

test('a port that is taken is said before the demo makes up its past', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await run(['start', '--demo', '--port', String(port)], home.env);
  other.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain(`port ${port} is in use; choose another with --port, or stop what listens there`);
});

describe('with a secret that is not the one of the stored customers it does not start, and says what to do', () => {
  test.each([
    ['another', (file: string) => writeFileSync(file, 'f'.repeat(64)), 'restore that one from a backup'],
    ['none', (file: string) => rmSync(file), 'restore it from a backup'],
    ['one that others may read', (file: string) => chmodSync(file, 0o644), 'chmod 600'],
  ])('%s', async (_what, spoil, says) => {
    await run(['settle', '--mall', 'edges'], home.env);
    const file = join(home.env.FOOTFALL_DATA!, 'secrets', 'edges');
    spoil(file);
    const { code, stdout, stderr } = await run(['start', '--port', '0'], home.env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toContain(file);
    expect(stderr).toContain(says);
  });
});
