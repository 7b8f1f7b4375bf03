import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type TokenTrust, TokenVerifier } from '../../src/access/token-verifier.ts';

const [OLD, NEW, OTHER] = ['o', 'n', 'x'].map((letter) => letter.repeat(32)) as [string, string, string];
const TRUST: TokenTrust = { secrets: [NEW, OLD], jwksUrl: null, issuer: null, audience: null };
const CLAIMS: JWTPayload = { sub: 'portal', scope: 'analytics positions openid', malls: ['a', 'b'] };
const bytes = (secret: string) => new TextEncoder().encode(secret);

function signed(claims: JWTPayload, secret = NEW, alg = 'HS256', expires: string | number | null = '5m') {
  const token = new SignJWT(claims).setProtectedHeader({ alg });
  if (expires !== null) token.setExpirationTime(expires);
  return token.sign(bytes(secret));
}

test('a token gives the rights that its claims name, and those alone', async () => {
  const verifier = new TokenVerifier(TRUST);
  const rights = await verifier.verify(await signed(CLAIMS));
  expect(rights.holder).toBe('token of portal');
  expect(
    ['analytics', 'positions', 'customers'].map((scope) => rights.may(scope as 'analytics', 'a')),
  ).toEqual([true, true, false]);
  expect([rights.hasMall('b'), rights.hasMall('c')]).toEqual([true, false]);
  expect(rights.expiresAtS! - Date.now() / 1_000).toBeGreaterThan(290);
  const all = await verifier.verify(await signed({ ...CLAIMS, malls: '*' }));
  expect(all.hasMall('whatever')).toBe(true);
});

test('while secrets change, tokens of the old one and of the new one hold', async () => {
  const verifier = new TokenVerifier(TRUST);
  await expect(verifier.verify(await signed(CLAIMS, OLD))).resolves.toBeDefined();
  await expect(verifier.verify(await signed(CLAIMS, NEW))).resolves.toBeDefined();
  await expect(verifier.verify(await signed(CLAIMS, OTHER))).rejects.toThrow('not signed by anybody');
});

test.each([
  [
    'the algorithm none',
    () => new UnsecuredJWT(CLAIMS).setExpirationTime('5m').encode(),
    'not signed by anybody',
  ],
  [
    'another algorithm of the same secret',
    () => signed(CLAIMS, `${NEW}${NEW}`, 'HS512'),
    'not signed by anybody',
  ],
  ['an expired one', () => signed(CLAIMS, NEW, 'HS256', 1_718_362_800), 'has expired'],
  ['one that never expires', () => signed(CLAIMS, NEW, 'HS256', null), 'the claim "exp"'],
  ['one without a scope that is known', () => signed({ ...CLAIMS, scope: 'openid' }), 'the claim "scope"'],
  ['one with no mall', () => signed({ scope: 'analytics' }), 'the claim "malls"'],
  ['one whose malls are no list', () => signed({ ...CLAIMS, malls: 'a' }), 'the claim "malls"'],
  ['no token', () => 'a.b.c', 'not signed by anybody'],
])('%s is refused', async (_what, token, why) => {
  await expect(new TokenVerifier(TRUST).verify(await token())).rejects.toThrow(why);
});

test('a token with a changed claim is refused, also after the right one was seen', async () => {
  const verifier = new TokenVerifier(TRUST);
  const token = await signed(CLAIMS);
  await verifier.verify(token);
  const [head, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...CLAIMS, malls: '*', exp: 4_000_000_000 })).toString(
    'base64url',
  );
  await expect(verifier.verify(`${head}.${claims}.${signature}`)).rejects.toThrow('not signed by anybody');
});

describe('tokens of an identity provider', () => {
  let server: Server;
  let trust: TokenTrust;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let shown: object;
  let isDown = false;
  beforeAll(async () => {
    keys = await generateKeyPair('ES256', { extractable: true });
    shown = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }] };
    server = createServer((_request, response) => {
      if (isDown) response.writeHead(503).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    trust = { secrets: [NEW], jwksUrl, issuer: 'https://id.example', audience: 'footfall' };
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const issued = (more: JWTPayload = {}, kid = 'one') =>
    new SignJWT({ ...CLAIMS, iss: 'https://id.example', aud: 'footfall', ...more })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setExpirationTime('5m')
      .sign(keys.privateKey);

  test('are believed when they are from it and for us', async () => {
    const rights = await new TokenVerifier(trust).verify(await issued());
    expect(rights.may('analytics', 'a')).toBe(true);
  });

  test.each([
    ['for somebody else', { aud: 'shop' }, '"aud"'],
    ['from somebody else', { iss: 'https://evil.example' }, '"iss"'],
  ])('are refused when they are %s', async (_what, claims, claim) => {
    await expect(new TokenVerifier(trust).verify(await issued(claims))).rejects.toThrow(`the claim ${claim}`);
  });

  test('are refused when another key has signed them', async () => {
    const stranger = await generateKeyPair('ES256');
    const forged = new SignJWT({ ...CLAIMS, iss: 'https://id.example', aud: 'footfall' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setExpirationTime('5m')
      .sign(stranger.privateKey);
    await expect(new TokenVerifier(trust).verify(await forged)).rejects.toThrow('not signed by anybody');
    await expect(new TokenVerifier(trust).verify(await issued({}, 'two'))).rejects.toThrow(
      'not signed by anybody',
    );
  });

  test('whose public key was taken for a shared secret are refused', async () => {
    const publicKey = new TextEncoder().encode(JSON.stringify(shown));
    const forged = new SignJWT({ ...CLAIMS, iss: 'https://id.example', aud: 'footfall' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('5m')
      .sign(publicKey);
    await expect(new TokenVerifier(trust).verify(await forged)).rejects.toThrow('not signed by anybody');
  });

  test('cannot be read while it does not answer, and can once it does', async () => {
    const verifier = new TokenVerifier(trust);
    isDown = true;
    await expect(verifier.verify(await issued())).rejects.toThrow('cannot be read now');
    isDown = false;
    await expect(verifier.verify(await issued())).resolves.toBeDefined();
  });
});
