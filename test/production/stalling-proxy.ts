import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on a free port that can cut, hold back, or turn away what goes through it. */
export interface StallingProxy {
  readonly port: number;
  /** Nothing goes through, either way, until `flow`; connections stay. */
  stall(): void;
  flow(): void;
  /** Every connection is reset; new ones are made again. */
  reset(): void;
  /** Every connection is closed towards the server, and still open towards the client: it hears answers no more. */
  halfClose(): void;
  /** The next connections get this answer of HTTP and nothing else, until `answer(undefined)`. */
  answer(response: string | undefined): void;
  close(): Promise<void>;
}

export async function openProxy(target: number): Promise<StallingProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let stalled = false;
  let response: string | undefined;
  const server = createServer((from) => {
    from.on('error', () => undefined);
    if (response !== undefined) {
      const said = response;
      from.once('data', () => from.end(said));
      return;
    }
    const to = connect(target, '127.0.0.1');
    const pair: [Socket, Socket] = [from, to];
    pairs.add(pair);
    for (const [source, sink] of [pair, [to, from] as const]) {
      source.on('data', (bytes) => sink.write(bytes));
      source.on('error', () => undefined);
      source.on('close', () => {
        sink.destroy();
        pairs.delete(pair);
      });
      if (stalled) source.pause();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (socket: Socket) => void) => {
    for (const pair of pairs) for (const socket of pair) act(socket);
  };
  return {
    port: (server.address() as { port: number }).port,
    stall() {
      stalled = true;
      each((socket) => socket.pause());
    },
    flow() {
      stalled = false;
      each((socket) => socket.resume());
    },
    reset: () => each((socket) => socket.resetAndDestroy()),
    halfClose() {
      for (const [from, to] of pairs) {
        from.removeAllListeners('data');
        from.resume();
        to.removeAllListeners('close');
        to.destroy();
      }
    },
    answer(given) {
      response = given;
      if (given !== undefined) each((socket) => socket.destroy());
    },
    async close() {
      each((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
