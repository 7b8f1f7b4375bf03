import type { FastifyRequest } from 'fastify';
import type { Access } from '../api/access.ts';
import { HttpProblem } from './http-problem.ts';

/** A hook that turns away whoever does not bring the token. */
export function authorize(access: Access): (request: FastifyRequest) => Promise<void> {
  return async ({ headers }) => {
    if (access.allows(headers.authorization)) return;
    const message = 'this needs the header "authorization: Bearer <token>", with the token of FOOTFALL_TOKEN';
    throw new HttpProblem(401, 'UNAUTHENTICATED', message, { 'www-authenticate': 'Bearer realm="footfall"' });
  };
}
