import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { bearerOf, digestOf, isSecretOf } from '../access/secret.ts';
import { DEAD_LETTERS_MAX, type Operations } from '../ingest/operations.ts';
import { DROP_REASONS, type DropReason } from '../outcome.ts';
import type { ApiKey, ApiKeys } from '../store/store.ts';
import { ADMIN_PATHS, type AdminLine } from './admin-line.ts';
import { FILE_FRAMES_TYPE, readFileFrames } from './file-frames.ts';
import { HttpProblem } from './http-problem.ts';
import { problemOf } from './problem-of.ts';

const API_KEY: z.ZodType<ApiKey> = z.object({
  id: z.string().regex(/^[0-9a-z]{12}$/),
  name: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  malls: z.union([z.literal('all'), z.array(z.string())]),
  scopes: z.array(z.string()),
  createdAtS: z.int(),
  expiresAtS: z.int().nullable(),
  revokedAtS: z.int().nullable(),
});

type AdminRequest = FastifyRequest<{ Querystring: Readonly<Record<string, string | string[] | undefined>> }>;

/**
 * What commands on this machine ask of a running server, since the store can be open in one process only. Only
 * from this machine, and only with the token that the server wrote down for them.
 */
export async function addAdminRoutes(
  app: FastifyInstance,
  options: {
    readonly operations: Operations;
    readonly keys: Pick<ApiKeys, 'list' | 'put'>;
    readonly token: string;
    readonly log: Logger;
  },
): Promise<void> {
  const { operations, keys, log } = options;
  const token = digestOf(options.token);

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.addContentTypeParser(FILE_FRAMES_TYPE, (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request) => {
    if (!isFromThisMachine(request)) {
      throw new HttpProblem(403, 'FORBIDDEN', 'admin routes answer commands on the same machine alone');
    }
    const brought = bearerOf(request.headers.authorization);
    if (brought !== undefined && isSecretOf(brought, token)) return;
    const message = 'admin routes need the token that this server wrote into server.json of its data folder';
    throw new HttpProblem(401, 'UNAUTHENTICATED', message, {
      'www-authenticate': 'Bearer realm="footfall admin"',
    });
  });
  app.get(ADMIN_PATHS.ping, (_request, reply) => reply.code(204).send());
  app.post(ADMIN_PATHS.settle, async (request: AdminRequest) => {
    const from = optional(request, 'from');
    const to = optional(request, 'to');
    const days = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return { days: await operations.settle(required(request, 'mall'), days) };
  });
  app.get(ADMIN_PATHS.deadLetters, async (request: AdminRequest) => {
    const reason = reasonOf(request);
    const filter = { limit: limitOf(request), ...(reason && { reason }) };
    return { deadLetters: await operations.deadLetters(required(request, 'mall'), filter) };
  });
  app.get(ADMIN_PATHS.keys, async () => ({ keys: await keys.list() }));
  app.put(ADMIN_PATHS.keys, async ({ body }) => {
    const key = API_KEY.safeParse(body);
    if (!key.success) throw new HttpProblem(400, 'BAD_REQUEST', 'the body is no API key as it is kept');
    await keys.put(key.data);
    return {};
  });
  app.post(ADMIN_PATHS.import, async (request: AdminRequest, reply) => {
    const mall = required(request, 'mall');
    reply.hijack();
    await importFiles(operations, mall, request.raw, reply.raw, log);
  });
}

/** Reads files from the request while it writes progress to the response; a reader that lags misses some progress. */
async function importFiles(
  operations: Operations,
  mall: string,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  const write = (line: AdminLine) => response.write(`${JSON.stringify(line)}\n`);
  response.on('error', () => undefined);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  const files = readFileFrames(request);
  try {
    const result = await operations.importFiles(mall, files, (progress) => {
      if (!response.writableNeedDrain) write({ progress });
    });
    write({ result });
  } catch (error) {
    if (response.destroyed)
      log.warn({ mall }, 'an import ended early: its client went away; what it brought is kept');
    else write(problemOf(error, log).body());
  }
  response.end();
}

/** From a loopback address, or, where the server listens on one address of the machine only, from that very address. */
function isFromThisMachine({ raw: { socket } }: FastifyRequest): boolean {
  const { remoteAddress = '', localAddress } = socket;
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress) || remoteAddress === localAddress;
}

function optional({ query }: AdminRequest, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new HttpProblem(400, 'BAD_REQUEST', `give the parameter ${name} once`);
}

function required(request: AdminRequest, name: string): string {
  const value = optional(request, name);
  if (value) return value;
  throw new HttpProblem(400, 'BAD_REQUEST', `the parameter ${name} is missing`);
}

function reasonOf(request: AdminRequest): DropReason | undefined {
  const text = optional(request, 'reason');
  const reason = DROP_REASONS.find((known) => known === text);
  if (text === undefined || reason !== undefined) return reason;
  throw new HttpProblem(400, 'BAD_REQUEST', `reason is one of ${DROP_REASONS.join(', ')}`);
}

function limitOf(request: AdminRequest): number {
  const text = optional(request, 'limit') ?? '100';
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= DEAD_LETTERS_MAX) return limit;
  throw new HttpProblem(400, 'BAD_REQUEST', `limit is a whole number from 1 to ${DEAD_LETTERS_MAX}`);
}
