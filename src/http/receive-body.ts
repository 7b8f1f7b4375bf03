import type { Readable } from 'node:stream';
import type { BodyShare } from './body-budget.ts';
import { isTooSlow, PACE_IN_WORDS } from './body-pace.ts';
import { HttpProblem } from './http-problem.ts';
import { overloaded, tooLarge } from './refusals.ts';

const FIRST_BYTES = 64 << 10;
const LOOK_MS = 1_000;

export interface BodyLimits {
  readonly bytesMax: number;
  /** What the sender said the body would be, at most `bytesMax`; undefined when it did not say. */
  readonly announcedBytes: number | undefined;
  readonly share: BodyShare;
}

/**
 * One body, whole. Memory is taken for what has come, never for what was announced: it doubles as the body grows, so
 * senders who say much and send nothing take nothing away from others. Rejects with a problem for the sender; what
 * comes after that is left to the web server, which reads it away.
 */
export function receiveBody(stream: Readable, limits: BodyLimits): Promise<Buffer> {
  const { bytesMax, announcedBytes = bytesMax, share } = limits;
  let body = Buffer.alloc(0);
  let length = 0;
  let seconds = 0;

  /** Why the chunk cannot be added; undefined when it was. */
  const add = (chunk: Buffer): HttpProblem | undefined => {
    const needed = length + chunk.length;
    if (needed > bytesMax) return tooLarge();
    if (needed > body.length) {
      const roomy = Math.min(Math.max(2 * body.length, FIRST_BYTES), announcedBytes);
      const grown = Math.max(roomy, needed);
      if (!share.take(grown - body.length)) return overloaded();
      const before = body;
      body = Buffer.allocUnsafe(grown);
      before.copy(body, 0, 0, length);
    }
    chunk.copy(body, length);
    length = needed;
    return undefined;
  };

  return new Promise((resolve, reject) => {
    const stop = () => {
      clearInterval(look);
      stream.off('data', onData).off('end', onEnd).off('error', onError);
    };
    const refuse = (problem: HttpProblem) => {
      stop();
      reject(problem);
    };
    const onData = (chunk: Buffer) => {
      const problem = add(chunk);
      if (problem) refuse(problem);
    };
    const onEnd = () => {
      stop();
      resolve(body.subarray(0, length));
    };
    const onError = () => refuse(new HttpProblem(400, 'BAD_REQUEST', 'the body broke off'));
    const look = setInterval(() => {
      seconds += LOOK_MS / 1_000;
      if (isTooSlow(seconds, length)) refuse(tooSlow());
    }, LOOK_MS).unref();
    stream.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

/** The connection is closed with it: the rest of such a body is not worth waiting for. */
function tooSlow(): HttpProblem {
  const message = `the body came too slowly: ${PACE_IN_WORDS}; send smaller ones, or gzip`;
  return new HttpProblem(408, 'TOO_SLOW', message, { connection: 'close' });
}
