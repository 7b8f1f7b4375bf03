import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findServer, removeServerFile, writeServerFile } from '../../src/commands/server-file.ts';

const TOKEN = 'f'.repeat(64);
/** Somebody else's, and alive: what a stale file names after a restart of the machine. */
const ALIVE = process.ppid;

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-server-file-'));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Answers every request as told, to those with the token; to others 401. */
async function serverAnswering(status: number): Promise<string> {
  const answering = createServer(({ headers }, response) => {
    response.writeHead(headers.authorization === `Bearer ${TOKEN}` ? status : 401).end();
  }).listen(0, '127.0.0.1');
  server = answering;
  await new Promise((resolve) => answering.once('listening', resolve));
  return `http://127.0.0.1:${(answering.address() as AddressInfo).port}`;
}

test('a server that answers to the token of its file is found', async () => {
  const file = { url: await serverAnswering(204), token: TOKEN, pid: ALIVE };
  await writeServerFile(folder, file);
  expect(await findServer(folder)).toEqual(file);
});

test.each([
  ['no longer listens', async () => ({ url: await closedUrl(), token: TOKEN, pid: ALIVE })],
  [
    'knows another token',
    async () => ({ url: await serverAnswering(204), token: 'e'.repeat(64), pid: ALIVE }),
  ],
  ['is another program', async () => ({ url: await serverAnswering(404), token: TOKEN, pid: ALIVE })],
  [
    'was this very process number, in a container that was started again',
    async () => ({ url: await serverAnswering(204), token: TOKEN, pid: process.pid }),
  ],
])('a file is no server when what it names %s', async (_what, make) => {
  await writeServerFile(folder, await make());
  expect(await findServer(folder)).toBeUndefined();
});

test('without a file there is none', async () => {
  await removeServerFile(folder);
  expect(await findServer(folder)).toBeUndefined();
});

async function closedUrl(): Promise<string> {
  const url = await serverAnswering(204);
  await new Promise((resolve) => server!.close(resolve));
  return url;
}
