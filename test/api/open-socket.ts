import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket that speaks for itself, as no library would let it; what it hears is kept. */
export class RawSocket {
  readonly socket: WebSocket;
  readonly heard: Record<string, unknown>[] = [];
  #asked = 0;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (message) => this.heard.push(JSON.parse(String(message))));
    // What it is closed for is told by the code.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  static async open(
    url: string,
    protocols: readonly string[] = ['graphql-transport-ws'],
  ): Promise<RawSocket> {
    const raw = new RawSocket(new WebSocket(`${url.replace('http', 'ws')}/graphql`, [...protocols]));
    await once(raw.socket, 'open');
    return raw;
  }

  /** One that has been let in. */
  static async openAndInit(url: string, payload: Record<string, unknown> = {}): Promise<RawSocket> {
    const raw = await RawSocket.open(url);
    raw.send({ type: 'connection_init', payload });
    await raw.next();
    return raw;
  }

  /** Does not hear that it is told to go, as a client may that means ill. */
  stayOn(): void {
    (this.socket as unknown as { _receiver: NodeJS.EventEmitter })._receiver.removeAllListeners('conclude');
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'object' ? JSON.stringify(message) : String(message));
  }

  /** The first thing that it heard, or will hear, and that nobody has asked for yet. */
  async next(): Promise<Record<string, unknown>> {
    while (this.heard.length === this.#asked) await once(this.socket, 'message');
    return this.heard[this.#asked++]!;
  }
}
