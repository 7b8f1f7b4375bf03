import { givenSecret } from './given-secret.ts';
import { quoted } from './quoted.ts';

/** Where the InfluxDB server of the production shape is. */
export interface InfluxSettings {
  readonly url: string;
  /** Of an operator, or with all rights on the organisation's buckets and tasks. */
  readonly token: string;
  readonly org: string;
  /** Before the names of the four buckets, so that installations can share a server; mostly ''. */
  readonly bucketPrefix: string;
}

const DEFAULTS = { url: 'http://127.0.0.1:8086', org: 'footfall' } as const;

export const INFLUX_SETTINGS_HELP = [
  { name: 'INFLUX_URL', default: DEFAULTS.url, meaning: 'where InfluxDB 2.9 or newer listens' },
  {
    name: 'INFLUX_TOKEN',
    default: 'none',
    meaning: 'its token, with all rights on buckets and tasks of the organisation; needed',
  },
  { name: 'INFLUX_TOKEN_FILE', default: 'none', meaning: 'file that holds the token, instead' },
  { name: 'INFLUX_ORG', default: DEFAULTS.org, meaning: 'its organisation' },
  {
    name: 'INFLUX_BUCKET_PREFIX',
    default: 'none',
    meaning: 'put before the names of the buckets, so that several installations can share a server',
  },
] as const;

/** Adds a sentence to `problems` for every mistake; what it gives back then is not to be used. */
export function readInfluxSettings(env: NodeJS.ProcessEnv, problems: string[]): InfluxSettings {
  const url = env.INFLUX_URL || DEFAULTS.url;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    problems.push(`INFLUX_URL is ${quoted(url)}; set it to an address such as ${DEFAULTS.url}`);
  }
  const before = problems.length;
  const token = givenSecret(env, 'INFLUX_TOKEN', problems);
  if (token === null && problems.length === before) {
    problems.push('INFLUX_TOKEN is not set; set it, or INFLUX_TOKEN_FILE, to a token of the InfluxDB server');
  }
  const bucketPrefix = env.INFLUX_BUCKET_PREFIX ?? '';
  if (!/^[A-Za-z0-9_-]{0,40}$/.test(bucketPrefix)) {
    problems.push(`INFLUX_BUCKET_PREFIX is ${quoted(bucketPrefix)}; use at most 40 of A-Z a-z 0-9 _ -`);
  }
  return { url, token: token ?? '', org: env.INFLUX_ORG || DEFAULTS.org, bucketPrefix };
}
