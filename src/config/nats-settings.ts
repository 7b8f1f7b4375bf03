import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { givenSecret } from './given-secret.ts';
import { quoted } from './quoted.ts';

/** How to reach NATS, and as whom. What is null is not used. */
export interface NatsSettings {
  readonly servers: readonly string[];
  /** Files: credentials (JWT and seed), an nkey seed. */
  readonly credsFile: string | null;
  readonly nkeyFile: string | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly token: string | null;
  /** Files of TLS: who is trusted, and our own certificate with its key. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

const DEFAULT_URL = 'nats://127.0.0.1:4222';

export const NATS_SETTINGS_HELP = [
  {
    name: 'NATS_URL',
    default: DEFAULT_URL,
    meaning:
      'where NATS listens, several servers with commas between; commands work on the production shape once it is set',
  },
  {
    name: 'NATS_CONTEXT',
    default: 'none',
    meaning: 'a context of the nats command, by name or file: fills in what is not set',
  },
  { name: 'NATS_CREDS', default: 'none', meaning: 'file of credentials (JWT and seed)' },
  { name: 'NATS_NKEY', default: 'none', meaning: 'file of an nkey seed' },
  { name: 'NATS_USER', default: 'none', meaning: 'user, with NATS_PASSWORD' },
  { name: 'NATS_PASSWORD', default: 'none', meaning: 'password of NATS_USER' },
  { name: 'NATS_PASSWORD_FILE', default: 'none', meaning: 'file that holds the password, instead' },
  { name: 'NATS_TOKEN', default: 'none', meaning: 'token' },
  { name: 'NATS_TOKEN_FILE', default: 'none', meaning: 'file that holds the token, instead' },
  { name: 'NATS_CA', default: 'none', meaning: 'file of the certificates that are trusted; switches TLS on' },
  { name: 'NATS_CERT', default: 'none', meaning: 'file of our own certificate, with NATS_KEY' },
  { name: 'NATS_KEY', default: 'none', meaning: 'file of its key' },
] as const;

const CONTEXT = z.looseObject({
  url: z.string().optional(),
  creds: z.string().optional(),
  nkey: z.string().optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  token: z.string().optional(),
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
});
type Context = z.infer<typeof CONTEXT>;

/** Adds a sentence to `problems` for every mistake; what it gives back then is not to be used. */
export function readNatsSettings(env: NodeJS.ProcessEnv, problems: string[]): NatsSettings {
  const context = env.NATS_CONTEXT ? readContext(env.NATS_CONTEXT, problems) : {};
  const url = env.NATS_URL || context.url || DEFAULT_URL;
  const servers = url.split(',').map((server) => server.trim());
  for (const server of servers) {
    const written = server.includes('://') ? server : `nats://${server}`;
    if (!URL.canParse(written) || !/^(nats|tls|wss?):$/.test(new URL(written).protocol)) {
      problems.push(`NATS_URL is ${quoted(server)}; set it to an address such as ${DEFAULT_URL}`);
    }
  }
  const settings: NatsSettings = {
    servers,
    credsFile: env.NATS_CREDS || context.creds || null,
    nkeyFile: env.NATS_NKEY || context.nkey || null,
    user: env.NATS_USER || context.user || null,
    password: givenSecret(env, 'NATS_PASSWORD', problems) ?? (context.password || null),
    token: givenSecret(env, 'NATS_TOKEN', problems) ?? (context.token || null),
    caFile: env.NATS_CA || context.ca || null,
    certFile: env.NATS_CERT || context.cert || null,
    keyFile: env.NATS_KEY || context.key || null,
  };
  problems.push(...contradictions(settings));
  return settings;
}

function contradictions({
  user,
  password,
  certFile,
  keyFile,
  credsFile,
  nkeyFile,
  caFile,
}: NatsSettings): string[] {
  const problems: string[] = [];
  if ((user === null) !== (password === null)) {
    problems.push('NATS_USER and NATS_PASSWORD (or NATS_PASSWORD_FILE) belong together; set both or neither');
  }
  if ((certFile === null) !== (keyFile === null)) {
    problems.push('NATS_CERT and NATS_KEY belong together; set both or neither');
  }
  const files = {
    NATS_CREDS: credsFile,
    NATS_NKEY: nkeyFile,
    NATS_CA: caFile,
    NATS_CERT: certFile,
    NATS_KEY: keyFile,
  };
  for (const [name, file] of Object.entries(files)) {
    if (file === null) continue;
    try {
      readFileSync(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(
        `${name} names ${file}, which cannot be read (${code}); give this user the right to, or mend the path`,
      );
    }
  }
  return problems;
}

function readContext(name: string, problems: string[]): Context {
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const file =
    isAbsolute(name) || name.endsWith('.json') ? name : join(config, 'nats', 'context', `${name}.json`);
  try {
    return CONTEXT.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code = 'not a context in JSON' } = error as NodeJS.ErrnoException;
    problems.push(
      `NATS_CONTEXT names ${file}, which cannot be used (${String(code)}); nats context ls shows those there are`,
    );
    return {};
  }
}
