import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  LOG_LEVELS,
  readSettings,
  SETTINGS_HELP,
  unknownNames,
} from '../../src/config/settings.ts';

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const DEFAULTS = {
  dataFolder: './data',
  mallsFolder: './malls',
  secretsFolder: 'data/secrets',
  token: null,
  noAuth: false,
  keepRawDays: null,
  keepCustomerDays: null,
  keepDeadLetterDays: 7,
  logLevel: 'info',
  duckDbMemoryMb: 512,
  onLoss: 'go-on',
  access: {
    tokenSecrets: [],
    jwksUrl: null,
    issuer: null,
    audience: null,
    corsOrigins: [],
    requestsPerMinute: 6_000,
    introspection: true,
  },
};

describe('settings that are right', () => {
  test.each<[string, NodeJS.ProcessEnv, object]>([
    ['nothing set', {}, {}],
    ['variables of other programs', { PATH: '/bin', FOOT: '1' }, {}],
    ['empty variables count as not set', { FOOTFALL_DATA: '', FOOTFALL_TOKEN: '', FOOTFALL_LOG: '' }, {}],
    [
      'secrets follow the data folder',
      { FOOTFALL_DATA: '/srv/footfall' },
      { dataFolder: '/srv/footfall', secretsFolder: '/srv/footfall/secrets' },
    ],
    ['a secrets folder of its own', { FOOTFALL_SECRETS: '/etc/secrets' }, { secretsFolder: '/etc/secrets' }],
    ['a malls folder', { FOOTFALL_MALLS: 'm' }, { mallsFolder: 'm' }],
    ['a token of 16', { FOOTFALL_TOKEN: '0123456789abcdef' }, { token: '0123456789abcdef' }],
    ['stopping when records were lost', { FOOTFALL_ON_LOSS: 'stop' }, { onLoss: 'stop' }],
    ['no token file', { FOOTFALL_TOKEN_FILE: '' }, {}],
    ['no authentication', { FOOTFALL_NO_AUTH: 'yes' }, { noAuth: true }],
    ['raw records for 2 days', { FOOTFALL_KEEP_RAW_DAYS: '2' }, { keepRawDays: 2 }],
    [
      'customers as long as raw records',
      { FOOTFALL_KEEP_RAW_DAYS: '30', FOOTFALL_KEEP_CUSTOMER_DAYS: '30' },
      { keepRawDays: 30, keepCustomerDays: 30 },
    ],
    ['dead letters for a day', { FOOTFALL_KEEP_DEAD_LETTER_DAYS: '1' }, { keepDeadLetterDays: 1 }],
    ['less memory for the database', { FOOTFALL_DUCKDB_MEMORY_MB: '128' }, { duckDbMemoryMb: 128 }],
    [
      'what Kubernetes sets for a Service named footfall',
      {
        FOOTFALL_SERVICE_HOST: '10.0.0.11',
        FOOTFALL_SERVICE_PORT: '4000',
        FOOTFALL_SERVICE_PORT_HTTP: '4000',
        FOOTFALL_PORT: 'tcp://10.0.0.11:4000',
        FOOTFALL_PORT_4000_TCP: 'tcp://10.0.0.11:4000',
        FOOTFALL_PORT_4000_TCP_PROTO: 'tcp',
        FOOTFALL_PORT_4000_TCP_PORT: '4000',
        FOOTFALL_PORT_4000_TCP_ADDR: '10.0.0.11',
      },
      {},
    ],
    ['names that are near no setting', { FOOTFALL_URL: 'x', FOOTFALL_KEEP_DAYS_RAW: '3' }, {}],
    ...LOG_LEVELS.map((level): [string, NodeJS.ProcessEnv, object] => [
      `log level ${level}`,
      { FOOTFALL_LOG: level },
      { logLevel: level },
    ]),
  ])('%s', (_, env, expected) => {
    expect(readSettings(env)).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe('each mistake is told with what would be right', () => {
  const rawDays = (value: string) =>
    `FOOTFALL_KEEP_RAW_DAYS is "${value}"; set it to a whole number of days from 2 to 36500, so that yesterday can still settle`;

  test.each<[NodeJS.ProcessEnv, string]>([
    [
      { FOOTFALL_TOKEN: 'short' },
      'FOOTFALL_TOKEN has 5 characters; give it at least 16, as openssl rand -hex 16 makes them',
    ],
    [
      { FOOTFALL_TOKEN: '0123456789 abcdef' },
      'FOOTFALL_TOKEN has a character that no HTTP header can carry; use printable ASCII characters, and no spaces',
    ],
    [{ FOOTFALL_NO_AUTH: 'true' }, 'FOOTFALL_NO_AUTH is "true"; set it to yes, or leave it unset'],
    [{ FOOTFALL_KEEP_RAW_DAYS: '1' }, rawDays('1')],
    [{ FOOTFALL_KEEP_RAW_DAYS: '2.5' }, rawDays('2.5')],
    [{ FOOTFALL_KEEP_RAW_DAYS: '-3' }, rawDays('-3')],
    [{ FOOTFALL_KEEP_RAW_DAYS: '99999' }, rawDays('99999')],
    [{ FOOTFALL_KEEP_RAW_DAYS: 'forever', FOOTFALL_KEEP_CUSTOMER_DAYS: '30' }, rawDays('forever')],
    [
      { FOOTFALL_KEEP_RAW_DAYS: '30', FOOTFALL_KEEP_CUSTOMER_DAYS: '29' },
      'FOOTFALL_KEEP_CUSTOMER_DAYS is 29, but raw records are kept for 30 days; set it to 30 or more, or FOOTFALL_KEEP_RAW_DAYS to fewer',
    ],
    [
      { FOOTFALL_KEEP_CUSTOMER_DAYS: '90' },
      'FOOTFALL_KEEP_CUSTOMER_DAYS is 90, but raw records are kept for good; set FOOTFALL_KEEP_RAW_DAYS to 90 or fewer',
    ],
    [
      { FOOTFALL_KEEP_CUSTOMER_DAYS: '1' },
      'FOOTFALL_KEEP_CUSTOMER_DAYS is "1"; set it to a whole number of days from 2 to 36500, and not fewer than raw records are kept',
    ],
    [
      { FOOTFALL_KEEP_DEAD_LETTER_DAYS: '0' },
      'FOOTFALL_KEEP_DEAD_LETTER_DAYS is "0"; set it to a whole number of days from 1 to 36500',
    ],
    [
      { FOOTFALL_LOG: 'verbose' },
      'FOOTFALL_LOG is "verbose"; set it to one of fatal, error, warn, info, debug, trace, silent',
    ],
    [{ FOOTFALL_TOKN: 'x' }, 'FOOTFALL_TOKN is not a setting; did you mean FOOTFALL_TOKEN?'],
    [
      { FOOTFALL_KEEP_RAW_DAY: '3' },
      'FOOTFALL_KEEP_RAW_DAY is not a setting; did you mean FOOTFALL_KEEP_RAW_DAYS?',
    ],
    [{ FOOTFALL_DAT4S: 'x' }, 'FOOTFALL_DAT4S is not a setting; did you mean FOOTFALL_DATA?'],
    ...['127', '1048577', '0.5', '512MB'].map((value): [NodeJS.ProcessEnv, string] => [
      { FOOTFALL_DUCKDB_MEMORY_MB: value },
      `FOOTFALL_DUCKDB_MEMORY_MB is "${value}"; set it to a whole number of MiB from 128 to 1048576`,
    ]),
    [{ FOOTFALL_no_auth: 'yes' }, 'FOOTFALL_no_auth is not a setting; did you mean FOOTFALL_NO_AUTH?'],
  ])('%j', (env, problem) => {
    expect(problemsOf(env)).toEqual([problem]);
  });

  test('all of them at once, one line each', () => {
    const env = {
      FOOTFALL_DTA: 'x',
      FOOTFALL_TOKEN: 'a b',
      FOOTFALL_NO_AUTH: 'no',
      FOOTFALL_KEEP_CUSTOMER_DAYS: '5',
      FOOTFALL_LOG: 'all',
    };
    const problems = problemsOf(env);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'FOOTFALL_DTA',
      'FOOTFALL_TOKEN',
      'FOOTFALL_TOKEN',
      'FOOTFALL_NO_AUTH',
      'FOOTFALL_LOG',
      'FOOTFALL_KEEP_CUSTOMER_DAYS',
    ]);
    expect(() => readSettings(env)).toThrow(new ConfigError(problems));
    expect(new ConfigError(problems).message).toBe(problems.join('\n'));
  });

  test('a token is never shown', () => {
    const token = 'pass word';
    expect(problemsOf({ FOOTFALL_TOKEN: token }).join()).not.toContain(token);
  });
});

test('names that nothing reads are told to whoever asks, but for those that Kubernetes sets', () => {
  const env = {
    FOOTFALL_URL: 'x',
    FOOTFALL_ENV: 'y',
    FOOTFALL_PORT: '1',
    FOOTFALL_LOG: 'info',
    PATH: '/bin',
  };
  expect(unknownNames(env)).toEqual(['FOOTFALL_ENV', 'FOOTFALL_URL']);
});

test('the help names every setting that is read, and no other', () => {
  const read = new Set<string>();
  const env = new Proxy({}, { get: (_, name) => void read.add(String(name)) });
  readSettings(env);
  expect(SETTINGS_HELP.map(({ name }) => name).sort()).toEqual([...read].sort());
});
