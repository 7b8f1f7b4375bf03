import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAdminClient } from '../../src/http/admin-client.ts';
import {
  type ImportFile,
  type ImportResult,
  OperationRefused,
  type Operations,
} from '../../src/ingest/operations.ts';
import type { DeadLetter } from '../../src/outcome.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { ADMIN_TOKEN, openTestServer, type TestServer } from './open-test-server.ts';

const RESULT: ImportResult = {
  ...{ lines: 5, kept: 4, dropped: { bad_time: 1 }, days: [{ date: '2024-06-14', state: 'settled' }] },
  ...{ seconds: 0.5, recordsPerSecond: 10 },
};
const LETTER: DeadLetter = { reason: 'bad_time', detail: 'x', receivedAtS: 1, body: '{}' };

let server: TestServer;
let client: Operations;
let script: Partial<Operations>;
beforeAll(async () => {
  const refuse = () => Promise.reject(new Error('not in the script'));
  const operations: Operations = {
    importFiles: (...args) => (script.importFiles ?? refuse)(...args),
    settle: (...args) => (script.settle ?? refuse)(...args),
    deadLetters: (...args) => (script.deadLetters ?? refuse)(...args),
  };
  server = await openTestServer({ operations, token: 's3cret-of-sixteen' });
  client = createAdminClient({ url: server.url, token: ADMIN_TOKEN });
});
afterAll(() => server.close());
beforeEach(() => {
  script = {};
});

describe('a command asks a running server as it would ask the line itself', () => {
  test('to settle', async () => {
    const asked: unknown[] = [];
    script.settle = async (...args) => {
      asked.push(args);
      return RESULT.days;
    };
    expect(await client.settle('m', { from: '2024-06-14' })).toEqual(RESULT.days);
    expect(await client.settle('m', {})).toEqual(RESULT.days);
    expect(asked).toEqual([
      ['m', { from: '2024-06-14' }],
      ['m', {}],
    ]);
  });

  test('for dead letters', async () => {
    const asked: unknown[] = [];
    script.deadLetters = async (...args) => {
      asked.push(args);
      return [LETTER];
    };
    expect(await client.deadLetters('m', { reason: 'bad_time', limit: 3 })).toEqual([LETTER]);
    expect(await client.deadLetters('m', { limit: 100 })).toEqual([LETTER]);
    expect(asked).toEqual([
      ['m', { reason: 'bad_time', limit: 3 }],
      ['m', { limit: 100 }],
    ]);
  });

  test('to import several files, with progress on the way', async () => {
    const received: string[] = [];
    script.importFiles = async (mall, files, onProgress) => {
      for await (const { name, bytes } of files) {
        let text = '';
        for await (const chunk of bytes) text += Buffer.from(chunk);
        received.push(`${mall} ${name} ${text}`);
        onProgress({ phase: 'reading', records: received.length, bytes: text.length });
      }
      onProgress({ phase: 'settling', records: received.length, bytes: 0 });
      return RESULT;
    };
    const progress: string[] = [];
    const files = filesOf({ 'a.ndjson': ['one', 'two'], 'empty.csv': [], 'standard input': ['three'] });
    const result = await client.importFiles('m', files, ({ phase, records }) =>
      progress.push(`${phase} ${records}`),
    );
    expect(result).toEqual(RESULT);
    expect(received).toEqual(['m a.ndjson onetwo', 'm empty.csv ', 'm standard input three']);
    expect(progress).toEqual(['reading 1', 'reading 2', 'reading 3', 'settling 3']);
  });

  test.each([
    [
      'OperationRefused',
      new OperationRefused('BAD_FILE', 'not gzip'),
      { name: 'OperationRefused', code: 'BAD_FILE' },
    ],
    ['StoreUnavailable', new StoreUnavailable('read', new Error('x')), { code: 'STORE_UNAVAILABLE' }],
    ['what nobody foresaw', new Error('secret'), { code: 'INTERNAL_SERVER_ERROR' }],
  ])('and %s comes back with its code', async (_what, error, expected) => {
    const fail = () => Promise.reject(error);
    script = { settle: fail, deadLetters: fail, importFiles: fail };
    await expect(client.settle('m', {})).rejects.toMatchObject(expected);
    await expect(client.deadLetters('m', { limit: 1 })).rejects.toMatchObject(expected);
    await expect(client.importFiles('m', filesOf({ a: ['x'] }), () => undefined)).rejects.toMatchObject(
      expected,
    );
  });
});

describe('an import', () => {
  test('that is refused at once stops a client that could send for ever', async () => {
    script.importFiles = () => Promise.reject(new OperationRefused('UNKNOWN_MALL', 'no such mall'));
    let ended = false;
    async function* untilStopped() {
      try {
        yield* forever();
      } finally {
        ended = true;
      }
    }
    const files = (async function* (): AsyncGenerator<ImportFile> {
      yield { name: 'endless', bytes: untilStopped() };
    })();
    await expect(client.importFiles('m', files, () => undefined)).rejects.toMatchObject({
      code: 'UNKNOWN_MALL',
    });
    expect(ended).toBe(true);
  });

  test('that is refused at once says why, however the answer and the last bytes cross', async () => {
    script.importFiles = () => Promise.reject(new OperationRefused('UNKNOWN_MALL', 'no such mall'));
    for (let i = 0; i < 50; i++) {
      const importing = client.importFiles('m', filesOf({ a: Array(i % 10).fill('x') }), () => undefined);
      await expect(importing).rejects.toMatchObject({ code: 'UNKNOWN_MALL' });
    }
  });

  test('whose server goes away says so', async () => {
    const dying = await openTestServer({
      operations: {
        importFiles: async (_mall: string, files: AsyncIterable<ImportFile>) => {
          for await (const { bytes } of files) {
            for await (const _chunk of bytes) await dying.close();
          }
          return RESULT;
        },
      } as unknown as Operations,
    });
    const files = (async function* (): AsyncGenerator<ImportFile> {
      yield { name: 'endless', bytes: forever() };
    })();
    const importing = createAdminClient({ url: dying.url, token: ADMIN_TOKEN }).importFiles(
      'm',
      files,
      () => undefined,
    );
    await expect(importing).rejects.toMatchObject({ code: 'SERVER_GONE' });
  });

  test('is sent no faster than it is taken in', async () => {
    let sent = 0;
    let proceed: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const started = new Promise<void>((resolve) => {
      script.importFiles = async (_mall, files) => {
        resolve();
        await held;
        for await (const { bytes } of files) for await (const _chunk of bytes);
        return RESULT;
      };
    });
    async function* counted() {
      for (let i = 0; i < 128; i++) {
        yield Buffer.alloc(1 << 20);
        sent += 1;
      }
    }
    const files = (async function* (): AsyncGenerator<ImportFile> {
      yield { name: 'large', bytes: counted() };
    })();
    const importing = client.importFiles('m', files, () => undefined);
    await started;
    // Until the sender is stuck: as long as it moves on, a round trip of another request sees it move.
    for (let before = -1; before !== sent; ) {
      before = sent;
      for (let i = 0; i < 20; i++) await fetch(`${server.url}/livez`);
    }
    expect(sent).toBeLessThan(64);
    proceed();
    expect(await importing).toEqual(RESULT);
    expect(sent).toBe(128);
  });

  test('whose client dies ends with an error for the line, and the server goes on', async () => {
    const failed = new Promise<Error>((resolve) => {
      script.importFiles = async (_mall, files) => {
        try {
          for await (const { bytes } of files) for await (const _chunk of bytes);
        } catch (error) {
          resolve(error as Error);
          throw error;
        }
        return RESULT;
      };
    });
    const dying = httpRequest(`${server.url}/v1/admin/import?mall=m`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/vnd.footfall.files' },
    });
    dying.once('error', () => undefined);
    dying.write(Buffer.from('F\0\0\0\x01aD\0\0\x10\0half', 'latin1'));
    await once(dying, 'response');
    dying.destroy();
    expect((await failed).message).toMatch(/aborted|cut off/);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect(server.logged.at(-1)).toMatchObject({ level: 40, mall: 'm' });
  });

  test('of a file that cannot be read says so, and not that the connection broke', async () => {
    script.importFiles = async (_mall, files) => {
      for await (const { bytes } of files) for await (const _chunk of bytes);
      return RESULT;
    };
    async function* unreadable() {
      yield Buffer.from('x');
      throw new Error('a bad sector');
    }
    const files = (async function* (): AsyncGenerator<ImportFile> {
      yield { name: 'broken', bytes: unreadable() };
    })();
    await expect(client.importFiles('m', files, () => undefined)).rejects.toThrow('a bad sector');
  });

  test('over a server that is gone says what to do', async () => {
    const nobody = createAdminClient({ url: 'http://127.0.0.1:1', token: ADMIN_TOKEN });
    await expect(nobody.importFiles('m', filesOf({ a: ['x'] }), () => undefined)).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('server.json'),
    });
    await expect(nobody.settle('m', {})).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });
});

describe('admin routes turn away', () => {
  test.each([
    ['who has no token', 'POST', '/v1/admin/settle?mall=m', '', 401, 'UNAUTHENTICATED'],
    [
      'who has the token of the API alone',
      'POST',
      '/v1/admin/settle?mall=m',
      's3cret-of-sixteen',
      401,
      'UNAUTHENTICATED',
    ],
    ['an import without a token', 'POST', '/v1/admin/import?mall=m', '', 401, 'UNAUTHENTICATED'],
    ['who names no mall', 'POST', '/v1/admin/settle', ADMIN_TOKEN, 400, 'BAD_REQUEST'],
    ['who names two malls', 'POST', '/v1/admin/settle?mall=m&mall=n', ADMIN_TOKEN, 400, 'BAD_REQUEST'],
    [
      'an unknown reason',
      'GET',
      '/v1/admin/dead-letters?mall=m&reason=late',
      ADMIN_TOKEN,
      400,
      'BAD_REQUEST',
    ],
    ['a limit of none', 'GET', '/v1/admin/dead-letters?mall=m&limit=0', ADMIN_TOKEN, 400, 'BAD_REQUEST'],
  ])('%s', async (_who, method, path, token, status, code) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(server.url + path, { method, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

async function* forever(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(1 << 16);
}

async function* filesOf(contents: Record<string, string[]>): AsyncGenerator<ImportFile> {
  for (const [name, chunks] of Object.entries(contents)) {
    yield {
      name,
      bytes: (async function* () {
        for (const chunk of chunks) yield Buffer.from(chunk);
      })(),
    };
  }
}
