import type { FastifyInstance } from 'fastify';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import { embedPolicy, renderEmbedPage } from './embed-page.ts';
import { HttpProblem } from './http-problem.ts';

/**
 * `/embed/<view>?token=`: a view for a frame of another site. The one place where a token comes in an address, since a frame
 * can bring it in no other way: it is short-lived, opens this view's numbers alone, and is written to no log.
 */
export async function addEmbedRoute(app: FastifyInstance, doorkeeper: Doorkeeper): Promise<void> {
  app.get<{ Params: { view: string }; Querystring: { token?: string | string[] } }>(
    '/embed/:view',
    async ({ params: { view }, query: { token } }, reply) => {
      const brought = typeof token === 'string' ? `Bearer ${token}` : undefined;
      const { embedding } = await doorkeeper.admit(brought);
      if (embedding === null || embedding.view !== view) {
        const message = 'the token of this address is not for this view; footfall embed makes one';
        throw new HttpProblem(403, 'FORBIDDEN', message);
      }
      reply.type('text/html; charset=utf-8').headers({
        'content-security-policy': embedPolicy(embedding),
        'cache-control': 'no-store',
      });
      return reply.send(renderEmbedPage(embedding));
    },
  );
}
