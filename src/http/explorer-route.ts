import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { EXPLORER_POLICY, renderExplorerPage } from './explorer-page.ts';
import { GRAPHQL_PATH } from './graphql-route.ts';

/** The explorer holds no data of its own, so it is open to everybody; what it asks needs the token. */
export async function addExplorerRoute(
  app: FastifyInstance,
  { needsToken }: { needsToken: boolean },
): Promise<void> {
  // 9 MB of GraphiQL, loaded and packed when first asked for.
  let packed: Promise<Buffer> | undefined;
  const page = () => renderExplorerPage({ endpoint: GRAPHQL_PATH, needsToken });
  const pack = async () => promisify(gzip)(await page());

  app.get('/explorer', async (request, reply) => {
    reply.type('text/html; charset=utf-8').headers({
      'content-security-policy': EXPLORER_POLICY,
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
    });
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(await page());
    packed ??= pack();
    return reply.header('content-encoding', 'gzip').send(await packed);
  });
}
