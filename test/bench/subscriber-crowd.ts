import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { serveOrders } from './serve-orders.ts';

export type CrowdOrder =
  | {
      readonly kind: 'join';
      readonly url: string;
      readonly query: string;
      readonly subscribers: number;
      /** Of them, so many read nothing once they have joined. */
      readonly stalled: number;
    }
  | { readonly kind: 'watch'; readonly seconds: number };

/** What was heard in a while. */
export interface CrowdResult {
  /** From the first socket that heard an update until each heard it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Updates that came to the first socket. */
  readonly updates: number;
  /** Updates that a socket did not hear, of all that all should have. */
  readonly missedShare: number;
  readonly bytesPerUpdate: number;
}

const OPENED_AT_ONCE = 200;
/** Updates come a second apart: what comes so long after the one before begins another. */
const GAP_MS = 300;

const reading: WebSocket[] = [];
let heardMs: number[][] = [];
let bytes = 0;

/** Many sockets in one process, which does next to nothing with what they hear. */
serveOrders<CrowdOrder, CrowdResult | undefined>(async (order) => {
  if (order.kind === 'watch') return watch(order.seconds);
  const { url, query, subscribers, stalled } = order;
  const join = async (nth: number) => {
    const socket = await joined(url, query);
    if (nth < stalled) return (socket as unknown as { _socket: Socket })._socket.pause();
    const place = reading.push(socket) - 1;
    socket.on('message', (message: Buffer) => hear(place, message.byteLength));
    return undefined;
  };
  for (let from = 0; from < subscribers; from += OPENED_AT_ONCE) {
    const until = Math.min(from + OPENED_AT_ONCE, subscribers);
    await Promise.all(Array.from({ length: until - from }, (_, i) => join(from + i)));
  }
  return undefined;
});

async function joined(url: string, query: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('close', (code) => {
    throw new Error(`a socket was closed with ${code}`);
  });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  await once(socket, 'message');
  return socket;
}

function hear(place: number, length: number): void {
  heardMs[place]?.push(performance.now());
  bytes += length;
}

async function watch(seconds: number): Promise<CrowdResult> {
  heardMs = reading.map(() => []);
  bytes = 0;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const heard = heardMs.flat().sort((a, b) => a - b);
  heardMs = [];
  const delays: number[] = [];
  let updates = 0;
  let firstMs = Number.NEGATIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const ms of heard) {
    if (ms - lastMs > GAP_MS) {
      firstMs = ms;
      updates++;
    }
    lastMs = ms;
    delays.push(ms - firstMs);
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.max(0, Math.ceil(share * delays.length) - 1)] ?? Number.NaN;
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    updates,
    missedShare: Math.max(0, 1 - heard.length / (updates * reading.length)),
    bytesPerUpdate: bytes / heard.length,
  };
}
