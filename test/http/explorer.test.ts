import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { WebSocket } from 'ws';
import { EXPLORER_FETCHER_SCRIPT } from '../../src/http/explorer-fetcher.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const TOKEN = 's3cret-of-sixteen';

let server: TestServer;
let page: string;
let policy: string;
beforeAll(async () => {
  server = await openTestServer({ token: TOKEN });
  const response = await fetch(`${server.url}/explorer`);
  page = await response.text();
  policy = response.headers.get('content-security-policy') ?? '';
});
afterAll(() => server.close());

describe('the explorer works offline', () => {
  test('its page names nothing to load from elsewhere', () => {
    const markup = page.replace(/<script>[\s\S]*?<\/script>/g, '').replace(/<style>[\s\S]*?<\/style>/g, '');
    expect([...markup.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual(['data:,']);
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, style]) => style).join();
    expect(styles.length).toBeGreaterThan(100_000);
    expect(styles).not.toMatch(/@import|url\(\s*["']?(?!data:|#)/);
  });

  test('and its policy keeps the browser from loading anything from elsewhere', () => {
    const sources = policy.split('; ').flatMap((directive) => directive.split(' ').slice(1));
    const own = ["'none'", "'self'", "'unsafe-inline'", 'blob:', 'data:', 'ws:', 'wss:'];
    expect(sources.filter((source) => !own.includes(source))).toEqual([]);
    expect(policy).toMatch(/^default-src 'none'/);
  });

  test('its scripts are whole: none ends before its end', () => {
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script ?? '');
    expect(scripts).toHaveLength(3);
    for (const script of scripts) expect(() => new Function(script)).not.toThrow();
  });

  test('packed or not, it is the same page', async () => {
    const plain = await fetch(`${server.url}/explorer`, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect((await plain.text()) === page).toBe(true);
  });
});

type Answer = { data?: unknown; errors?: readonly { extensions: unknown }[] };
interface Observer {
  next(answer: Answer): void;
  error(error: unknown): void;
  complete(): void;
}
type Fetcher = (
  params: { query: string; operationName?: string },
  options: { headers?: Record<string, string>; documentAST?: unknown },
) => Promise<Answer> & { subscribe(observer: Observer): { unsubscribe(): void } };

describe('the explorer asks', () => {
  const makeFetcher = () =>
    new Function(`${EXPLORER_FETCHER_SCRIPT}; return createExplorerFetcher;`)()(
      `${server.url}/graphql`,
      WebSocket,
    ) as Fetcher;
  const ask = (query: string, headers: Record<string, string>) =>
    makeFetcher()({ query }, { headers, documentAST: parse(query) });
  const watch = (query: string, headers: Record<string, string>) =>
    new Promise<{ how: string; what?: unknown }>((resolve) => {
      const subscription = ask(query, headers).subscribe({
        next: (what) => {
          subscription.unsubscribe();
          resolve({ how: 'next', what });
        },
        error: (what) => resolve({ how: 'error', what }),
        complete: () => resolve({ how: 'complete' }),
      });
    });

  test('a query, with the token of its headers tab', async () => {
    expect(await ask('{ __typename }', { Authorization: `Bearer ${TOKEN}` })).toEqual({
      data: { __typename: 'Query' },
    });
  });

  test('and shows why a query without the token is refused', async () => {
    expect(await ask('{ __typename }', {})).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('a subscription over a WebSocket, with the token of its headers tab', async () => {
    const seen = await watch('subscription { __typename }', { authorization: `Bearer ${TOKEN}` });
    expect(seen.how).toBe('error');
    expect(JSON.stringify(seen.what)).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('and shows why a subscription without the token is refused', async () => {
    const seen = await watch('subscription { density(mall: "m") { full } }', {});
    const message = expect.stringMatching(/^the WebSocket was closed: 4403 bring the header/);
    expect(seen).toEqual({ how: 'error', what: { message } });
  });
});
