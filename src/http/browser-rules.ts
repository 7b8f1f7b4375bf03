import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const PREFLIGHT_S = 600;

/** What holds for every answer, whoever asked: a browser shows none of it in a frame, guesses no type, and tells no address. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'";

/** Which pages of other sites may ask, and what browsers may do with the answers. */
export async function addBrowserRules(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(HEADERS);
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', NO_PAGE);
  });
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'apollo-require-preflight'],
    exposedHeaders: ['etag', 'ratelimit', 'ratelimit-policy', 'retry-after'],
    maxAge: PREFLIGHT_S,
    strictPreflight: false,
  });
}
