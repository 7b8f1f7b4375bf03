import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { TestServer } from '../http/open-test-server.ts';
import { until } from '../system/until.ts';
import { Channel } from './channel.ts';
import { askHttp } from './graphql-over-http.ts';
import { openClient } from './graphql-over-socket.ts';
import { setScript } from './scripted-questions.ts';

const { openTestServer } = await import('../http/open-test-server.ts');

let registry: Registry;
let server: TestServer;
beforeEach(async () => {
  registry = new Registry();
  server = await openTestServer({ registry });
});
afterEach(() => server.close());

const shown = async (line: string) => (await registry.metrics()).split('\n').includes(line);

const ask = (query: string) => askHttp(server.url, query);

test('questions are timed by what they ask for, whatever their client calls them', async () => {
  setScript({ malls: () => [] });
  await ask('query mine { malls { code } }');
  await ask('query theirs { malls { code } }');
  expect(await shown('footfall_graphql_seconds_count{question="malls"} 2')).toBe(true);
  await ask('{ nothingLikeIt }');
  await ask('{ mall(code: "m") { code } }');
  expect(await shown('footfall_graphql_errors_total{question="none"} 1')).toBe(true);
  expect(await shown('footfall_graphql_errors_total{question="mall"} 1')).toBe(true);
});

test('subscriptions count while they run, until their client goes', async () => {
  setScript({ positionUpdates: () => new Channel() });
  const client = openClient(server.url);
  const sink = { next: () => undefined, error: () => undefined, complete: () => undefined };
  client.subscribe({ query: 'subscription { customerPositions(mall: "m") { left } }' }, sink);
  await until('the subscription', () => shown('footfall_subscriptions{question="customerPositions"} 1'));
  await client.dispose();
  await until('its end', () => shown('footfall_subscriptions{question="customerPositions"} 0'));
});
