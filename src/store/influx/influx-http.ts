import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** The server answered, and refused: `status` is HTTP's, `code` the server's own word for it, '' when it gave none. */
export class InfluxRefusal extends Error {
  override readonly name = 'InfluxRefusal';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(`InfluxDB answered ${status}${code && ` (${code})`}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** The server could not be reached, or fell silent; whether it did what was asked is not known. */
export class InfluxAway extends Error {
  override readonly name = 'InfluxAway';
  constructor(address: string, cause: unknown) {
    super(`InfluxDB at ${address} did not answer: ${(cause as Error).message}`, { cause });
  }
}

export interface InfluxRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query, from the root. */
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  /** Silence after which the request is given up. */
  readonly timeoutMs?: number;
}

export interface InfluxHttpOptions {
  readonly url: string;
  readonly token: string;
  readonly timeoutMs: number;
}

const SOCKETS_MAX = 24;
const REFUSAL_BYTES_MAX = 16_384;

/** One server, over connections that stay open. */
export class InfluxHttp {
  readonly address: string;
  readonly #url: URL;
  readonly #options: InfluxHttpOptions;
  readonly #agent: HttpAgent;
  readonly #signal: AbortSignal | undefined;

  constructor(options: InfluxHttpOptions, agent = agentFor(new URL(options.url)), signal?: AbortSignal) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.address = this.#url.origin;
    this.#agent = agent;
    this.#signal = signal;
  }

  /** The same connections; what is sent is given up when the signal is aborted, and rejects with its reason. */
  until(signal: AbortSignal): InfluxHttp {
    return new InfluxHttp(this.#options, this.#agent, signal);
  }

  /** The body of an answer of the 200s, still to be read. Rejects with InfluxRefusal or InfluxAway. */
  async send(asked: InfluxRequest): Promise<IncomingMessage> {
    const answer = await this.#exchange(asked);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const text = await this.#read(answer, REFUSAL_BYTES_MAX);
    const { code, message } = refusalOf(text);
    throw new InfluxRefusal(status, code, message);
  }

  /** Sends, and reads the answer to its end as text. */
  async text(asked: InfluxRequest): Promise<string> {
    return this.#read(await this.send(asked), Number.POSITIVE_INFINITY);
  }

  async json<T>(asked: InfluxRequest): Promise<T> {
    return JSON.parse(await this.text(asked)) as T;
  }

  /** Pieces of a body; an answer that breaks off rejects with InfluxAway. */
  async *pieces(answer: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      for await (const piece of answer) yield piece as Buffer;
    } catch (error) {
      throw this.#away(error);
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #read(answer: IncomingMessage, bytesMax: number): Promise<string> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of this.pieces(answer)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > bytesMax) break;
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  async #exchange({
    method,
    path,
    body,
    type,
    timeoutMs = this.#options.timeoutMs,
  }: InfluxRequest): Promise<IncomingMessage> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.#url),
        {
          method,
          agent: this.#agent,
          ...(signal && { signal }),
          headers: {
            authorization: `Token ${this.#options.token}`,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
            ...(type && { 'content-type': type }),
          },
        },
        resolve,
      );
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`silent for ${timeoutMs} ms`)));
      sent.on('error', (error) => reject(this.#away(error)));
      sent.end(body);
    });
  }

  #away(error: unknown): unknown {
    return this.#signal?.aborted ? this.#signal.reason : new InfluxAway(this.address, error);
  }
}

function agentFor({ protocol }: URL): HttpAgent {
  const pool = { keepAlive: true, maxSockets: SOCKETS_MAX };
  return protocol === 'https:' ? new HttpsAgent(pool) : new HttpAgent(pool);
}

function refusalOf(text: string): { code: string; message: string } {
  try {
    const {
      code = '',
      message,
      error,
    } = JSON.parse(text) as { code?: string; message?: string; error?: string };
    return { code, message: message ?? error ?? text };
  } catch {
    return { code: '', message: text.slice(0, 200) };
  }
}
