import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import { authorize } from './authorize.ts';

export interface Health {
  ready(): Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
}

/** `/livez` and `/readyz` are open to everybody, so that whatever watches the process needs no secret; `/metrics` is not. */
export async function addHealthRoutes(
  app: FastifyInstance,
  {
    health,
    registry,
    doorkeeper,
  }: { readonly health: Health; readonly registry: Registry; readonly doorkeeper: Doorkeeper },
): Promise<void> {
  app.get('/livez', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const { ok, reasons } = await health.ready();
    return reply.code(ok ? 200 : 503).send({ ok, reasons });
  });
  app.get('/metrics', { onRequest: authorize(doorkeeper, 'admin') }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
