import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { RouteHandlerMethod } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Ask } from '../query/answers.ts';
import { traced } from '../trace.ts';
import { type ApiContext, contextOfRequest } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { buildFootfallSchema } from './build-schema.ts';
import { createErrorFormatter, type ErrorFormatter } from './error-formatter.ts';
import { createOperationProtocol } from './operation-protocol.ts';
import { limitQuestions, QUERY_TOKENS_MAX } from './query-limits.ts';
import { refuseMutation, refuseSubscription } from './runnable-operation.ts';
import { SocketServer } from './socket-server.ts';

/** The GraphQL API as two handlers, for the web server that has the address and the port. */
export interface Api {
  /** Answers GET and POST of the GraphQL path. Whether the request may ask is for the web server to check before. */
  readonly http: RouteHandlerMethod;
  /**
   * Takes over an upgrade request for the GraphQL path; whether it may ask is checked in `connection_init`. Errors of
   * the connection are for the web server to listen to.
   */
  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void;
  /** Ends every subscription, and closes every WebSocket with 1001. */
  closeSockets(): Promise<void>;
  /** Answers nothing from now on. */
  stop(): Promise<void>;
}

export async function buildApi(
  ask: Ask,
  options: {
    readonly doorkeeper: Doorkeeper;
    readonly corsOrigins: readonly string[];
    readonly log: Logger;
    readonly metrics: ApiMetrics;
  },
): Promise<Api> {
  const { doorkeeper, corsOrigins, log, metrics } = options;
  const schema = buildFootfallSchema();
  const format = createErrorFormatter(log);
  const apollo = createApollo(schema, format, log, metrics);
  await apollo.start();
  const sockets = new SocketServer({
    protocol: createOperationProtocol({ schema, ask, doorkeeper, format, metrics }),
    mayConnect: (request) => isOwnPage(request, corsOrigins),
    holds: (rights) => doorkeeper.holds(rights),
    log,
  });
  const answer = fastifyApolloHandler(apollo, {
    context: async ({ rights }) => contextOfRequest(ask, rights!),
  });
  return {
    http(request, reply) {
      return traced('graphql.request', {}, async () => answer.call(this, request, reply));
    },
    upgrade: (request, connection, head) => sockets.upgrade(request, connection, head),
    closeSockets: () => sockets.close(),
    stop: () => apollo.stop(),
  };
}

function createApollo(
  schema: GraphQLSchema,
  format: ErrorFormatter,
  logger: Logger,
  metrics: ApiMetrics,
): ApolloServer<ApiContext> {
  return new ApolloServer<ApiContext>({
    schema,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    validationRules: [limitQuestions],
    parseOptions: { maxTokens: QUERY_TOKENS_MAX },
    formatError: (_formatted, error) => format(error),
    logger,
    plugins: [
      runnableOperationsOnly,
      timed(metrics),
      // Nothing of a question leaves this process, whatever the environment says.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

/** Of several operations the one that is asked for decides: an explorer sends its whole page along. */
const runnableOperationsOnly: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      const refused = operation && (refuseMutation(operation) ?? refuseSubscription(operation));
      if (refused) throw refused;
    },
  }),
};

function timed(metrics: ApiMetrics): ApolloServerPlugin<ApiContext> {
  return {
    requestDidStart: async () => {
      const stop = metrics.time();
      return {
        willSendResponse: async ({ operation, errors }) => stop(operation, errors !== undefined),
      };
    },
  };
}

/**
 * Programs send no origin; a browser sends that of the page, which must be ours, or of a site that may ask: browsers do not
 * keep others out of WebSockets by themselves.
 */
function isOwnPage({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
