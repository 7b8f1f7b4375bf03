import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asCannotListen, CannotListen, tryToListen } from '../../src/commands/cannot-listen.ts';
import { openEmbedded } from '../../src/commands/embedded.ts';
import { serve } from '../../src/commands/serve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createHome, type Home } from '../system/system.ts';
import { Kept } from './here.ts';

let home: Home;
beforeEach(() => {
  home = createHome(['edges']);
});
afterEach(() => home.remove());

function options(port = 0) {
  const settings = readSettings(home.env);
  return {
    settings,
    mallsFolders: [settings.mallsFolder],
    host: '127.0.0.1',
    port,
    logTo: new Kept(),
    clock: { nowS: () => 1_714_600_000 },
  };
}

/** Rejects when the web server or the data folder is still held. */
async function startsAfterwards(port: number): Promise<void> {
  const served = await serve(options(port));
  await served.close();
}

test('a start that fails after it listens lets go of its port and of the data folder', async () => {
  const port = await freePort();
  const inItsPlace = join(home.env.FOOTFALL_DATA!, 'server.json');
  mkdirSync(inItsPlace);
  await expect(serve(options(port))).rejects.toThrow('server.json');
  rmSync(inItsPlace, { recursive: true, force: true });
  await startsAfterwards(port);
});

test('a start that is stopped before it listens never does, and lets go of the data folder', async () => {
  const port = await freePort();
  const stopping = new AbortController();
  const seen: string[] = [];
  const beforeListening = async () => {
    seen.push('opened');
    stopping.abort();
  };
  const attempt = serve({ ...options(port), stopping: stopping.signal, beforeListening });
  expect(await attempt.catch((reason: unknown) => reason)).toBe(stopping.signal.reason);
  expect(seen).toEqual(['opened']);
  await startsAfterwards(port);
});

test('malls that cannot be read let go of the data folder', async () => {
  writeFileSync(join(home.env.FOOTFALL_MALLS!, 'edges', 'mall.json'), '{');
  const logTo = new Kept();
  logTo.write = () => {
    throw new Error('the log is full');
  };
  const settings = { ...readSettings(home.env), logLevel: 'error' as const };
  await expect(openEmbedded({ ...options(), settings, logTo })).rejects.toThrow('the log is full');
  await (await openEmbedded(options())).close();
});

test('a port that is taken is told before and while it is listened on', async () => {
  const taken = createServer();
  const port = await listening(taken);
  const says = `port ${port} is in use; choose another with --port, or stop what listens there`;
  await expect(tryToListen('127.0.0.1', port)).rejects.toEqual(new CannotListen(says));
  await expect(serve(options(port))).rejects.toEqual(new CannotListen(says));
  taken.close();
});

test.each([
  ['EACCES', 80, 'this user may not listen on port 80; choose one above 1023 with --port'],
  [
    'ENOTFOUND',
    4000,
    'mall.local is no address of this machine; choose another with --host, as 127.0.0.1 or 0.0.0.0',
  ],
])('%s on listening is told with what to do', (code, port, says) => {
  const error = Object.assign(new Error('listen'), { code });
  expect(asCannotListen(error, 'mall.local', port)).toEqual(new CannotListen(says));
});

test('another error on listening stays as it is', () => {
  const error = new TypeError('a bug');
  expect(asCannotListen(error, 'localhost', 1)).toBe(error);
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: Server): Promise<number> {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return (server.address() as { port: number }).port;
}
