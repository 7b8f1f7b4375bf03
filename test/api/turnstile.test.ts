import { once } from 'node:events';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { KeyBook, makeKey } from '../../src/access/key-book.ts';
import { Rights } from '../../src/access/rights.ts';
import type { ApiLimits } from '../../src/api/limits.ts';
import { Turnstile } from '../../src/api/turnstile.ts';
import type { ApiKey, Store } from '../../src/store/store.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { until } from '../system/until.ts';
import { askHttp } from './graphql-over-http.ts';
import { openClient } from './graphql-over-socket.ts';
import { RawSocket } from './open-socket.ts';

const TOKEN = 'the-token-of-the-operator';
const TOTALS = `{ mallFootfall(mall: "${MALL}", from: "2024-06-10", to: "2024-06-12") { footfall } }`;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A store that answers no question about totals before a test lets it, and hears of those that are given up. */
function holdingStore(store: Store): {
  store: Store;
  asked: () => number;
  givenUp: unknown[];
  answer(): void;
} {
  const givenUp: unknown[] = [];
  let asked = 0;
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const of = (signal?: AbortSignal): Store =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (name === 'until') return (given: AbortSignal) => of(given);
        if (name === 'dayTotals') {
          return async (...args: Parameters<Store['dayTotals']>) => {
            asked++;
            const stopped = new Promise<never>((_resolve, reject) => {
              signal?.addEventListener('abort', () => {
                givenUp.push(signal.reason);
                reject(signal.reason);
              });
            });
            await Promise.race([held, stopped]);
            return target.dayTotals(...args);
          };
        }
        return typeof method === 'function' ? method.bind(target) : method;
      },
    });
  return { store: of(), asked: () => asked, givenUp, answer };
}

async function openHolding(limits: Partial<ApiLimits>) {
  const mall = await TestMall.open();
  opened.push(mall);
  await mall.hear([1, '2024-06-11 10:00:00', 'A', 1, -50]);
  await mall.settle('2024-06-11');
  const holding = holdingStore(mall.store);
  const server = await openTestServer({ ask: { ...mall.ask, store: holding.store }, limits });
  opened.push(server);
  return { ...holding, server };
}

async function openWithKeys(requestsPerMinute: number): Promise<{ server: TestServer; key: () => string }> {
  const kept: ApiKey[] = [];
  let tell: (key: ApiKey) => void = () => undefined;
  const keys = await KeyBook.open({
    list: async () => kept,
    put: async () => undefined,
    watch: async (onPut) => {
      tell = onPut;
      return () => undefined;
    },
  });
  const doorkeeper = new Doorkeeper({ token: TOKEN, clock: { nowS: () => 0 }, keys });
  const server = await openTestServer({ doorkeeper, limits: { requestsPerMinute } });
  opened.push(server);
  let made = 0;
  const key = () => {
    const wish = { name: 'k', malls: 'all', scopes: ['analytics'], expiresAtS: null } as const;
    const one = makeKey(wish, { random: (bytes) => Buffer.alloc(bytes, ++made), nowS: 0 });
    tell(one.key);
    return one.text;
  };
  return { server, key };
}

describe('how often one token may ask', () => {
  test('is told with every answer, and beyond that when to come again', async () => {
    const { server, key } = await openWithKeys(3);
    const token = key();
    const ask = () => askHttp(server.url, '{ malls { code } }', { token });
    const first = await ask();
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=2;t=\d+$/);
    await ask();
    await ask();
    const beyond = await ask();
    expect(beyond.status).toBe(429);
    expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(beyond.body.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    expect((await askHttp(server.url, '{ malls { code } }', { token: key() })).status).toBe(200);
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toContain('footfall_graphql_turned_away_total{code="RATE_LIMITED"} 1');
    for (let i = 0; i < 4; i++) {
      expect((await askHttp(server.url, '{ malls { code } }', { token: TOKEN })).status).toBe(200);
    }
  });

  test('counts a WebSocket’s operations like requests', async () => {
    const { server, key } = await openWithKeys(2);
    const token = key();
    const client = openClient(server.url, { authorization: `Bearer ${token}` });
    const ask = async () => {
      for await (const body of client.iterate({ query: '{ malls { code } }' })) return body;
      return undefined;
    };
    expect(await ask()).toEqual({ data: { malls: [] } });
    expect((await askHttp(server.url, '{ malls { code } }', { token })).status).toBe(200);
    await expect(ask()).rejects.toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    await client.dispose();
  });

  test('begins anew after a minute', async () => {
    jest.useFakeTimers();
    try {
      const turnstile = new Turnstile({ requestsPerMinute: 1, answersAtOnce: 1 });
      const rights = new Rights({ holder: 'k', malls: 'all', scopes: [] });
      expect(await turnstile.charge(rights)).toMatchObject({ left: 0 });
      await expect(turnstile.charge(rights)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterS: 60 });
      jest.advanceTimersByTime(60_001);
      expect(await turnstile.charge(rights)).toMatchObject({ left: 0 });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('more questions than are answered at a time', () => {
  test('are sent away at once, over both ways, until one has been answered', async () => {
    const { server, asked, answer } = await openHolding({ answersAtOnce: 2 });
    const other = (n: number) => TOTALS.replace('{ mall', `{ a${n}: mall`);
    const first = askHttp(server.url, other(1));
    const client = openClient(server.url);
    const second = client.iterate({ query: other(2) }).next();
    await until('both are being answered', async () => asked() === 2);
    const busy = await askHttp(server.url, other(3));
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    expect(busy.body.errors).toMatchObject([{ extensions: { code: 'SERVER_BUSY' } }]);
    const overSocket = client.iterate({ query: other(4) }).next();
    await expect(overSocket).rejects.toMatchObject([{ extensions: { code: 'SERVER_BUSY' } }]);
    answer();
    expect((await first).status).toBe(200);
    expect(await second).toMatchObject({ value: { data: { a2: expect.anything() } } });
    await until('there is room again', async () => (await askHttp(server.url, other(5))).status === 200);
    await client.dispose();
  });

  test('a socket that is gone takes up no place', async () => {
    const { server, asked, givenUp, answer } = await openHolding({ answersAtOnce: 1 });
    const client = openClient(server.url);
    const asking = client.iterate({ query: TOTALS }).next();
    await until('it is being answered', async () => asked() === 1);
    await client.dispose();
    await asking.catch(() => undefined);
    await until('the store has stopped', async () => givenUp.length === 1);
    answer();
    expect((await askHttp(server.url, TOTALS)).status).toBe(200);
  });
});

test('more sockets than a process holds are sent away until one closes', async () => {
  const server = await openTestServer({ limits: { socketsMax: 1 } });
  opened.push(server);
  const first = await RawSocket.openAndInit(server.url);
  const second = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const [, answer] = await once(second, 'unexpected-response');
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  first.socket.close();
  await until('there is room again', () =>
    RawSocket.openAndInit(server.url).then(
      ({ socket }) => {
        socket.terminate();
        return true;
      },
      () => false,
    ),
  );
});

describe('a question that takes too long', () => {
  test('is given up, in the store too, and says so', async () => {
    const { server, givenUp } = await openHolding({ answerMs: 50 });
    const { body } = await askHttp(server.url, TOTALS);
    expect(body.errors).toMatchObject([
      { path: ['mallFootfall'], extensions: { code: 'DEADLINE_EXCEEDED' } },
    ]);
    expect(givenUp).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    const client = openClient(server.url);
    const { value } = await client.iterate({ query: TOTALS }).next();
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] });
    await client.dispose();
  });

  test('is given up when whoever asked hangs up, and is no mistake of anybody', async () => {
    const { server, asked, givenUp } = await openHolding({});
    const abort = new AbortController();
    const asking = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: TOTALS }),
      signal: abort.signal,
    });
    await until('it is being answered', async () => asked() === 1);
    abort.abort();
    await expect(asking).rejects.toThrow();
    await until('the store has stopped', async () => givenUp.length === 1);
    expect(server.logged.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});
