import { randomBytes } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { AccessRefused } from '../access/access-refused.ts';
import { Refusal } from '../query/refusal.ts';
import { StoreUnavailable } from '../store/store.ts';
import { DeadlineExceeded } from './deadline.ts';
import { type ErrorCode, isErrorCode } from './error-codes.ts';
import { type ApiLimits, withoutSuggestion } from './limits.ts';

/** Turns whatever was thrown into what the asker may read. */
export type ErrorFormatter = (error: unknown) => GraphQLFormattedError;

/**
 * The one way in which an error leaves the API, over HTTP and WebSocket alike. The code is always one of the closed
 * list. What nobody foresaw is logged under an id; the asker sees the id and nothing else of it.
 */
export function createErrorFormatter(
  log: Logger,
  { introspection }: Pick<ApiLimits, 'introspection'>,
): ErrorFormatter {
  return (error) => {
    for (const cause of causesOf(error)) {
      if (cause instanceof Refusal || cause instanceof AccessRefused || cause instanceof DeadlineExceeded) {
        return formatted(error, cause.code, cause.message);
      }
      if (cause instanceof StoreUnavailable) {
        log.warn({ err: cause }, cause.message);
        return formatted(error, cause.code, `${cause.message}; ask again in a few seconds`);
      }
    }
    if (error instanceof GraphQLError) {
      const { code } = error.extensions;
      if (isErrorCode(code) && code !== 'INTERNAL_SERVER_ERROR') {
        return formatted(error, code, introspection ? error.message : withoutSuggestion(error.message));
      }
    }
    const id = randomBytes(6).toString('hex');
    log.error({ err: [...causesOf(error)].at(-1), id }, 'a question failed unexpectedly');
    const message = `something went wrong here, and is in the server's log under ${id}`;
    return formatted(error, 'INTERNAL_SERVER_ERROR', message, { id });
  };
}

/** An error and what it was made of, outermost first. */
function* causesOf(error: unknown): Generator<unknown> {
  yield error;
  if (error instanceof GraphQLError && error.originalError) yield* causesOf(error.originalError);
}

function formatted(
  error: unknown,
  code: ErrorCode,
  message: string,
  more?: { id: string },
): GraphQLFormattedError {
  const place = error instanceof GraphQLError ? error.toJSON() : {};
  return { ...place, message, extensions: { code, ...more } };
}

/** The same error with a code, unless its cause has a better one. */
export function withCode(error: GraphQLError, code: ErrorCode): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    originalError: error.originalError ?? error,
    extensions: { code },
  });
}

/** An answer that is nothing but one error, for requests that are turned away before they are run. */
export function errorAnswer(code: ErrorCode, message: string): { errors: GraphQLFormattedError[] } {
  return { errors: [{ message, extensions: { code } }] };
}
