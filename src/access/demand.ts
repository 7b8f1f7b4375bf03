import { AccessRefused } from './access-refused.ts';
import type { Rights } from './rights.ts';
import type { Scope } from './scopes.ts';

const NAME_MAX = 60;

/** Throws AccessRefused, FORBIDDEN, unless all these may be done with the mall; without one, with any mall. */
export function demand(rights: Rights, scopes: readonly Scope[], mall?: string): void {
  const missing = scopes.find((scope) => !rights.hasScope(scope));
  if (missing !== undefined) {
    const message = `this needs the scope "${missing}", which the token that was brought does not have`;
    throw new AccessRefused('FORBIDDEN', message);
  }
  // Whether there is such a mall is for those to know who may ask about it.
  if (mall === undefined || rights.hasMall(mall)) return;
  const named = mall.length > NAME_MAX ? `${mall.slice(0, NAME_MAX)}…` : mall;
  throw new AccessRefused(
    'FORBIDDEN',
    `the token that was brought has no right to the mall ${JSON.stringify(named)}`,
  );
}
