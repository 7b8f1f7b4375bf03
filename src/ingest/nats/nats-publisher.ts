import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';

/** Messages, and bytes of them, that wait for their acknowledgement at most. */
const WAITING_MESSAGES_MAX = 4_000;
const WAITING_BYTES_MAX = 64 << 20;
/** After so long without an acknowledgement a message is sent again, under the same id; and so often in all. */
const AGAIN_MS = 3_000;
const ATTEMPTS_MAX = 4;
const NO_RESPONDERS = 503;
const MESSAGE_ID = 'Nats-Msg-Id';

/** The stream did not take a message: it is full, or away. Whoever sent the records must send them again. */
export class StreamRefused extends Error {
  override readonly name = 'StreamRefused';
  readonly code = 'STREAM_REFUSED';
  constructor(subject: string, why: string) {
    super(`the stream did not take records for ${subject}: ${why}`);
  }
}

interface Waiting {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly headers: MsgHdrs;
  sentMs: number;
  attempts: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Publishes into streams, many messages at a time: one inbox takes all acknowledgements, the token behind it says whose
 * each is. Never without one: what a server under load drops of plain messages nobody learns of.
 */
export class NatsPublisher {
  readonly #nats: NatsConnection;
  readonly #stopwatchMs: () => number;
  readonly #newId: () => string;
  readonly #inbox = createInbox();
  readonly #answers: Subscription;
  readonly #waiting = new Map<string, Waiting>();
  readonly #queue: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #token = 0;

  constructor(options: {
    readonly nats: NatsConnection;
    readonly stopwatchMs: () => number;
    /** An id that no message before it had, of this process or another. */
    readonly newId: () => string;
  }) {
    this.#nats = options.nats;
    this.#stopwatchMs = options.stopwatchMs;
    this.#newId = options.newId;
    this.#answers = this.#nats.subscribe(`${this.#inbox}.*`, {
      callback: (_error, message) => this.#take(message),
    });
    this.#timer = setInterval(() => this.#sendAgain(), AGAIN_MS / 3).unref();
  }

  /** Resolves when the stream has the message on its disk. Rejects with StreamRefused. */
  async publish(subject: string, bytes: Uint8Array, headers: MsgHdrs): Promise<void> {
    while (this.#waiting.size >= WAITING_MESSAGES_MAX || this.#bytes >= WAITING_BYTES_MAX) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    headers.set(MESSAGE_ID, this.#newId());
    return new Promise<void>((resolve, reject) => {
      const token = String(++this.#token);
      const waiting = { subject, bytes, headers, sentMs: 0, attempts: 0, resolve, reject };
      this.#waiting.set(token, waiting);
      this.#bytes += bytes.length;
      this.#send(token, waiting);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#answers.unsubscribe();
    for (const [token, { subject }] of this.#waiting) {
      this.#end(token)?.reject(new StreamRefused(subject, 'this process is stopping'));
    }
  }

  #send(token: string, waiting: Waiting): void {
    waiting.sentMs = this.#stopwatchMs();
    waiting.attempts++;
    try {
      this.#nats.publish(waiting.subject, waiting.bytes, {
        reply: `${this.#inbox}.${token}`,
        headers: waiting.headers,
      });
    } catch (error) {
      this.#end(token)?.reject(new StreamRefused(waiting.subject, (error as Error).message));
    }
  }

  #take(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    if (message.headers?.code === NO_RESPONDERS) {
      // No stream hears this subject, or its server has just gone: a moment later there may be one.
      if (waiting.attempts < ATTEMPTS_MAX) return;
      this.#end(token)?.reject(new StreamRefused(waiting.subject, 'no stream hears that subject'));
      return;
    }
    const { error } = message.json<{ error?: { description?: string } }>();
    if (error === undefined) this.#end(token)?.resolve();
    else
      this.#end(token)?.reject(new StreamRefused(waiting.subject, error.description ?? 'it did not say why'));
  }

  #sendAgain(): void {
    const nowMs = this.#stopwatchMs();
    for (const [token, waiting] of this.#waiting) {
      if (nowMs - waiting.sentMs < AGAIN_MS) continue;
      if (waiting.attempts < ATTEMPTS_MAX) this.#send(token, waiting);
      else this.#end(token)?.reject(new StreamRefused(waiting.subject, 'it did not answer'));
    }
  }

  #end(token: string): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(token);
    this.#bytes -= waiting.bytes.length;
    this.#queue.shift()?.();
    return waiting;
  }
}
