import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { AccessRefused } from './access-refused.ts';
import { embeddingOf } from './embedding.ts';
import { Rights } from './rights.ts';
import { isScope, SCOPE_NAMES } from './scopes.ts';

/** Whose signatures are believed. */
export interface TokenTrust {
  /** Shared secrets for HS256; any of them verifies, so that they can be changed one after another. */
  readonly secrets: readonly string[];
  /** Where an identity provider shows its public keys; null = none. */
  readonly jwksUrl: string | null;
  /** Where given, tokens must be from and for exactly these. */
  readonly issuer: string | null;
  readonly audience: string | null;
}

const SHARED = 'HS256';
const PUBLIC = ['RS256', 'ES256', 'EdDSA'];
/** Clocks of other machines differ by so much. */
const CLOCKS_APART_S = 5;
/** Verified tokens are remembered, this many: a signature costs up to 0.1 ms. */
const REMEMBERED_MAX = 10_000;
const JWKS_TIMEOUT_MS = 5_000;
/** What is thrown when the identity provider does not answer, or answers something else. */
const UNREADABLE = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];
const NOT_TRUSTED = 'the token that was brought is not signed by anybody who is trusted here';

/**
 * Reads signed tokens (JWT, RFC 7519). Their claims: `exp`, always; `scope`, names with blanks between them (RFC 8693);
 * `malls`, a list of codes, or "*" for all. `none` is no algorithm here, and each key has algorithms of its own kind only.
 */
export class TokenVerifier {
  readonly #trust: TokenTrust;
  readonly #secrets: readonly Uint8Array[];
  readonly #publicKeys: JWTVerifyGetKey | undefined;
  readonly #remembered = new Map<string, Rights>();

  constructor(trust: TokenTrust) {
    this.#trust = trust;
    this.#secrets = trust.secrets.map((secret) => new TextEncoder().encode(secret));
    this.#publicKeys =
      trust.jwksUrl === null
        ? undefined
        : createRemoteJWKSet(new URL(trust.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  }

  /** Rejects with AccessRefused. Whether what it gives has expired meanwhile is for the caller to see. */
  async verify(token: string): Promise<Rights> {
    const known = this.#remembered.get(token);
    if (known !== undefined) return known;
    const rights = rightsOf(await this.#claims(token));
    if (this.#remembered.size >= REMEMBERED_MAX) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest!);
    }
    this.#remembered.set(token, rights);
    return rights;
  }

  async #claims(token: string): Promise<JWTPayload> {
    const isShared = algorithmOf(token) === SHARED;
    try {
      return isShared ? await this.#sharedClaims(token) : await this.#publicClaims(token);
    } catch (error) {
      throw refused(error);
    }
  }

  async #sharedClaims(token: string): Promise<JWTPayload> {
    let failure: unknown = new errors.JWSSignatureVerificationFailed();
    for (const secret of this.#secrets) {
      try {
        return (await jwtVerify(token, secret, { ...this.#expected(), algorithms: [SHARED] })).payload;
      } catch (error) {
        failure = error;
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw failure;
  }

  async #publicClaims(token: string): Promise<JWTPayload> {
    if (this.#publicKeys === undefined) throw new errors.JOSEAlgNotAllowed();
    return (await jwtVerify(token, this.#publicKeys, { ...this.#expected(), algorithms: PUBLIC })).payload;
  }

  #expected() {
    const { issuer, audience } = this.#trust;
    return {
      requiredClaims: ['exp'],
      clockTolerance: CLOCKS_APART_S,
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience }),
    };
  }
}

function rightsOf(claims: JWTPayload): Rights {
  const { sub = 'nobody named', scope, malls, exp } = claims;
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(isScope) : [];
  if (scopes.length === 0) {
    const help = `one or more of ${SCOPE_NAMES.join(', ')}, with blanks between them`;
    throw new AccessRefused(
      'FORBIDDEN',
      `the claim "scope" of the token gives no right that is known here: ${help}`,
    );
  }
  const all = malls === '*';
  const codes = Array.isArray(malls) ? malls.filter((mall) => typeof mall === 'string') : [];
  if (!all && codes.length === 0) {
    throw new AccessRefused(
      'FORBIDDEN',
      'the claim "malls" of the token names no mall: a list of codes, or "*" for all',
    );
  }
  return new Rights({
    holder: `token of ${sub}`,
    malls: all ? 'all' : codes,
    scopes,
    expiresAtS: exp!,
    embedding: embeddingOf(claims),
  });
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    throw new AccessRefused('UNAUTHENTICATED', NOT_TRUSTED);
  }
}

/** One sentence for each thing that is wrong with a token, and no claim of it. */
function refused(error: unknown): AccessRefused {
  const why = (sentence: string) => new AccessRefused('UNAUTHENTICATED', sentence);
  if (error instanceof errors.JWTExpired) return why('the token that was brought has expired; get a new one');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return why(`the claim "${error.claim}" of the token is missing, or not the one that is expected here`);
  }
  const isTheirs = error instanceof errors.JOSEError && !UNREADABLE.includes(error.code);
  return why(
    isTheirs
      ? NOT_TRUSTED
      : 'the keys of the identity provider cannot be read now; try again in a few seconds',
  );
}
