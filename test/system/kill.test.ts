import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { expectGoldenAnswers } from './golden-answers.ts';
import { GOLDEN_MALLS, probesOf } from './golden-files.ts';
import { ask, createHome, filesOf, type Home, post, startSystem } from './system.ts';

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist', 'main.js');

let home: Home | undefined;
let server: ChildProcess | undefined;

afterEach(() => {
  server?.kill('SIGKILL');
  home?.remove();
});

/** Starts the built program as its own process, and resolves with its address once it serves. */
async function startProcess(env: Record<string, string>): Promise<string> {
  server = spawn(process.execPath, [MAIN, 'start', '--port', '0'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of server.stdout!) {
    printed += String(chunk);
    const url = /(http:\S+)\/graphql/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the server ended before it served: ${printed}`);
}

async function kill(): Promise<void> {
  server!.kill('SIGKILL');
  await once(server!, 'exit');
}

const BODIES = 80;
const BODY_LINES_MIN = 10;
/** Where in its records a mall's process is killed. */
const KILLED_AT = [0.15, 0.45, 0.8];

test.each(GOLDEN_MALLS)(
  '%s: killed while records are posted, every acknowledged record is counted, once',
  async (mall) => {
    home = createHome([mall]);
    const lines = probesOf(mall)
      .toString('latin1')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const bodyLines = Math.max(BODY_LINES_MIN, Math.ceil(lines.length / BODIES));
    const bodies: Buffer[] = [];
    for (let i = 0; i < lines.length; i += bodyLines) {
      bodies.push(Buffer.from(lines.slice(i, i + bodyLines).join('\n'), 'latin1'));
    }
    let next = 0;
    for (const part of KILLED_AT) {
      const url = await startProcess(home.env);
      const killAt = Math.floor(bodies.length * part);
      for (; next < killAt; next++) expect((await post(url, mall, bodies[next]!)).status).toBe(200);
      // The body in flight when the process dies is not acknowledged, so the sender sends it again.
      const posted = post(url, mall, bodies[next]!);
      await kill();
      await posted.catch(() => undefined);
    }
    const url = await startProcess(home.env);
    for (; next < bodies.length; next++) expect((await post(url, mall, bodies[next]!)).status).toBe(200);
    await kill();
    const served = await startSystem(home);
    await served.embedded.malls.settle(mall, {});
    await expectGoldenAnswers(served.url, mall);
    await served.close();
  },
  240_000,
);

test('killed in the middle of an import, the file imported again gives the golden answers', async () => {
  home = createHome(['shanghai']);
  const probes = probesOf('shanghai');
  await startProcess(home.env);
  const { url, token } = JSON.parse(readFileSync(join(home.env.FOOTFALL_DATA!, 'server.json'), 'utf8')) as {
    url: string;
    token: string;
  };
  const { createAdminClient } = await import('../../src/http/admin-client.ts');
  const importing = createAdminClient({ url, token }).importFiles(
    'shanghai',
    filesOf(probes.subarray(0, probes.length >> 1), probes),
    () => undefined,
  );
  importing.catch(() => undefined);
  await kill();
  await importing.catch(() => undefined);
  const served = await startSystem(home);
  const file = filesOf(probes);
  await served.embedded.malls.importFiles('shanghai', file, () => undefined);
  await expectGoldenAnswers(served.url, 'shanghai');
  await served.close();
}, 60_000);

test('a signal drains: exit code 0, and what was acknowledged is there after the next start', async () => {
  home = createHome(['edges']);
  const url = await startProcess(home.env);
  expect((await post(url, 'edges', probesOf('edges').toString('latin1'))).status).toBe(200);
  server!.kill('SIGINT');
  const [code] = (await once(server!, 'exit')) as [number];
  expect(code).toBe(0);
  const served = await startSystem(home);
  const { ingest } = await ask<{ ingest: { kept: number }[] }>(
    served.url,
    '{ ingest(mall: "edges", from: "2024-05-01", to: "2024-05-03") { kept } }',
  );
  expect(ingest.reduce((sum, { kept }) => sum + kept, 0)).toBe(56);
  await served.close();
}, 60_000);
