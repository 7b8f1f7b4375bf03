import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Browser, chromium, type Frame } from 'playwright-core';
import { Doorkeeper } from '../../src/access/doorkeeper.ts';
import { type Embedding, signEmbedding } from '../../src/access/embedding.ts';
import { TokenVerifier } from '../../src/access/token-verifier.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { until } from '../system/until.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const CHROMIUM = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
const SECRET = 's'.repeat(32);
const DATE = '2024-06-14';

const inBrowser = describeOnlyWhere(
  existsSync(CHROMIUM),
  'views in a browser',
  'there is no /usr/bin/chromium and CHROMIUM_PATH is not set',
);

inBrowser('a view in a frame of another site', () => {
  let mall: TestMall;
  let server: TestServer;
  let browser: Browser;
  let portal: Server;
  let shown = '';
  let nowS = Math.floor(Date.now() / 1_000);
  beforeAll(async () => {
    mall = await TestMall.open({ now: `${DATE} 12:00:00` });
    const tokens = new TokenVerifier({ secrets: [SECRET], jwksUrl: null, issuer: null, audience: null });
    const doorkeeper = new Doorkeeper({
      token: 'the-token-of-the-operator',
      clock: { nowS: () => nowS },
      tokens,
    });
    server = await openTestServer({ doorkeeper, ask: mall.ask });
    portal = createServer((_request, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.end(`<!doctype html><iframe src="${shown}"></iframe>`);
    }).listen(0, '127.0.0.1');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    portal.close();
    await server.close();
    await mall.close();
  });

  const portalUrl = () => `http://127.0.0.1:${(portal.address() as AddressInfo).port}`;

  /** Its page, framed by the portal; what the browser complains of is kept. */
  async function frame(changed: Partial<Embedding>): Promise<{ frame: Frame; complaints: string[] }> {
    const embedding = { view: 'footfall', mall: MALL, sites: [portalUrl()], ...changed } as const;
    const expiresAtS = nowS + 60;
    const token = await signEmbedding(embedding, {
      secret: SECRET,
      issuer: null,
      audience: null,
      nowS,
      expiresAtS,
    });
    shown = `${server.url.replace('127.0.0.1', 'localhost')}/embed/${embedding.view}?token=${token}`;
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(portalUrl());
    return { frame: page.frames()[1]!, complaints };
  }

  test('shows the numbers as they are, moves with them, and keeps its token out of its address', async () => {
    await mall.hear([1, `${DATE} 10:00:00`, 'A', 1, -50], [2, `${DATE} 10:00:00`, 'B', 2, -50]);
    mall.tick();
    const { frame: view, complaints } = await frame({});
    expect(await view.locator('.large').textContent()).toBe('2');
    expect(await view.locator('.small').textContent()).toBe('devices today, 2 new, 0 returning');
    expect(view.url()).toMatch(/\/embed\/footfall$/);
    await mall.hear([3, `${DATE} 10:01:00`, 'A', 1, -50]);
    mall.tick();
    await until('the third device', async () => (await view.locator('.large').textContent()) === '3');
    expect(complaints).toEqual([]);
    await view.page().close();
  });

  test('shows top shops by their names', async () => {
    const { frame: view } = await frame({ view: 'top-shops' });
    await view.locator('.row').first().waitFor();
    expect(await view.locator('.row').allTextContents()).toEqual(['Apples2', 'Books1']);
    await view.page().close();
  });

  test('says so when its time is over', async () => {
    const { frame: view } = await frame({});
    await view.locator('.large').waitFor();
    nowS += 61;
    await until(
      'its end',
      async () => (await view.locator('#state').textContent()) === 'This view has expired.',
    );
    nowS -= 61;
    await view.page().close();
  });

  test('refuses to be framed elsewhere', async () => {
    const { frame: view, complaints } = await frame({ sites: ['https://portal.example'] });
    await until('the refusal', () =>
      complaints.some((complaint) => /frame-ancestors|Framing/.test(complaint)),
    );
    expect(await view.locator('.large').count()).toBe(0);
    await view.page().close();
  });
});
