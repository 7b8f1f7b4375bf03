import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Api } from '../api/build-api.ts';
import { type ErrorCode, isErrorCode } from '../api/error-codes.ts';
import { errorAnswer } from '../api/error-formatter.ts';
import { authorize } from './authorize.ts';
import { problemOf } from './problem-of.ts';

export const GRAPHQL_PATH = '/graphql';
const REQUEST_BYTES_MAX = 1 << 20;

/** The GraphQL path. What the web server itself turns away is answered as GraphQL errors are. */
export async function addGraphqlRoute(
  app: FastifyInstance,
  { api, doorkeeper, log }: { readonly api: Api; readonly doorkeeper: Doorkeeper; readonly log: Logger },
): Promise<void> {
  app.addHook('onRequest', authorize(doorkeeper));
  app.setErrorHandler((error, _request, reply) => {
    const { status, code, message, headers } = problemOf(error, log);
    const graphqlCode: ErrorCode = isErrorCode(code) ? code : 'BAD_REQUEST';
    return reply
      .code(status)
      .headers(headers)
      .removeHeader('connection')
      .send(errorAnswer(graphqlCode, message));
  });
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    bodyLimit: REQUEST_BYTES_MAX,
    onSend: async (_request, reply) => {
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    },
    handler: (request, reply) => api.http(request, reply),
  });
}
