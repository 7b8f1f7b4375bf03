import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
  server = await openTestServer();
});
afterEach(async () => {
  jest.useRealTimers();
  await server.close();
});

test('a client that neither says nor reads anything for two heartbeats is cut off, and others stay', async () => {
  const lively = await open();
  const gone = await open();
  (gone as unknown as { _socket: Socket })._socket.pause();
  jest.advanceTimersByTime(12_000);
  await once(lively, 'ping');
  // The answer to the ping is on its way before this, and so there before the next heartbeat.
  lively.send('{"type":"ping"}');
  await once(lively, 'message');
  jest.advanceTimersByTime(12_000);
  (gone as unknown as { _socket: Socket })._socket.resume();
  const [code] = await once(gone, 'close');
  expect(code).toBe(1006);
  expect(lively.readyState).toBe(WebSocket.OPEN);
  lively.terminate();
});

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  return socket;
}
