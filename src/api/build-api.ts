import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Ask } from '../query/answers.ts';
import { traced } from '../trace.ts';
import type { ApiContext } from './api-context.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { buildFootfallSchema } from './build-schema.ts';
import { Documents } from './documents.ts';
import { createErrorFormatter, type ErrorFormatter } from './error-formatter.ts';
import { isFromDays } from './from-days.ts';
import { HttpAnswers } from './http-answers.ts';
import { API_LIMITS, type ApiLimits, limitRules, QUERY_TOKENS_MAX } from './limits.ts';
import { createOperationProtocol } from './operation-protocol.ts';
import { refuseCostly } from './refuse-costly.ts';
import { refuseMutation, refuseSubscription } from './runnable-operation.ts';
import { SocketServer } from './socket-server.ts';
import { Turnstile } from './turnstile.ts';

/** The GraphQL API as two handlers, for the web server that has the address and the port. */
export interface Api {
  /** Answers GET and POST of the GraphQL path. Whether the request may ask is for the web server to check before. */
  http(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
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
    readonly limits?: Partial<ApiLimits>;
  },
): Promise<Api> {
  const { doorkeeper, corsOrigins, log, metrics } = options;
  const limits = { ...API_LIMITS, ...options.limits };
  const schema = buildFootfallSchema();
  const format = createErrorFormatter(log, limits);
  const apollo = createApollo({ schema, format, log, metrics, limits });
  await apollo.start();
  const turnstile = new Turnstile(limits);
  const documents = new Documents(schema, limits);
  const sockets = new SocketServer({
    protocol: createOperationProtocol({
      schema,
      documents,
      ask,
      doorkeeper,
      turnstile,
      limits,
      format,
      metrics,
    }),
    mayConnect: (request) => isOwnPage(request, corsOrigins),
    holds: (rights) => doorkeeper.holds(rights),
    socketsMax: limits.socketsMax,
    log,
  });
  const answers = new HttpAnswers({ apollo, ask, turnstile, limits, metrics });
  return {
    http: (request, reply) => traced('graphql.request', {}, () => answers.answer(request, reply)),
    upgrade: (request, connection, head) => sockets.upgrade(request, connection, head),
    closeSockets: () => sockets.close(),
    stop: () => apollo.stop(),
  };
}

function createApollo(options: {
  readonly schema: GraphQLSchema;
  readonly format: ErrorFormatter;
  readonly log: Logger;
  readonly metrics: ApiMetrics;
  readonly limits: ApiLimits;
}): ApolloServer<ApiContext> {
  const { schema, format, log, metrics, limits } = options;
  return new ApolloServer<ApiContext>({
    schema,
    introspection: limits.introspection,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    validationRules: limitRules(limits),
    parseOptions: { maxTokens: QUERY_TOKENS_MAX },
    formatError: (_formatted, error) => format(error),
    logger: log,
    plugins: [
      runnableOperationsOnly(schema, limits),
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
function runnableOperationsOnly(schema: GraphQLSchema, limits: ApiLimits): ApolloServerPlugin<ApiContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation, document, request: { variables }, contextValue: context }) => {
        // Which of several is meant cannot be told: Apollo Server says so next.
        if (operation === undefined) return;
        const refused =
          refuseMutation(operation) ??
          refuseSubscription(operation) ??
          refuseCostly(schema, { document, operation, variables, context }, limits);
        if (refused) throw refused;
        context.progress.fromDays = isFromDays(schema, operation);
      },
      willSendResponse: async ({ errors, contextValue: { progress } }) => {
        progress.failed = errors !== undefined;
      },
    }),
  };
}

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
