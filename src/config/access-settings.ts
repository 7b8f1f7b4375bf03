import { givenSecret } from './given-secret.ts';
import { quoted } from './quoted.ts';

/** Whose signed tokens are believed, and which other sites may show or ask what. */
export interface AccessSettings {
  /** Secrets of tokens that are signed with HS256; the first signs ours. */
  readonly tokenSecrets: readonly string[];
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  /** Origins of other sites whose pages may ask with a token. */
  readonly corsOrigins: readonly string[];
  /** Of one API key or signed token, by one process; null = as many as it likes. */
  readonly requestsPerMinute: number | null;
  /** Whether the schema may be asked for, and mistakes are answered with what may have been meant. */
  readonly introspection: boolean;
}

const REQUESTS_PER_MINUTE = 6_000;
const REQUESTS_PER_MINUTE_MAX = 10_000_000;

const SECRET_CHARACTERS_MIN = 32;

export const ACCESS_SETTINGS_HELP = [
  {
    name: 'FOOTFALL_JWT_SECRETS',
    default: 'none',
    meaning: `secrets of signed tokens (HS256) with blanks between them, each at least ${SECRET_CHARACTERS_MIN} characters; the first signs, all are believed`,
  },
  {
    name: 'FOOTFALL_JWT_SECRETS_FILE',
    default: 'none',
    meaning: 'file that holds them, one a line, instead',
  },
  {
    name: 'FOOTFALL_JWKS_URL',
    default: 'none',
    meaning: 'where your identity provider shows its keys (RS256, ES256, EdDSA); needs the two below',
  },
  { name: 'FOOTFALL_JWT_ISSUER', default: 'any', meaning: 'the claim "iss" that signed tokens must have' },
  { name: 'FOOTFALL_JWT_AUDIENCE', default: 'any', meaning: 'the claim "aud" that signed tokens must have' },
  {
    name: 'FOOTFALL_CORS_ORIGINS',
    default: 'none',
    meaning: 'sites whose pages may ask from a browser, as https://portal.example, with blanks between them',
  },
  {
    name: 'FOOTFALL_REQUESTS_PER_MINUTE',
    default: String(REQUESTS_PER_MINUTE),
    meaning:
      'GraphQL requests that one API key or signed token may make in a minute of one process; none = as many as it likes',
  },
  {
    name: 'FOOTFALL_INTROSPECTION',
    default: 'yes',
    meaning: 'no = nobody may ask for the schema, and no mistake is answered with what may have been meant',
  },
] as const;

/** Adds a sentence to `problems` for everything that cannot be. */
export function readAccessSettings(env: NodeJS.ProcessEnv, problems: string[]): AccessSettings {
  const secrets = givenSecret(env, 'FOOTFALL_JWT_SECRETS', problems);
  const tokenSecrets = wordsOf(secrets);
  for (const secret of tokenSecrets) {
    if (secret.length < SECRET_CHARACTERS_MIN) {
      const help = `give each at least ${SECRET_CHARACTERS_MIN}, as openssl rand -hex 32 makes them`;
      problems.push(`FOOTFALL_JWT_SECRETS has a secret of ${secret.length} characters; ${help}`);
    }
  }
  const settings = {
    tokenSecrets,
    jwksUrl: env.FOOTFALL_JWKS_URL || null,
    issuer: env.FOOTFALL_JWT_ISSUER || null,
    audience: env.FOOTFALL_JWT_AUDIENCE || null,
    corsOrigins: wordsOf(env.FOOTFALL_CORS_ORIGINS),
    requestsPerMinute: requestsPerMinute(env, problems),
    introspection: introspection(env, problems),
  };
  for (const origin of settings.corsOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      problems.push(`FOOTFALL_CORS_ORIGINS names ${quoted(origin)}; write origins as https://portal.example`);
    }
  }
  const { jwksUrl, issuer, audience } = settings;
  if (jwksUrl === null) return settings;
  if (!isJwksUrl(jwksUrl)) {
    problems.push(`FOOTFALL_JWKS_URL is ${quoted(jwksUrl)}; write it as https://id.example/keys`);
  }
  // An identity provider signs tokens for others too: they must not open our doors.
  if (issuer === null || audience === null) {
    problems.push(
      'FOOTFALL_JWKS_URL needs FOOTFALL_JWT_ISSUER and FOOTFALL_JWT_AUDIENCE beside it; set both',
    );
  }
  return settings;
}

function requestsPerMinute(
  { FOOTFALL_REQUESTS_PER_MINUTE: text }: NodeJS.ProcessEnv,
  problems: string[],
): number | null {
  if (!text) return REQUESTS_PER_MINUTE;
  if (text === 'none') return null;
  const count = /^\d{1,8}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > REQUESTS_PER_MINUTE_MAX) {
    const help = `set it to a whole number from 1 to ${REQUESTS_PER_MINUTE_MAX}, or to none`;
    problems.push(`FOOTFALL_REQUESTS_PER_MINUTE is ${quoted(text)}; ${help}`);
  }
  return count;
}

function introspection({ FOOTFALL_INTROSPECTION: text }: NodeJS.ProcessEnv, problems: string[]): boolean {
  if (text && text !== 'yes' && text !== 'no') {
    problems.push(`FOOTFALL_INTROSPECTION is ${quoted(text)}; set it to yes or no`);
  }
  return text !== 'no';
}

function wordsOf(text: string | null | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** Whoever can change the keys on their way can sign anything: plain HTTP is for this machine alone. */
function isJwksUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\..*|\[::1\])$/.test(hostname));
}
