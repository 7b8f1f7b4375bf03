import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { AccessRefused } from '../access/access-refused.ts';
import { OperationRefused } from '../ingest/operations.ts';
import { StoreUnavailable } from '../store/store.ts';
import { HttpProblem } from './http-problem.ts';

const STORE_RETRY_AFTER_S = 2;

/**
 * What to say about anything that was thrown while a request was answered. What nobody foresaw is logged under an
 * id, which is all that the client sees of it.
 */
export function problemOf(error: unknown, log: Logger): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof AccessRefused) return accessRefused(error);
  if (error instanceof OperationRefused) {
    return new HttpProblem(error.code === 'UNKNOWN_MALL' ? 404 : 400, error.code, error.message);
  }
  if (error instanceof StoreUnavailable) {
    log.warn({ err: error }, error.message);
    return storeUnavailable(`${error.message}; ask again in a few seconds`);
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return webServerProblem(status, error as Error);
  const id = randomBytes(6).toString('hex');
  log.error({ err: error, id }, 'a request failed unexpectedly');
  const message = `something went wrong here, and is in the server's log under ${id}`;
  return new HttpProblem(500, 'INTERNAL_SERVER_ERROR', message);
}

function accessRefused({ code, message }: AccessRefused): HttpProblem {
  if (code === 'FORBIDDEN') return new HttpProblem(403, code, message);
  return new HttpProblem(401, code, message, { 'www-authenticate': 'Bearer realm="footfall"' });
}

export function storeUnavailable(message: string): HttpProblem {
  const headers = { 'retry-after': String(STORE_RETRY_AFTER_S) };
  return new HttpProblem(503, 'STORE_UNAVAILABLE', message, headers);
}

/** The web server's own complaints about a request. */
function webServerProblem(status: number, error: Error): HttpProblem {
  if (status === 413)
    return new HttpProblem(413, 'PAYLOAD_TOO_LARGE', 'the body is larger than is accepted here');
  if (status === 415) {
    return new HttpProblem(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'the content type is not one that is understood here',
    );
  }
  return new HttpProblem(status, 'BAD_REQUEST', error.message);
}
