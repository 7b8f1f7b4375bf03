import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { InfluxConnection } from '../../../src/store/influx/influx-connection.ts';
import { InfluxHttp } from '../../../src/store/influx/influx-http.ts';
import { fieldName, LineBuffer, seriesKey } from '../../../src/store/influx/line-buffer.ts';
import { LineWriter } from '../../../src/store/influx/write-lines.ts';

let server: Server;
let http: InfluxHttp;
afterEach(() => {
  http.close();
  server.close();
  server.closeAllConnections();
});

/** A server of which a test says what it answers to each body. */
async function openWriter(answer: (body: string, nth: number) => number) {
  const taken: string[] = [];
  let nth = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const status = answer(body, nth++);
    if (status === 204) taken.push(...body.trimEnd().split('\n'));
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end('{"code":"invalid","message":"no"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  http = new InfluxHttp({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 't',
    timeoutMs: 2_000,
  });
  const dead: string[] = [];
  const connection = { http, org: 'o', orgId: 'i', bucket: (name: string) => name, close: () => undefined };
  const writer = new LineWriter(connection as InfluxConnection, {
    stopwatchMs: () => performance.now(),
    chance: () => 0,
    onDeadLine: (line) => dead.push(line),
  });
  return { writer, taken, dead, asked: () => nth };
}

function linesOf(count: number): LineBuffer {
  const lines = new LineBuffer();
  for (let i = 0; i < count; i++) {
    lines.begin(seriesKey('m', {}));
    lines.integer(fieldName('a'), i);
    lines.end(1, i);
  }
  return lines;
}

test('a line that the server will never take is found and left out, and every other one is written', async () => {
  const { writer, taken, dead } = await openWriter((body) => (/a=(0|37|99)i/.test(body) ? 400 : 204));
  await writer.write('raw', linesOf(100));
  expect(taken).toHaveLength(97);
  expect(dead.sort()).toEqual(['m a=0i 1000000000', 'm a=37i 1000000037', 'm a=99i 1000000099']);
});

test.each([429, 500, 503])('after %d the same body is sent again', async (status) => {
  const { writer, taken } = await openWriter((_, nth) => (nth < 2 ? status : 204));
  await writer.write('raw', linesOf(3));
  expect(taken).toHaveLength(3);
});

test('after 422 the valid rest is written already: nothing is sent again, and it is told', async () => {
  const { writer, dead, asked } = await openWriter(() => 422);
  await writer.write('raw', linesOf(3));
  expect([dead, asked()]).toEqual([[''], 1]);
});

test.each([401, 404])('%d is told at once, and not tried again', async (status) => {
  const { writer, asked } = await openWriter(() => status);
  await expect(writer.write('raw', linesOf(3))).rejects.toMatchObject({ name: 'InfluxRefusal', status });
  expect(asked()).toBe(1);
});
