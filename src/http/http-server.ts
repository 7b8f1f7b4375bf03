import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Api } from '../api/build-api.ts';
import { turnAway } from '../api/turn-away.ts';
import type { Intake, Operations } from '../ingest/operations.ts';
import type { ApiKeys } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import { addAdminRoutes } from './admin-routes.ts';
import { authorize, knowRights } from './authorize.ts';
import { addBrowserRules } from './browser-rules.ts';
import { answerConnectionError } from './connection-error.ts';
import { addEmbedRoute } from './embed-route.ts';
import { addExplorerRoute } from './explorer-route.ts';
import { addGraphqlRoute, GRAPHQL_PATH } from './graphql-route.ts';
import { addHealthRoutes, type Health } from './health-routes.ts';
import { HttpProblem } from './http-problem.ts';
import { addProbesRoute } from './probes-route.ts';
import { problemOf } from './problem-of.ts';

/** Requests under way when the server closes get so long to be answered. */
const DRAIN_MS = 3_000;
const SWEEP_MS = 50;
const HEADERS_BYTES_MAX = 16 << 10;
/** A client that takes so long to say what it wants wants to hold up others. */
const HEADERS_MS_MAX = 10_000;
/** For a whole request: the longest that a body of records may take, and some. */
const REQUEST_MS_MAX = 70_000;

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Of everything but health and explorer. */
  readonly doorkeeper: Doorkeeper;
  /** Of other sites whose pages may ask. */
  readonly corsOrigins: readonly string[];
  /** What is left out is not served: a process that takes records need not answer questions, nor the other way. */
  readonly api?: Api;
  readonly intake?: Intake;
  /** What commands on this machine may ask with the token. */
  readonly admin?: {
    readonly operations: Operations;
    readonly keys: Pick<ApiKeys, 'list' | 'put'>;
    readonly token: string;
  };
  readonly health: Health;
  readonly registry: Registry;
  readonly log: Logger;
  readonly clock: Clock;
  /** The headers of a request must be here within so long a time, 10 s unless said otherwise. */
  readonly headersMsMax?: number;
}

export interface HttpServer {
  readonly port: number;
  /** Where this machine reaches it. */
  readonly url: string;
  /** Accepts nothing more, answers what is under way, and closes every connection within a few seconds. */
  close(): Promise<void>;
}

/** The web server: records come in, questions are answered, and it tells how it is. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, doorkeeper, api, intake, admin, clock, log, headersMsMax = HEADERS_MS_MAX } = options;
  const answerError = (error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, log);
    // The connection stays open, so that the rest of a refused body is read away and the answer is not lost.
    return reply
      .code(problem.status)
      .removeHeader('connection')
      .headers(problem.headers)
      .send(problem.body());
  };
  const app = fastify({
    forceCloseConnections: 'idle',
    // As long as a request may be: what no route knows is answered by our own words, not those of the router.
    routerOptions: { maxParamLength: HEADERS_BYTES_MAX },
    requestTimeout: REQUEST_MS_MAX,
    http: {
      maxHeaderSize: HEADERS_BYTES_MAX,
      headersTimeout: headersMsMax,
      connectionsCheckingInterval: headersMsMax / 2,
    },
    frameworkErrors: answerError,
    clientErrorHandler: answerConnectionError,
  });
  knowRights(app);
  await addBrowserRules(app, options.corsOrigins);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(({ method, url }) => {
    throw new HttpProblem(
      404,
      'NOT_FOUND',
      `nothing answers ${method} ${url.slice(0, 200)}: ${placesOf(options)}`,
    );
  });
  if (intake !== undefined) {
    await app.register(async (scope) => {
      scope.addHook('onRequest', authorize(doorkeeper, 'ingest'));
      await addProbesRoute(scope, { intake, clock, log });
    });
  }
  if (admin !== undefined) await app.register((scope) => addAdminRoutes(scope, { ...admin, log }));
  await app.register((scope) => addHealthRoutes(scope, options));
  if (api !== undefined) {
    await app.register((scope) => addGraphqlRoute(scope, { api, doorkeeper, log }));
    await app.register((scope) => addEmbedRoute(scope, doorkeeper));
    await app.register((scope) => addExplorerRoute(scope, { needsToken: !doorkeeper.isOpen }));
    app.addHook('preClose', () => api.closeSockets());
    app.addHook('onClose', () => api.stop());
  }
  app.server.on('upgrade', (request, connection, head) => upgrade(api, request, connection, head));
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  return { port: address.port, url: `http://${reachable(host)}:${address.port}`, close: () => close(app) };
}

function placesOf({ api, intake }: HttpServerOptions): string {
  const records = 'records go to POST /v1/probes/<mall>';
  const questions = 'GraphQL is at /graphql, the explorer at /explorer';
  if (api === undefined) return `${records}; questions are answered by footfall api`;
  return intake === undefined
    ? `${questions}; records are taken by footfall ingest`
    : `${questions}, ${records}`;
}

function upgrade(api: Api | undefined, request: IncomingMessage, connection: Duplex, head: Buffer): void {
  // From here on nobody else listens: the error of a client that is gone would end the process.
  connection.on('error', () => connection.destroy());
  if (api !== undefined && request.url?.split('?', 1)[0] === GRAPHQL_PATH)
    api.upgrade(request, connection, head);
  else turnAway(connection, '404 Not Found');
}

async function close(app: FastifyInstance): Promise<void> {
  // A connection whose request has just been answered stays open for the next one, until somebody closes it.
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  const overdue = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearInterval(sweep);
  clearTimeout(overdue);
}

/** A host to listen on is not always one to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
