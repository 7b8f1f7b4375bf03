import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { runHere } from './here.ts';

const SECRETS = `${'n'.repeat(32)} ${'o'.repeat(32)}`;
const ENV = { FOOTFALL_JWT_SECRETS: SECRETS };
const ARGS = ['embed', '--mall', 'edges', '--view', 'top-shops', '--site', 'https://portal.example'];

test('prints the address of a view, which is locked to its mall, its sites and its time', async () => {
  const env = { ...ENV, FOOTFALL_JWT_ISSUER: 'https://id.example', FOOTFALL_JWT_AUDIENCE: 'footfall' };
  const args = [...ARGS, 'http://localhost:3000', '--for', '30m', '--url', 'https://footfall.example/'];
  const { code, stdout } = await runHere(args, env);
  expect(code).toBe(0);
  const [, token] = /^https:\/\/footfall\.example\/embed\/top-shops\?token=(\S+)\n$/.exec(stdout)!;
  const { iat, exp, ...claims } = decodeJwt(token!);
  expect(claims).toEqual({
    view: 'top-shops',
    malls: ['edges'],
    scope: 'analytics',
    sites: ['https://portal.example', 'http://localhost:3000'],
    sub: 'a frame with top-shops',
    iss: 'https://id.example',
    aud: 'footfall',
  });
  expect(exp! - iat!).toBe(1_800);
});

test.each<[string, readonly string[], Record<string, string>, number, string]>([
  ['a secret is missing', ARGS, {}, 1, 'set FOOTFALL_JWT_SECRETS, here and where the server runs'],
  [
    'the mall is missing',
    ARGS.filter((arg) => !/mall|edges/.test(arg)),
    ENV,
    2,
    "'--mall <code>' not specified",
  ],
  [
    'the view is none',
    ARGS.map((arg) => arg.replace('top-shops', 'all')),
    ENV,
    2,
    'a view is one of footfall, top-shops',
  ],
  ['the site has a path', ARGS.map((arg) => arg.replace('.example', '.example/a')), ENV, 2, 'without a path'],
  [
    'every site is meant',
    ARGS.map((arg) => arg.replace('https://portal.example', '*')),
    ENV,
    2,
    'write a site as',
  ],
  ['it is for too long', [...ARGS, '--for', '25h'], ENV, 2, 'at most 24h'],
  ['its time has no unit', [...ARGS, '--for', '30'], ENV, 2, 'write a time as 30m or 2h'],
])('says what is wrong when %s', async (_what, args, env, code, message) => {
  const ended = await runHere(args, env);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr).toContain(message);
});
