import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Intake, Receipt } from '../../src/ingest/operations.ts';
import { StoreBroken, StoreUnavailable } from '../../src/store/store.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const MIB = 1 << 20;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const GZIP = { ...NDJSON, 'content-encoding': 'gzip' };
const RECEIVED: Receipt = { kind: 'received', kept: 2, dropped: { bad_time: 1 } };

let server: TestServer;
let answer: () => Promise<Receipt>;
let taken: { mall: string; body: string; receivedAtS: number }[];

const intake: Intake = {
  receive: (mall, body, receivedAtS) => {
    taken.push({ mall, body: Buffer.from(body).toString(), receivedAtS });
    return answer();
  },
};

beforeAll(async () => {
  server = await openTestServer({ intake });
});
afterAll(() => server.close());
beforeEach(() => {
  taken = [];
  answer = async () => RECEIVED;
});

function post(body: Uint8Array | string, headers: Record<string, string>, mall = 'm'): Promise<Response> {
  return fetch(`${server.url}/v1/probes/${mall}`, { method: 'POST', headers, body });
}

describe('a body is taken as it came', () => {
  test.each([
    ['NDJSON', '{"a":1}\n', NDJSON],
    ['NDJSON with a charset', '{"a":1}\n', { 'content-type': 'application/x-ndjson; charset=utf-8' }],
    ['JSON', '[{"a":1}]', { 'content-type': 'application/json' }],
    ['broken JSON, which is for the line to judge', '[{"a":', { 'content-type': 'application/json' }],
    ['gzip', gzipSync('{"a":1}\n'), GZIP],
    ['gzip in several members', Buffer.concat([gzipSync('{"a"'), gzipSync(':1}\n')]), GZIP],
    ['identity', '{"a":1}\n', { ...NDJSON, 'content-encoding': 'identity' }],
  ])('%s', async (name, body, headers) => {
    const response = await post(body, headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ kept: 2, dropped: { bad_time: 1 } });
    const text = name.startsWith('gzip') ? '{"a":1}\n' : body;
    expect(taken).toEqual([{ mall: 'm', body: text, receivedAtS: 1_718_362_800 }]);
  });

  test('up to 8 MiB, and 32 MiB once inflated', async () => {
    expect((await post(Buffer.alloc(8 * MIB, ' '), NDJSON)).status).toBe(200);
    expect((await post(gzipSync(Buffer.alloc(32 * MIB, ' ')), GZIP)).status).toBe(200);
    expect(taken.map(({ body }) => body.length)).toEqual([8 * MIB, 32 * MIB]);
  });
});

test('the answer comes when the line has kept the records, and not before', async () => {
  let keep: (receipt: Receipt) => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    answer = () => {
      resolve();
      return new Promise((kept) => {
        keep = kept;
      });
    };
  });
  let answered = false;
  const response = post('{}', NDJSON).finally(() => {
    answered = true;
  });
  await reached;
  await fetch(`${server.url}/livez`);
  expect(answered).toBe(false);
  keep(RECEIVED);
  expect((await response).status).toBe(200);
});

describe('a body is refused before the line sees it', () => {
  test.each([
    ['an empty one', '', NDJSON, 400, 'EMPTY_BODY'],
    ['an empty one of no type', '', {}, 400, 'EMPTY_BODY'],
    ['an empty one once inflated', gzipSync(''), GZIP, 400, 'EMPTY_BODY'],
    ['one that is not gzip', '{}', GZIP, 400, 'BAD_GZIP'],
    ['gzip that is cut off', gzipSync('{"a":1}\n'.repeat(99)).subarray(0, 30), GZIP, 400, 'BAD_GZIP'],
    ['one over 8 MiB', Buffer.alloc(8 * MIB + 1, ' '), NDJSON, 413, 'PAYLOAD_TOO_LARGE'],
    [
      'one over 32 MiB once inflated',
      gzipSync(Buffer.alloc(32 * MIB + 1, ' ')),
      GZIP,
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', '{}', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['another compression', '{}', { ...NDJSON, 'content-encoding': 'br' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('%s', async (_name, body, headers, status, code) => {
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { code, message: expect.any(String) } });
    expect(taken).toEqual([]);
  });

  test('one over 8 MiB that does not say how long it is', async () => {
    const { status, body } = await postChunks(9, Buffer.alloc(MIB, ' '));
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(taken).toEqual([]);
  });
});

describe('what the line says is handed on', () => {
  const refuse = (error: Error) => () => Promise.reject(error);
  test.each([
    ['unknown_mall', async () => ({ kind: 'unknown_mall' }), 404, 'UNKNOWN_MALL', null],
    ['not_records', async () => ({ kind: 'not_records', detail: 'begins with <' }), 400, 'NOT_RECORDS', null],
    ['overloaded', async () => ({ kind: 'overloaded', retryAfterS: 7 }), 503, 'OVERLOADED', '7'],
    [
      'StoreUnavailable',
      refuse(new StoreUnavailable('keep', new Error('disk'))),
      503,
      'STORE_UNAVAILABLE',
      '2',
    ],
    ['what nobody foresaw', refuse(new Error('secret')), 500, 'INTERNAL_SERVER_ERROR', null],
  ] as const)('%s', async (_name, scripted, status, code, retryAfter) => {
    answer = scripted as () => Promise<Receipt>;
    const response = await post('{}', NDJSON);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    const text = await response.text();
    expect(JSON.parse(text)).toEqual({ error: { code, message: expect.any(String) } });
    expect(text).not.toMatch(/secret|disk/);
  });

  test('of a body that the store could not keep nothing was kept, and it says so', async () => {
    answer = refuse(new StoreUnavailable('keep', new Error('disk'))) as () => Promise<Receipt>;
    expect(await (await post('{}', NDJSON)).text()).toContain('nothing of this body was kept, send it again');
  });

  test('of a body that broke the store it is not said that nothing was kept, since nobody knows', async () => {
    answer = refuse(new StoreBroken('keep', new Error('disk'))) as () => Promise<Receipt>;
    const response = await post('{}', NDJSON);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await response.text()).toMatch(/it broke.*; send it again/);
  });

  test('an unknown mall is told where malls come from', async () => {
    answer = async () => ({ kind: 'unknown_mall' });
    const { error } = (await (await post('{}', NDJSON, 'nowhere')).json()) as { error: { message: string } };
    expect(error.message).toMatch(/nowhere.*FOOTFALL_MALLS/);
  });

  test('the code of an unknown mall may be as long as a path can be, and is not repeated whole', async () => {
    answer = async () => ({ kind: 'unknown_mall' });
    const response = await post('{}', NDJSON, 'x'.repeat(5_000));
    const text = await response.text();
    expect([response.status, text.length < 400]).toEqual([404, true]);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'UNKNOWN_MALL' } });
  });
});

test('a gzip bomb never grows beyond its limit', async () => {
  const bomb = gzipSync(Buffer.alloc(256 * MIB));
  const before = process.memoryUsage().rss;
  const responses = await Promise.all(Array.from({ length: 16 }, () => post(bomb, GZIP)));
  expect(responses.map(({ status }) => status)).toEqual(Array(16).fill(413));
  // Sixteen of them would be 4 GiB; four at a time, each up to its limit and once more while it is put together.
  expect(process.memoryUsage().rss - before).toBeLessThan(600 * MIB);
});

describe('the memory for bodies', () => {
  test('is not taken by those who announce a body and send none', async () => {
    const idle = Array.from({ length: 40 }, (_, i) =>
      openPost({ expect: '100-continue', ...(i % 2 === 0 && { 'content-length': String(8 * MIB) }) }),
    );
    for (const sending of idle) sending.on('error', () => undefined);
    await Promise.all(idle.map((sending) => once(sending, 'continue')));
    await Promise.all(idle.map((sending) => new Promise((sent) => sending.write('{', sent))));
    await fetch(`${server.url}/livez`);
    expect((await post('{}', NDJSON)).status).toBe(200);
    for (const sending of idle) sending.destroy();
  });

  test('once it is used up sends senders away, and later lets them in again', async () => {
    let keep: (receipt: Receipt) => void = () => undefined;
    const held = new Promise<Receipt>((resolve) => {
      keep = resolve;
    });
    answer = () => held;
    const large = Buffer.alloc(8 * MIB, ' ');
    // 24 of them fit.
    const responses = Array.from({ length: 25 }, () => post(large, NDJSON));
    const refused = await Promise.race(responses);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ error: { code: 'OVERLOADED' } });
    keep(RECEIVED);
    const statuses = (await Promise.all(responses)).map(({ status }) => status).sort();
    expect(statuses[0]).toBe(200);
    expect((await post(large, NDJSON)).status).toBe(200);
  });
});

test.each([
  ['lines', '{}\n'.repeat(500_001)],
  ['elements of an array', `[${'1,'.repeat(500_000)}1]`],
])(
  'a body of more %s than the largest body holds of real records is refused as too large',
  async (_, body) => {
    const response = await post(body, NDJSON);
    expect(response.status).toBe(413);
    const message = expect.stringContaining('more than 500,000 records');
    expect(await response.json()).toEqual({ error: { code: 'PAYLOAD_TOO_LARGE', message } });
    expect(taken).toEqual([]);
  },
);

test('a sender that goes away in the middle of its body leaves nothing behind', async () => {
  for (let i = 0; i < 30; i++) {
    const sending = openPost();
    sending.write(Buffer.alloc(MIB));
    sending.on('error', () => undefined);
    await new Promise((resolve) => sending.once('close', resolve).destroy());
  }
  answer = async () => RECEIVED;
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await post('{}', NDJSON)).status),
  );
  expect(statuses).toEqual(Array(20).fill(200));
});

function openPost(headers: Record<string, string> = {}) {
  const sending = httpRequest(`${server.url}/v1/probes/m`, {
    method: 'POST',
    headers: { ...NDJSON, ...headers },
  });
  sending.flushHeaders();
  return sending;
}

/** Sends a body of unknown length, and reads the answer that comes before its end. */
async function postChunks(count: number, chunk: Buffer): Promise<{ status: number; body: string }> {
  const sending = openPost();
  const response = once(sending, 'response');
  for (let i = 0; i < count; i++) sending.write(chunk);
  sending.end();
  const [incoming] = await response;
  let body = '';
  for await (const text of incoming.setEncoding('utf8')) body += text;
  return { status: incoming.statusCode, body };
}
