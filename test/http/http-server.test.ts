import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import type { Intake, Receipt } from '../../src/ingest/operations.ts';
import { ADMIN_TOKEN, openTestServer, type TestServer } from './open-test-server.ts';

const TOKEN = 's3cret-of-sixteen';
const intake: Intake = { receive: async () => ({ kind: 'received', kept: 1, dropped: {} }) };

const unready = async () => ({ ok: false, reasons: ['the disk is full'] });

async function withServer<T>(
  options: Parameters<typeof openTestServer>[0],
  task: (server: TestServer) => Promise<T>,
) {
  const server = await openTestServer(options);
  try {
    return await task(server);
  } finally {
    await server.close();
  }
}

describe('where a token is set', () => {
  test.each([
    ['POST', '/graphql', 401],
    ['GET', '/graphql?query={malls{code}}', 401],
    ['POST', '/v1/probes/m', 401],
    ['GET', '/metrics', 401],
    ['GET', '/livez', 200],
    ['GET', '/readyz', 200],
    ['GET', '/explorer', 200],
  ])('%s %s without it is answered with %d', (method, path, status) =>
    withServer({ token: TOKEN, intake }, async ({ url }) => {
      const response = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      });
      expect(response.status).toBe(status);
      const text = await response.text();
      if (status === 401) {
        expect(response.headers.get('www-authenticate')).toBe('Bearer realm="footfall"');
        expect(text).toContain('"code":"UNAUTHENTICATED"');
      }
    }),
  );

  test.each([
    ['GET', '/metrics'],
    ['POST', '/v1/probes/m'],
  ])('%s %s with it is answered', (method, path) =>
    withServer({ token: TOKEN, intake }, async ({ url }) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const response = await fetch(url + path, { method, headers, ...(method === 'POST' && { body: '{}' }) });
      expect(response.status).toBe(200);
    }),
  );
});

test('readyz says why the server is not ready', () =>
  withServer({ health: { ready: unready } }, async ({ url }) => {
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, reasons: ['the disk is full'] });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  }));

test('readyz asks anew each time', async () => {
  const answers = [
    { ok: false, reasons: ['the store did not answer'] },
    { ok: true, reasons: [] },
  ];
  await withServer({ health: { ready: async () => answers.shift()! } }, async ({ url }) => {
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});

test('metrics are those of the registry, in the text format of Prometheus', () => {
  const registry = new Registry();
  new Counter({ name: 'records_total', help: 'records', registers: [registry] }).inc(3);
  return withServer({ registry }, async ({ url }) => {
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('records_total 3');
  });
});

test.each([
  ['GET', '/'],
  ['GET', '/v1/probes/m'],
  ['DELETE', '/graphql'],
])('%s %s is not there, and the answer says what is', (method, path) =>
  withServer({}, async ({ url }) => {
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: 'NOT_FOUND', message: expect.stringContaining('/explorer') },
    });
  }),
);

test.each([
  ['a path that cannot be decoded', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'BAD_REQUEST'],
  ['headers beyond 16 KiB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ['what is not HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
])('%s is refused in the same words as everything else', (_, request, status, code) =>
  withServer({}, async ({ port }) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(request);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body).toEqual({ error: { code, message: expect.any(String) } });
  }),
);

test('an upgrade anywhere but at /graphql is refused', () =>
  withServer({}, async ({ port }) => {
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [data] = await once(socket, 'data');
    expect(String(data)).toMatch(/^HTTP\/1\.1 404 /);
    socket.destroy();
  }));

test('whoever asks for an upgrade and is gone before the answer takes nothing down', () =>
  withServer({ token: TOKEN }, async ({ url, port }) => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    const gone: Promise<unknown>[] = [];
    for (let i = 0; i < 60; i++) {
      const socket = connect(port, '127.0.0.1');
      gone.push(once(socket, 'close'));
      socket.on('error', () => undefined);
      const path = i % 2 === 0 ? '/nope' : '/graphql';
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`, () => socket.resetAndDestroy());
    }
    await Promise.all(gone);
    // An error that nobody listens to would have failed this test, and ended a process that is no test.
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  }));

test('an upgrade that is refused keeps no connection, even of a client that never closes its end', () =>
  withServer({}, async ({ port }) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.resume();
    await once(socket, 'end');
    // The server has let go of it: whatever is sent now is answered with a reset.
    const reset = once(socket, 'error');
    const sending = setInterval(() => socket.write('still there'), 10);
    const [error] = await reset;
    clearInterval(sending);
    expect((error as NodeJS.ErrnoException).code).toMatch(/ECONNRESET|EPIPE/);
  }));

describe('admin routes', () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address && !address.internal && address.family === 'IPv4')?.address;

  test('tell the machine by its addresses: a server on one address of its own is reached from it', async () => {
    if (outside === undefined) return;
    const operations = { deadLetters: async () => [] } as never;
    await withServer({ host: outside, operations }, async ({ url }) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      expect((await fetch(`${url}/v1/admin/dead-letters?mall=m`, { headers })).status).toBe(200);
    });
  });

  test('a server on all addresses names one that commands can reach', () =>
    withServer({ host: '0.0.0.0' }, async ({ url, port }) => {
      expect(url).toBe(`http://127.0.0.1:${port}`);
    }));
});

describe('closing', () => {
  test('answers what is under way, and takes nothing more', async () => {
    let keep: (receipt: Receipt) => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      intakeHeld.receive = () => {
        resolve();
        return new Promise((kept) => {
          keep = kept;
        });
      };
    });
    const server = await openTestServer({ intake: intakeHeld });
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = fetch(`${server.url}/v1/probes/m`, { method: 'POST', headers, body: '{}' });
    await reached;
    const startedMs = performance.now();
    const closed = server.close();
    await expect(connectionTo(server.port)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    keep({ kind: 'received', kept: 1, dropped: {} });
    expect((await response).status).toBe(200);
    await closed;
    // The client would keep its connection; the server does not wait for it.
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  test('cuts off what takes longer than a few seconds', async () => {
    const reached = new Promise<void>((resolve) => {
      intakeHeld.receive = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const server = await openTestServer({ intake: intakeHeld });
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = fetch(`${server.url}/v1/probes/m`, { method: 'POST', headers, body: '{}' });
    await reached;
    const [answer] = await Promise.allSettled([response, server.close()]);
    expect(answer.status).toBe('rejected');
  });

  const intakeHeld: { receive: Intake['receive'] } = { ...intake };
});

async function connectionTo(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

describe('a server that does one thing', () => {
  test.each([
    ['takes records alone', { api: undefined }, '/graphql', 'questions are answered by footfall api'],
    [
      'answers questions alone',
      { intake: undefined, admin: undefined },
      '/v1/probes/m',
      'records are taken by footfall ingest',
    ],
  ])('%s, and says where to go for the other', async (_, without, path, where) => {
    const one = await openTestServer(without as unknown as Parameters<typeof openTestServer>[0]);
    const answer = await fetch(`${one.url}${path}`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain(where);
    expect((await fetch(`${one.url}/livez`)).status).toBe(200);
    await one.close();
  });
});
