import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may ask: everybody when there is no token, otherwise those who bring it. */
export interface Access {
  /** Nobody needs a token. */
  readonly open: boolean;
  /** Whether the value of an `Authorization` header, or of the same name in `connection_init`, opens the door. */
  allows(authorization: unknown): boolean;
}

/** One bearer token with all rights; null = open to everybody. */
export function createAccess(token: string | null): Access {
  if (token === null) return { open: true, allows: () => true };
  const expected = digest(token);
  return {
    open: false,
    allows: (authorization) => {
      const brought =
        typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
      return brought !== undefined && timingSafeEqual(digest(brought), expected);
    },
  };
}

/** Digests have one length, so that comparing them tells nothing of the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
