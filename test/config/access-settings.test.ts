import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readAccessSettings } from '../../src/config/access-settings.ts';

const SECRETS = ['n', 'o'].map((letter) => letter.repeat(32));
const NOTHING = {
  tokenSecrets: [],
  jwksUrl: null,
  issuer: null,
  audience: null,
  corsOrigins: [],
  requestsPerMinute: 6_000,
  introspection: true,
};

test.each<[string, NodeJS.ProcessEnv, object]>([
  ['nothing', {}, {}],
  ['empty texts', { FOOTFALL_JWT_SECRETS: '', FOOTFALL_CORS_ORIGINS: ' ' }, {}],
  ['secrets in their order', { FOOTFALL_JWT_SECRETS: SECRETS.join('  ') }, { tokenSecrets: SECRETS }],
  [
    'an identity provider',
    {
      FOOTFALL_JWKS_URL: 'https://id.example/keys',
      FOOTFALL_JWT_ISSUER: 'https://id.example',
      FOOTFALL_JWT_AUDIENCE: 'footfall',
    },
    { jwksUrl: 'https://id.example/keys', issuer: 'https://id.example', audience: 'footfall' },
  ],
  [
    'sites',
    { FOOTFALL_CORS_ORIGINS: 'https://a.example http://localhost:3000' },
    { corsOrigins: ['https://a.example', 'http://localhost:3000'] },
  ],
  ['a rate', { FOOTFALL_REQUESTS_PER_MINUTE: '60' }, { requestsPerMinute: 60 }],
  ['no rate', { FOOTFALL_REQUESTS_PER_MINUTE: 'none' }, { requestsPerMinute: null }],
  ['a schema that is told', { FOOTFALL_INTROSPECTION: 'yes' }, {}],
  ['a schema that is not told', { FOOTFALL_INTROSPECTION: 'no' }, { introspection: false }],
])('%s', (_what, env, expected) => {
  const problems: string[] = [];
  expect(readAccessSettings(env, problems)).toEqual({ ...NOTHING, ...expected });
  expect(problems).toEqual([]);
});

test('secrets come from a file, one a line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'footfall-secrets-'));
  const file = join(folder, 'secrets');
  writeFileSync(file, `${SECRETS.join('\n')}\n`);
  const problems: string[] = [];
  expect(readAccessSettings({ FOOTFALL_JWT_SECRETS_FILE: file }, problems).tokenSecrets).toEqual(SECRETS);
  expect(problems).toEqual([]);
  rmSync(folder, { recursive: true });
});

const PROVIDER = { FOOTFALL_JWT_ISSUER: 'https://id.example', FOOTFALL_JWT_AUDIENCE: 'footfall' };
test.each<[string, NodeJS.ProcessEnv, RegExp]>([
  [
    'a short secret',
    { FOOTFALL_JWT_SECRETS: `${SECRETS[0]} short` },
    /a secret of 5 characters; give each at least 32/,
  ],
  [
    'a provider whose tokens for others would be believed',
    { FOOTFALL_JWKS_URL: 'https://id.example/keys', FOOTFALL_JWT_ISSUER: 'https://id.example' },
    /needs FOOTFALL_JWT_ISSUER and FOOTFALL_JWT_AUDIENCE beside it/,
  ],
  [
    'keys that anybody on the way can change',
    { ...PROVIDER, FOOTFALL_JWKS_URL: 'http://id.example/keys' },
    /write it as https:/,
  ],
  ['keys in no place', { ...PROVIDER, FOOTFALL_JWKS_URL: 'id.example' }, /write it as https:/],
  [
    'a site with a path',
    { FOOTFALL_CORS_ORIGINS: 'https://a.example/' },
    /names "https:\/\/a.example\/"; write origins as/,
  ],
  ['every site', { FOOTFALL_CORS_ORIGINS: '*' }, /names "\*"; write origins as/],
  ['a rate of none at all', { FOOTFALL_REQUESTS_PER_MINUTE: '0' }, /is "0"; set it to a whole number from 1/],
  [
    'a rate with a unit',
    { FOOTFALL_REQUESTS_PER_MINUTE: '60/min' },
    /is "60\/min"; set it to a whole number/,
  ],
  ['half a schema', { FOOTFALL_INTROSPECTION: 'off' }, /is "off"; set it to yes or no/],
])('%s is refused, and no secret is told', (_what, env, problem) => {
  const problems: string[] = [];
  readAccessSettings(env, problems);
  expect(problems).toEqual([expect.stringMatching(problem)]);
  expect(problems.join()).not.toContain('short ');
  expect(problems.join()).not.toContain(SECRETS[0]);
});
