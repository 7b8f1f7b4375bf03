import { type JWTPayload, SignJWT } from 'jose';
import type { Scope } from './scopes.ts';

/** What other sites may show in a frame, and what the token of such a frame may therefore ask. */
export const EMBED_VIEWS = {
  footfall: ['analytics'],
  'top-shops': ['analytics'],
} as const satisfies Record<string, readonly Scope[]>;

export type EmbedView = keyof typeof EMBED_VIEWS;

export const EMBED_VIEW_NAMES = Object.keys(EMBED_VIEWS) as readonly EmbedView[];

/** One view of one mall, in frames of these sites alone. */
export interface Embedding {
  readonly view: EmbedView;
  readonly mall: string;
  /** Origins, as `https://portal.example`. */
  readonly sites: readonly string[];
}

export function isEmbedView(text: unknown): text is EmbedView {
  return typeof text === 'string' && Object.hasOwn(EMBED_VIEWS, text);
}

/** An origin, spelled as browsers spell it: it goes into a header of the page. */
export function isSite(text: unknown): text is string {
  return (
    typeof text === 'string' && /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
  );
}

/** A signed token that opens this and nothing else. The claims `iss` and `aud` are those that the servers expect. */
export function signEmbedding(
  { view, mall, sites }: Embedding,
  options: {
    readonly secret: string;
    readonly issuer: string | null;
    readonly audience: string | null;
    readonly nowS: number;
    readonly expiresAtS: number;
  },
): Promise<string> {
  const { secret, issuer, audience, nowS, expiresAtS } = options;
  const token = new SignJWT({ view, malls: [mall], scope: EMBED_VIEWS[view].join(' '), sites })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(`a frame with ${view}`)
    .setIssuedAt(nowS)
    .setExpirationTime(expiresAtS);
  if (issuer !== null) token.setIssuer(issuer);
  if (audience !== null) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}

/** What a verified token says of a frame; null for one that is for none. */
export function embeddingOf({ view, malls, sites }: JWTPayload): Embedding | null {
  if (!isEmbedView(view) || !Array.isArray(malls) || malls.length !== 1) return null;
  if (!Array.isArray(sites) || sites.length === 0 || !sites.every(isSite)) return null;
  return { view, mall: String(malls[0]), sites };
}
