import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { type Embedding, signEmbedding } from '../../src/access/embedding.ts';
import { TokenVerifier } from '../../src/access/token-verifier.ts';
import { askHttp } from '../api/graphql-over-http.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const SECRET = 's'.repeat(32);
const PORTAL = 'https://portal.example';
const TRUST = { issuer: 'https://id.example', audience: 'footfall' };
const VIEW: Embedding = { view: 'footfall', mall: MALL, sites: [PORTAL, 'https://other.example:8443'] };
const nowS = () => Math.floor(Date.now() / 1_000);

let mall: TestMall;
let server: TestServer;
beforeAll(async () => {
  mall = await TestMall.open();
  const tokens = new TokenVerifier({ secrets: [SECRET], jwksUrl: null, ...TRUST });
  const doorkeeper = new Doorkeeper({ token: 'the-token-of-the-operator', clock: { nowS }, tokens });
  server = await openTestServer({ doorkeeper, ask: mall.ask });
});
afterAll(async () => {
  await server.close();
  await mall.close();
});

function tokenOf(changed: Partial<Embedding> = {}, { secret = SECRET, lastsS = 60 } = {}): Promise<string> {
  const at = nowS();
  return signEmbedding(
    { ...VIEW, ...changed },
    { secret, ...TRUST, nowS: at - 120, expiresAtS: at + lastsS },
  );
}

const open = (view: string, token?: string) =>
  fetch(`${server.url}/embed/${view}${token === undefined ? '' : `?token=${token}`}`);

test('a view shows itself in frames of its own sites alone, loads nothing, and is kept by nobody', async () => {
  const answer = await open('footfall', await tokenOf());
  expect(answer.status).toBe(200);
  const policy = answer.headers.get('content-security-policy')!;
  expect(policy).toContain(`frame-ancestors ${PORTAL} https://other.example:8443`);
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/);
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const page = await answer.text();
  expect(page).not.toMatch(/(src|href)=/);
  expect(page).toContain(`{"view":"footfall","mall":"${MALL}"}`);
});

test('what a mall is called can end no element of the page', async () => {
  const page = await (await open('footfall', await tokenOf({ mall: '</script><script>alert(1)' }))).text();
  expect(page.match(/<script/g)).toHaveLength(2);
});

describe.each<[string, () => Promise<string | undefined>, number]>([
  ['no token', async () => undefined, 401],
  ['a token of another secret', () => tokenOf({}, { secret: 'x'.repeat(32) }), 401],
  ['an expired token', () => tokenOf({}, { lastsS: -60 }), 401],
  ['a token of another view', () => tokenOf({ view: 'top-shops' }), 403],
  ['a token that lists no site', () => tokenOf({ sites: [] }), 403],
  ['a token that lists every site', () => tokenOf({ sites: ['*'] }), 403],
  ['a token whose site brings a rule along', () => tokenOf({ sites: [`${PORTAL}; script-src *`] }), 403],
  ['the token of the operator', async () => 'the-token-of-the-operator', 403],
])('%s', (_what, token, status) => {
  test('opens no view, and no frame shows the refusal', async () => {
    const brought = await token();
    const answer = await open('footfall', brought);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    if (brought !== undefined) expect(await answer.text()).not.toContain(brought);
  });
});

test('a view that does not exist is not opened', async () => {
  expect((await open('everything', await tokenOf())).status).toBe(403);
});

test('its token asks for the numbers of its own mall, and for nothing of anybody', async () => {
  const token = await tokenOf();
  const codes = async (query: string) => {
    const { body } = await askHttp(server.url, query, { token });
    return body.errors?.map(({ extensions }) => extensions.code) ?? [];
  };
  expect(await codes(`{ presentNow(mall: "${MALL}") { footfall } }`)).toEqual([]);
  expect(await codes('{ presentNow(mall: "other") { footfall } }')).toEqual(['FORBIDDEN']);
  expect(await codes(`{ customerPositions(mall: "${MALL}") { customer } }`)).toEqual(['FORBIDDEN']);
});

test('and stands in no line of the log', async () => {
  const token = await tokenOf();
  await open('footfall', token);
  await open('top-shops', token);
  expect(JSON.stringify(server.logged)).not.toContain(token.slice(-20));
});
