import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorCode } from './error-code.ts';
import { HttpProblem } from './http-problem.ts';

const INFLATED_BYTES_MAX = 32 << 20;
/** Each may hold its limit while it inflates, so that only a few may at a time; the others wait in order. */
const AT_ONCE_MAX = 4;
const CHUNK_BYTES = 1 << 18;

const inflateWhole = promisify(gunzip);

/** Inflates gzip bodies off the main thread, and never further than to the limit. */
export class Inflater {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Rejects with 413 when it would grow beyond the limit, 400 when it is not whole gzip. */
  async inflate(body: Buffer): Promise<Buffer> {
    if (this.#running === AT_ONCE_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await inflateWhole(body, { maxOutputLength: INFLATED_BYTES_MAX, chunkSize: CHUNK_BYTES });
    } catch (error) {
      throw problemOfInflating(error);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

function problemOfInflating(error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new HttpProblem(
      413,
      'PAYLOAD_TOO_LARGE',
      'the body is larger than 32 MiB once inflated: send it in parts',
    );
  }
  if (code.startsWith('Z_')) {
    return new HttpProblem(400, 'BAD_GZIP', 'the body is not whole gzip, though content-encoding says gzip');
  }
  return error;
}
