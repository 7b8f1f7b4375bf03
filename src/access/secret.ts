import { createHash, timingSafeEqual } from 'node:crypto';

/** What an `Authorization` header brings, where it is one of the scheme Bearer. */
export function bearerOf(authorization: unknown): string | undefined {
  return typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
}

/** SHA-256. Our secrets are long and random, so that one round of a fast hash is enough: there is nothing to guess. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Digests have one length, so that comparing them tells nothing of the secret's. */
export function isSecretOf(secret: string, digest: Buffer): boolean {
  return timingSafeEqual(digestOf(secret), digest);
}
