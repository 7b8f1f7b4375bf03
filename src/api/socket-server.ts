import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, handleProtocols, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import type { Rights } from '../access/rights.ts';
import { HeldPayloads } from './held-payloads.ts';
import type { SocketAsker } from './operation-protocol.ts';
import { turnAway } from './turn-away.ts';

/** One message of a client: a query and its variables. */
const MESSAGE_BYTES_MAX = 1 << 20;
/** A client that leaves so much unread is not listened to either, until it has read. */
const BACKLOG_BYTES_MAX = 1 << 20;
/** A client that in so long a time has neither said nor read anything is gone. */
const HEARTBEAT_MS = 12_000;
const LOOK_MS = 500;
const CLOSE_GRACE_MS = 1_000;
const GOING_AWAY = 1001;
const REASON_BYTES_MAX = 123;

/**
 * WebSockets under the protocol. What a client has not read yet is never more than one message of each of its
 * operations: the protocol takes the next answer of a subscription only after `send` has resolved, and `send`
 * resolves when the message has gone to the kernel. So a stalled client holds back itself, and no others.
 */
export class SocketServer {
  readonly #protocol: Server<SocketAsker>;
  readonly #mayConnect: (request: IncomingMessage) => boolean;
  readonly #log: Logger;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  readonly #holds: (rights: Rights) => boolean;
  readonly #socketsMax: number;
  readonly #alive = new WeakSet<WebSocket>();
  readonly #askers = new Map<WebSocket, SocketAsker>();
  readonly #looking: NodeJS.Timeout;
  readonly #heartbeat: NodeJS.Timeout;
  #closing = false;

  constructor(options: {
    readonly protocol: Server<SocketAsker>;
    readonly mayConnect: (request: IncomingMessage) => boolean;
    /** Whether what was allowed once is so still. */
    readonly holds: (rights: Rights) => boolean;
    readonly socketsMax: number;
    readonly log: Logger;
  }) {
    this.#protocol = options.protocol;
    this.#mayConnect = options.mayConnect;
    this.#holds = options.holds;
    this.#socketsMax = options.socketsMax;
    this.#log = options.log;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    this.#looking = setInterval(() => this.#endExpired(), LOOK_MS).unref();
  }

  /** Takes over the connection of an upgrade request. */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    if (!this.#mayConnect(request)) {
      turnAway(connection, '403 Forbidden');
    } else if (this.#closing || this.#sockets.clients.size >= this.#socketsMax) {
      turnAway(connection, '503 Service Unavailable', ['Retry-After: 1']);
    } else {
      this.#sockets.handleUpgrade(request, connection, head, (socket) => this.#open(socket, connection));
    }
  }

  /** Ends every subscription and closes every socket with 1001; one that does not answer is cut off. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    clearInterval(this.#looking);
    const open = [...this.#sockets.clients];
    const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of open) socket.close(GOING_AWAY, 'the server is going away');
    const overdue = setTimeout(() => {
      for (const socket of open) socket.terminate();
    }, CLOSE_GRACE_MS);
    await Promise.all(closed);
    clearTimeout(overdue);
  }

  #open(socket: WebSocket, connection: Duplex): void {
    this.#alive.add(socket);
    const held = new HeldPayloads();
    const asker: SocketAsker = {
      rights: undefined,
      turnAway: (why) => socket.close(CloseCode.Forbidden, reasonOf(why)),
      hold: (bytes) => held.hold(bytes),
      running: new Map(),
    };
    this.#askers.set(socket, asker);
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => this.#send(socket, connection, held.put(message)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (message) => {
            // A client may go on after it was told to go: nothing is done for it any more.
            if (socket.readyState !== WebSocket.OPEN) return;
            this.#alive.add(socket);
            if (socket.bufferedAmount > BACKLOG_BYTES_MAX) socket.pause();
            take(String(message)).catch((error: unknown) => this.#fail(socket, error));
          });
        },
      },
      asker,
    );
    socket.on('pong', () => this.#alive.add(socket));
    // Emitted for what the client did wrong, such as too long a message; the socket is closed with its code already.
    socket.on('error', (error) => this.#log.debug({ err: error }, 'a WebSocket ended with an error'));
    socket.once('close', (code, reason) => {
      this.#askers.delete(socket);
      for (const end of asker.running.values()) end();
      asker.running.clear();
      closed(code, String(reason)).catch((error: unknown) => {
        this.#log.error({ err: error }, 'a subscription did not end as it should');
      });
    });
  }

  /**
   * One message, in one write to the connection. Never rejects: what cannot be sent any more is of no interest to a client
   * that is gone.
   */
  #send(socket: WebSocket, connection: Duplex, parts: readonly (string | Buffer)[]): Promise<void> {
    return new Promise((resolve) => {
      const sent = () => {
        this.#alive.add(socket);
        if (socket.isPaused && socket.bufferedAmount <= BACKLOG_BYTES_MAX) socket.resume();
        resolve();
      };
      connection.cork();
      for (const [i, part] of parts.entries()) {
        const fin = i === parts.length - 1;
        if (fin) socket.send(part, { binary: false, fin }, sent);
        else socket.send(part, { binary: false, fin });
      }
      connection.uncork();
    });
  }

  #fail(socket: WebSocket, error: unknown): void {
    this.#log.error({ err: error }, 'a WebSocket message failed unexpectedly');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  }

  /** Whoever brought a token that has expired, or a key that was revoked, is turned away, and may come back with another. */
  #endExpired(): void {
    for (const { rights, turnAway } of this.#askers.values()) {
      if (rights !== undefined && !this.#holds(rights)) turnAway('the token has expired or was revoked');
    }
  }

  #beat(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#alive.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }
}

/** The reason of a closing frame may have 123 bytes. */
function reasonOf(why: string): string {
  const bytes = Buffer.from(why);
  return bytes.length <= REASON_BYTES_MAX ? why : `${bytes.toString('latin1', 0, REASON_BYTES_MAX - 3)}...`;
}
