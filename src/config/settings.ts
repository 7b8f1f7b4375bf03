import { join } from 'node:path';
import { z } from 'zod';
import { ACCESS_SETTINGS_HELP, type AccessSettings, readAccessSettings } from './access-settings.ts';
import { givenSecret } from './given-secret.ts';
import { namesWithin, nearestName } from './nearest-name.ts';
import { quoted } from './quoted.ts';

/** What holds for the whole product. Read once, at start. */
export interface Settings {
  readonly dataFolder: string;
  readonly mallsFolder: string;
  readonly secretsFolder: string;
  /** The bearer token with all rights; null = none is set. */
  readonly token: string | null;
  /** Serving without a token beyond loopback is meant. */
  readonly noAuth: boolean;
  /** Whole days; null = for good. */
  readonly keepRawDays: number | null;
  readonly keepCustomerDays: number | null;
  readonly keepDeadLetterDays: number;
  readonly logLevel: LogLevel;
  /** What the database may use; beyond it, it writes to its own temporary files. */
  readonly duckDbMemoryMb: number;
  /** What to do when records went from the stream before they were read. */
  readonly onLoss: 'go-on' | 'stop';
  readonly access: AccessSettings;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const PREFIX = 'FOOTFALL_';
const TOKEN_CHARACTERS_MIN = 16;
/** Yesterday must still have its raw records when it settles. */
const KEEP_RAW_DAYS_MIN = 2;
const KEEP_DAYS_MAX = 36_500;
const DUCKDB_MEMORY_MB_MIN = 128;
const DUCKDB_MEMORY_MB_MAX = 1_048_576;
/** A name that is no setting, and so near to one, was meant to be it. */
const MISSPELLED_EDITS = 2;
const DEFAULTS = {
  data: './data',
  malls: './malls',
  deadLetterDays: 7,
  log: 'info',
  duckDbMemoryMb: 512,
} as const;
/**
 * What Kubernetes sets in every container for a Service named `footfall`, or `footfall-` and more:
 * FOOTFALL_SERVICE_HOST, FOOTFALL_SERVICE_PORT_HTTP, FOOTFALL_PORT, FOOTFALL_PORT_4000_TCP_ADDR.
 */
const MADE_BY_KUBERNETES =
  /^FOOTFALL_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Every setting, as help, doctor and README show it. An empty variable counts as one that is not set. */
export const SETTINGS_HELP = [
  { name: 'FOOTFALL_DATA', default: DEFAULTS.data, meaning: 'folder of everything that is kept' },
  {
    name: 'FOOTFALL_MALLS',
    default: DEFAULTS.malls,
    meaning: 'folder of the mall directories, one folder a mall',
  },
  {
    name: 'FOOTFALL_SECRETS',
    default: 'secrets in the data folder',
    meaning: 'folder of the secrets that turn addresses into pseudonyms, one file a mall',
  },
  {
    name: 'FOOTFALL_TOKEN',
    default: 'none',
    meaning: `bearer token with all rights, at least ${TOKEN_CHARACTERS_MIN} characters; needed to listen beyond loopback`,
  },
  { name: 'FOOTFALL_TOKEN_FILE', default: 'none', meaning: 'file that holds the token, instead' },
  {
    name: 'FOOTFALL_NO_AUTH',
    default: 'not set',
    meaning: 'yes = everybody who reaches the port may ask everything, beyond loopback too',
  },
  {
    name: 'FOOTFALL_KEEP_RAW_DAYS',
    default: 'for good',
    meaning: `whole days that raw records are kept, at least ${KEEP_RAW_DAYS_MIN}`,
  },
  {
    name: 'FOOTFALL_KEEP_CUSTOMER_DAYS',
    default: 'for good',
    meaning: 'whole days that rows of single customers are kept, not fewer than raw records',
  },
  {
    name: 'FOOTFALL_KEEP_DEAD_LETTER_DAYS',
    default: String(DEFAULTS.deadLetterDays),
    meaning: 'whole days that dropped records are kept, at least 1',
  },
  { name: 'FOOTFALL_LOG', default: DEFAULTS.log, meaning: `how much is logged: ${LOG_LEVELS.join(', ')}` },
  {
    name: 'FOOTFALL_ON_LOSS',
    default: 'go-on',
    meaning:
      'when records went from the stream unread (in production): go-on behind them, or stop their mall until an operator has looked',
  },
  {
    name: 'FOOTFALL_DUCKDB_MEMORY_MB',
    default: String(DEFAULTS.duckDbMemoryMb),
    meaning: `MiB that the database may use of the memory, at least ${DUCKDB_MEMORY_MB_MIN}; beyond them it uses the data folder`,
  },
  ...ACCESS_SETTINGS_HELP,
] as const satisfies readonly SettingHelp[];

export interface SettingHelp {
  readonly name: string;
  /** As a reader understands it: a value, or words. */
  readonly default: string;
  readonly meaning: string;
}

type SettingName = (typeof SETTINGS_HELP)[number]['name'];
const KNOWN: readonly string[] = SETTINGS_HELP.map(({ name }) => name);

/** The environment asks for something that cannot be. Each problem is a sentence that says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'BAD_SETTINGS';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Throws a ConfigError that names every mistake at once. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems = misspelledNames(env);
  const token = givenSecret(env, 'FOOTFALL_TOKEN', problems);
  function take<Value>(name: SettingName, shape: z.ZodType<Value>, unset: Value): Value {
    const text = name === 'FOOTFALL_TOKEN' ? token : env[name];
    if (!text) return unset;
    const taken = shape.safeParse(text);
    if (taken.success) return taken.data;
    problems.push(...taken.error.issues.map(({ message }) => `${name} ${message}`));
    return unset;
  }
  const dataFolder = take('FOOTFALL_DATA', z.string(), DEFAULTS.data);
  const settings: Settings = {
    dataFolder,
    mallsFolder: take('FOOTFALL_MALLS', z.string(), DEFAULTS.malls),
    secretsFolder: take('FOOTFALL_SECRETS', z.string(), join(dataFolder, 'secrets')),
    token: take<string | null>('FOOTFALL_TOKEN', TOKEN, null),
    noAuth: take('FOOTFALL_NO_AUTH', YES, false),
    keepRawDays: take<number | null>('FOOTFALL_KEEP_RAW_DAYS', RAW_DAYS, null),
    keepCustomerDays: take<number | null>('FOOTFALL_KEEP_CUSTOMER_DAYS', CUSTOMER_DAYS, null),
    keepDeadLetterDays: take('FOOTFALL_KEEP_DEAD_LETTER_DAYS', wholeDays(1), DEFAULTS.deadLetterDays),
    logLevel: take<LogLevel>('FOOTFALL_LOG', LOG_LEVEL, DEFAULTS.log),
    onLoss: take<'go-on' | 'stop'>('FOOTFALL_ON_LOSS', ON_LOSS, 'go-on'),
    duckDbMemoryMb: take<number>('FOOTFALL_DUCKDB_MEMORY_MB', DUCKDB_MEMORY_MB, DEFAULTS.duckDbMemoryMb),
    access: readAccessSettings(env, problems),
  };
  const rawDaysAreRight = settings.keepRawDays !== null || !env.FOOTFALL_KEEP_RAW_DAYS;
  if (rawDaysAreRight) problems.push(...keptTooShort(settings));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(settings);
}

const TOKEN = z
  .string()
  .min(TOKEN_CHARACTERS_MIN, {
    error: ({ input }) =>
      `has ${(input as string).length} characters; give it at least ${TOKEN_CHARACTERS_MIN}, as openssl rand -hex 16 makes them`,
  })
  .regex(/^[\x21-\x7e]*$/, {
    error: 'has a character that no HTTP header can carry; use printable ASCII characters, and no spaces',
  });

const YES = z
  .literal('yes', { error: ({ input }) => `is ${quoted(String(input))}; set it to yes, or leave it unset` })
  .transform(() => true);

const LOG_LEVEL = z.enum(LOG_LEVELS, {
  error: ({ input }) => `is ${quoted(String(input))}; set it to one of ${LOG_LEVELS.join(', ')}`,
});

const ON_LOSS = z.enum(['go-on', 'stop'], {
  error: ({ input }) => `is ${quoted(String(input))}; set it to go-on or stop`,
});

const RAW_DAYS = wholeDays(KEEP_RAW_DAYS_MIN, ', so that yesterday can still settle');
const CUSTOMER_DAYS = wholeDays(KEEP_RAW_DAYS_MIN, ', and not fewer than raw records are kept');
const DUCKDB_MEMORY_MB = wholeNumber('MiB', DUCKDB_MEMORY_MB_MIN, DUCKDB_MEMORY_MB_MAX);

function wholeDays(min: number, why = ''): z.ZodType<number> {
  return wholeNumber('days', min, KEEP_DAYS_MAX, why);
}

function wholeNumber(unit: string, min: number, max: number, why = ''): z.ZodType<number> {
  return z
    .string()
    .refine((text) => /^\d{1,7}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: ({ input }) =>
        `is ${quoted(String(input))}; set it to a whole number of ${unit} from ${min} to ${max}${why}`,
    })
    .transform(Number);
}

/** Rows of single customers are made from raw records, and would come back with the next settlement. */
function keptTooShort({ keepRawDays, keepCustomerDays }: Settings): string[] {
  if (keepCustomerDays === null) return [];
  const problem = `FOOTFALL_KEEP_CUSTOMER_DAYS is ${keepCustomerDays}, but raw records are kept`;
  if (keepRawDays === null) {
    return [`${problem} for good; set FOOTFALL_KEEP_RAW_DAYS to ${keepCustomerDays} or fewer`];
  }
  if (keepCustomerDays >= keepRawDays) return [];
  return [
    `${problem} for ${keepRawDays} days; set it to ${keepRawDays} or more, or FOOTFALL_KEEP_RAW_DAYS to fewer`,
  ];
}

/** Names that begin like settings and are none, so that nothing reads them. */
export function unknownNames(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.includes(name) && !MADE_BY_KUBERNETES.test(name))
    .sort();
}

function misspelledNames(env: NodeJS.ProcessEnv): string[] {
  return unknownNames(env).flatMap((name) => {
    const meant = nearestName(name, namesWithin(MISSPELLED_EDITS, name, KNOWN));
    return meant === undefined ? [] : [`${name} is not a setting; did you mean ${meant}?`];
  });
}
