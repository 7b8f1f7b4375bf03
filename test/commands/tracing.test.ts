import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { askHttp } from '../api/graphql-over-http.ts';
import { post } from '../system/system.ts';
import { until } from '../system/until.ts';
import { eachTestHasAHome, home } from './home.ts';
import { interrupt, served, start } from './program.ts';

const MALL = 'edges';
const MAC = 'a4:c3:61:0b:22:01';

let collector: Server;
afterEach(() => {
  collector.close();
  collector.closeAllConnections();
});
eachTestHasAHome([MALL]);

/** An OpenTelemetry collector that keeps what it is sent, as text. */
async function openCollector(): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  collector = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  return { url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`, received };
}

test('where a collector is set, batches, calls of the store and questions are told as spans, without an address', async () => {
  const { url, received } = await openCollector();
  const program = start(['start', '--port', '0'], { ...home.env, OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const server = await served(program);
  const atS = Math.floor(Date.now() / 1_000);
  await post(server, MALL, `{"user_device_mac":"${MAC}","occur_time":"${atS}"}`);
  await askHttp(server, '{ malls { code } }');
  await interrupt(program);
  const names = ['line.batch', 'store.commit', 'graphql.request'];
  await until('the spans', () => names.every((name) => received.join('').includes(`"${name}"`)));
  expect(received.join('')).toContain('"footfall"');
  expect(received.join('').toLowerCase()).not.toMatch(/a4:?c3:?61:?0b/);
});
