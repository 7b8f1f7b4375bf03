import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** From the call to the last byte of the answer. */
  readonly ms: number;
}

/** Asks over a few connections that stay open; what finds none free waits for one. */
export class HttpClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path, {}, Buffer.alloc(0));
  }

  post(path: string, contentType: string, body: Buffer): Promise<Answer> {
    const headers = { 'content-type': contentType, 'content-length': body.byteLength };
    return this.#send('POST', path, headers, body);
  }

  #send(method: string, path: string, headers: OutgoingHttpHeaders, body: Buffer): Promise<Answer> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const ms = performance.now() - startedMs;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), ms });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Status 200 when the records were taken, 503 when more come in than can be kept; throws on any other. */
  async offerRecords(mall: string, body: Buffer): Promise<Answer> {
    const answer = await this.post(`/v1/probes/${mall}`, 'application/x-ndjson', body);
    if (answer.status === 200 || answer.status === 503) return answer;
    throw new Error(`records were refused: ${answer.status} ${answer.body.toString()}`);
  }

  /** Throws when the records were not taken. */
  async postRecords(mall: string, body: Buffer): Promise<void> {
    const { status } = await this.offerRecords(mall, body);
    if (status !== 200) throw new Error('more records came in than could be kept');
  }

  /** Throws when the answer has errors. */
  async ask(query: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
    const body = Buffer.from(JSON.stringify({ query, variables }));
    const answer = await this.post('/graphql', 'application/json', body);
    if (answer.status !== 200 || answer.body.includes('"errors":')) {
      throw new Error(
        `${query.trim()} was answered ${answer.status} ${answer.body.toString().slice(0, 500)}`,
      );
    }
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }
}
