import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { setScript } from '../api/scripted-questions.ts';
import type { TestServer } from './open-test-server.ts';

const { openTestServer } = await import('./open-test-server.ts');

const PORTAL = 'https://portal.example';
const ELSEWHERE = 'https://elsewhere.example';
const TOKEN = 's3cret-of-sixteen';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ token: TOKEN, corsOrigins: [PORTAL] });
  setScript({ malls: () => [] });
});
afterEach(() => server.close());

const preflight = (path: string, origin: string, method = 'POST') =>
  fetch(`${server.url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    },
  });
const ask = (origin: string, headers: Record<string, string> = AUTHORIZED, type = 'application/json') =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { origin, 'content-type': type, ...headers },
    body: '{"query":"{ malls { code } }"}',
  });

describe('a site that is listed', () => {
  test.each(['/graphql', '/v1/probes/m'])('may ask %s from a browser', async (path) => {
    const { status, headers } = await preflight(path, PORTAL);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PORTAL);
    expect(headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, apollo-require-preflight',
    );
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('reads the answer, and the reason of a refusal', async () => {
    const answer = await ask(PORTAL);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, PORTAL]);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ratelimit');
    const refusal = await ask(PORTAL, {});
    expect([refusal.status, refusal.headers.get('access-control-allow-origin')]).toEqual([401, PORTAL]);
  });
});

describe('a site that is not', () => {
  test('is told by no header that it may ask, or read', async () => {
    expect((await preflight('/graphql', ELSEWHERE)).headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask(ELSEWHERE)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'cannot have a form of type %s answered, which browsers send unasked',
    async (type) => {
      const response = await ask(ELSEWHERE, AUTHORIZED, type);
      expect([400, 415]).toContain(response.status);
      expect(JSON.stringify(await response.json())).toMatch(/CSRF|content type/i);
    },
  );

  test('cannot ask by GET either, as an image would', async () => {
    const query = encodeURIComponent('{ malls { code } }');
    const response = await fetch(`${server.url}/graphql?query=${query}`, {
      headers: { origin: ELSEWHERE, ...AUTHORIZED },
    });
    expect(response.status).toBe(400);
  });
});

test.each([
  ['its own page', () => server.url, 101],
  ['a listed site', () => PORTAL, 101],
  ['another site', () => ELSEWHERE, 403],
  ['a site of no address, as a sandboxed frame is', () => 'null', 403],
  ['a site whose name begins like a listed one', () => `${PORTAL}.evil.example`, 403],
  ['no site', () => undefined, 101],
])('a WebSocket from %s', async (_what, origin, status) => {
  const from = origin();
  const socket = new WebSocket(
    `${server.url.replace('http', 'ws')}/graphql`,
    'graphql-transport-ws',
    from === undefined ? {} : { origin: from },
  );
  const seen = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('error', () => undefined);
  });
  expect(seen).toBe(status);
  socket.terminate();
});

test.each(['/graphql', '/livez', '/explorer', '/v1/probes/m', '/nowhere'])(
  'an answer of %s is framed nowhere, and taken for nothing else than it says',
  async (path) => {
    const { headers } = await fetch(`${server.url}${path}`);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  },
);
