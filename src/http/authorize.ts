import type { FastifyInstance, FastifyRequest } from 'fastify';
import { demand } from '../access/demand.ts';
import type { Doorkeeper } from '../access/doorkeeper.ts';
import type { Rights } from '../access/rights.ts';
import type { Scope } from '../access/scopes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its sender may do; known once `authorize` has run. */
    rights: Rights | null;
  }
}

/** Once, before any route that authorizes. */
export function knowRights(app: FastifyInstance): void {
  app.decorateRequest('rights', null);
}

/** A hook that turns away whoever is not known, and, where scopes are given, whoever lacks one of them for the mall. */
export function authorize(
  doorkeeper: Doorkeeper,
  ...scopes: readonly Scope[]
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    request.rights = await doorkeeper.admit(request.headers.authorization);
    const { mall } = request.params as { readonly mall?: string };
    if (scopes.length > 0) demand(request.rights, scopes, mall);
  };
}
