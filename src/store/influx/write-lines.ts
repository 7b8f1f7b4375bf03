import { setTimeout as pause } from 'node:timers/promises';
import type { BucketName, InfluxConnection } from './influx-connection.ts';
import { InfluxAway, InfluxRefusal } from './influx-http.ts';
import type { LineBuffer } from './line-buffer.ts';

/** Bodies under way at once: the server then never waits for us. */
const AT_ONCE = 2;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** After so long without an answer whoever writes is told; nothing of it is counted then. */
const GIVE_UP_MS = 15_000;
const LINE_FEED = 0x0a;

export interface WriteOptions {
  /** Milliseconds from any start. */
  readonly stopwatchMs: () => number;
  /** From 0 up to, and not, 1. */
  readonly chance: () => number;
  /** A line that the server will never take. */
  readonly onDeadLine: (line: string, reason: string) => void;
}

/** Writes lines into buckets: what it has resolved is durable. */
export class LineWriter {
  readonly #connection: InfluxConnection;
  readonly #options: WriteOptions;

  constructor(connection: InfluxConnection, options: WriteOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Lines that go to different slots; in which order they are written is not said. */
  async write(bucket: BucketName, lines: LineBuffer): Promise<void> {
    const bodies = lines.bodies();
    let next = 0;
    const work = async () => {
      while (next < bodies.length) await this.#body(bucket, bodies[next++]!);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, bodies.length) }, work));
  }

  /** 400: nothing of the body was written. It is halved until the line that is no line is found, and left out. */
  async #body(bucket: BucketName, body: Buffer): Promise<void> {
    try {
      await this.#send(bucket, body);
    } catch (error) {
      if (!(error instanceof InfluxRefusal)) throw error;
      // The valid rest was written: repeating it would change nothing.
      if (error.status === 422) return this.#options.onDeadLine('', error.message);
      if (error.status !== 400) throw error;
      const half = body.indexOf(LINE_FEED, body.length >> 1) + 1;
      if (half <= 0 || half >= body.length) {
        const first = body.indexOf(LINE_FEED) + 1;
        if (first <= 0 || first >= body.length) {
          return this.#options.onDeadLine(body.toString('utf8').trimEnd(), error.message);
        }
        await this.#body(bucket, body.subarray(0, first));
        return this.#body(bucket, body.subarray(first));
      }
      await this.#body(bucket, body.subarray(0, half));
      await this.#body(bucket, body.subarray(half));
    }
  }

  /** The same body again while the server is busy or away, for a while. */
  async #send(bucket: BucketName, body: Buffer): Promise<void> {
    const { http, org, bucket: fullName } = this.#connection;
    const { stopwatchMs, chance } = this.#options;
    const name = encodeURIComponent(fullName(bucket));
    const path = `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${name}&precision=ns`;
    const untilMs = stopwatchMs() + GIVE_UP_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await http.text({ method: 'POST', path, body, timeoutMs: GIVE_UP_MS });
        return;
      } catch (error) {
        if (!isPassing(error) || stopwatchMs() + pauseMs > untilMs) throw error;
      }
      await pause(pauseMs * (0.5 + chance() / 2));
    }
  }
}

/** Whether the same request may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof InfluxAway) return true;
  return error instanceof InfluxRefusal && (error.status === 429 || error.status >= 500);
}
