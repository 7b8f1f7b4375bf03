import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ask, ServedMall } from '../../src/query/answers.ts';
import { HeldRows } from '../../src/query/held-rows.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { askHttp, type GraphqlBody } from './graphql-over-http.ts';

const DAYS = ['2024-06-11', '2024-06-12', '2024-06-13'] as const;
const RANGE = `mall: "${MALL}", from: "${DAYS[0]}", to: "${DAYS[2]}"`;
const DATE = `mall: "${MALL}", date: "${DAYS[1]}"`;
const ROW = 'date settled asOf stale';
const QUESTIONS = [
  `mallFootfall(${RANGE}) { footfall newCustomers returningCustomers ${ROW} }`,
  `hourlyFootfall(${RANGE}) { hourStart footfall ${ROW} }`,
  `hourlyFootfall(${RANGE}, shop: "A") { hourStart footfall ${ROW} }`,
  `shopFootfall(${RANGE}) { shop { code name } footfall entered visits dwellSeconds ${ROW} }`,
  `shopFootfall(${RANGE}, shops: ["B", "X"]) { shop { code name } footfall ${ROW} }`,
  `newCustomers(${RANGE}) { newCustomers ${ROW} }`,
  `topShops(${DATE}) { rank shop { code name } footfall ${ROW} }`,
  `peakHour(${RANGE}) { hourStart footfall ${ROW} }`,
  `favoriteShops(${DATE}) { nodes { customer shop { name } visits ${ROW} } pageInfo { endCursor } }`,
  `repeatShops(${DATE}) { nodes { customer shop { name } visits ${ROW} } }`,
];

let mall: TestMall;
let served: ServedMall;
let kept: TestServer;
let anew: TestServer;

async function openServers(options: Parameters<typeof TestMall.open>[0] = {}): Promise<void> {
  mall = await TestMall.open(options);
  served = mall.opened;
  const ask: Ask = { ...mall.ask, served: (code) => (code === MALL ? served : undefined) };
  kept = await openTestServer({ ask: { ...ask, held: new HeldRows() } });
  anew = await openTestServer({ ask });
}

async function closeServers(): Promise<void> {
  await Promise.all([kept.close(), anew.close()]);
  await mall.close();
}

/** An inline fragment is asked anew each time. */
async function answersOf(): Promise<{ kept: unknown; anew: unknown }> {
  const bodies = async (url: string, wrap: (question: string) => string) =>
    Promise.all(QUESTIONS.map(async (question) => withoutPlaces((await askHttp(url, wrap(question))).body)));
  return {
    kept: await bodies(kept.url, (question) => `{ ${question} }`),
    anew: await bodies(anew.url, (question) => `{ ... on Query { ${question} } }`),
  };
}

/** The two texts are not alike. */
function withoutPlaces({ errors, ...body }: GraphqlBody): unknown {
  return { ...body, errors: errors?.map((error) => ({ ...error, locations: undefined })) };
}

type Step = readonly [name: string, run: () => Promise<void> | void];

const clockTime = fc
  .integer({ min: 0, max: 86_399 })
  .map((s) => new Date(s * 1_000).toISOString().slice(11, 19));
const hear: fc.Arbitrary<Step> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...DAYS), clockTime, fc.constantFrom('A', 'B', 'X'))
  .map(([device, day, time, shop]) => [
    `hear ${device} ${day} ${time} ${shop}`,
    () => mall.hear([device, `${day} ${time}`, shop, 1, -50]),
  ]);
const settle: fc.Arbitrary<Step> = fc
  .constantFrom(...DAYS)
  .map((day) => [`settle ${day}`, () => mall.settle(day)]);
const others: Step[] = [
  ['a second passes', () => mall.tick()],
  ['a day passes', () => mall.tick(86_400)],
  [
    'a shop gets another name',
    () => {
      const shops = new Map(served.mall.shops).set('A', `Apples ${served.mall.shops.get('A')}`.slice(0, 40));
      served = Object.create(served, { mall: { value: { ...served.mall, shops } } });
    },
  ],
];
const steps = fc.array(fc.oneof(hear, settle, settle, fc.constantFrom(...others)), { maxLength: 12 });

test('whatever happens in between, an answer that was kept is the one that would be made now', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(undefined, 3), async (taken, keepRawDays) => {
      await openServers(keepRawDays === undefined ? {} : { keepRawDays, keepCustomerDays: keepRawDays });
      try {
        for (const [, run] of taken) {
          await run();
          const answers = await answersOf();
          expect(answers.kept).toEqual(answers.anew);
        }
      } finally {
        await closeServers();
      }
    }),
    { numRuns: 25 },
  );
});

describe('over HTTP', () => {
  const TOTALS = `{ ${QUESTIONS[0]} }`;
  beforeAll(async () => {
    await openServers();
    await mall.hear([1, `${DAYS[0]} 10:00:00`, 'A', 1, -50]);
    await mall.settle(...DAYS);
  });
  afterAll(closeServers);

  const preflight = { 'apollo-require-preflight': 'true' };
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${kept.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { ...preflight, ...headers },
    });

  test('an answer of settled days may be kept by whoever asks here each time whether it holds', async () => {
    const first = await get(TOTALS);
    expect(first.headers.get('cache-control')).toBe('public, no-cache');
    expect(first.headers.get('vary')).toContain('authorization');
    const etag = first.headers.get('etag')!;
    const again = await get(TOTALS, { 'if-none-match': `"other", W/${etag}` });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    const metrics = await (await fetch(`${kept.url}/metrics`)).text();
    expect(metrics).toMatch(/^footfall_graphql_kept_answers_total [1-9]/m);
    await mall.hear([2, `${DAYS[0]} 11:00:00`, 'A', 1, -50]);
    const later = await get(TOTALS, { 'if-none-match': etag });
    expect(later.status).toBe(200);
    expect(await later.json()).toMatchObject({ data: { mallFootfall: [{ settled: false }, {}, {}] } });
    await mall.settle(DAYS[0]);
  });

  test('what else an answer varies by stays said', async () => {
    const portal = 'https://portal.example';
    const server = await openTestServer({ ask: mall.ask, corsOrigins: [portal] });
    const answer = await fetch(`${server.url}/graphql?query=${encodeURIComponent(TOTALS)}`, {
      headers: { ...preflight, origin: portal },
    });
    const varies = answer.headers.get('vary')!.toLowerCase().split(/, */);
    expect(varies.sort()).toEqual(['accept', 'authorization', 'origin']);
    await server.close();
  });

  test.each([
    ['of this moment', `{ presentNow(mall: "${MALL}") { footfall } }`],
    ['of a mall', `{ malls { code } ${QUESTIONS[0]} }`],
    ['with an error', `{ ${QUESTIONS[0]} topShops(${DATE}, limit: 0) { rank } }`],
    ['that nothing was asked in', '{ __typename }'],
  ])('one %s is kept by nobody', async (_what, query) => {
    const answer = await get(query);
    expect([answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual(['no-store', null]);
  });

  test('a page of another site, which can send no header of its own, is given none that was kept', async () => {
    await get(TOTALS);
    const plain = await fetch(`${kept.url}/graphql?query=${encodeURIComponent(TOTALS)}`);
    expect([plain.status, await plain.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  test('a query is asked by its hash once its text was sent', async () => {
    const { createHash } = await import('node:crypto');
    const query = `{ ${QUESTIONS[5]} }`;
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash } }));
    const byHash = async (text = '') =>
      (await fetch(`${kept.url}/graphql?extensions=${extensions}${text}`, { headers: preflight })).json();
    expect(await byHash()).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
    const sent = await byHash(`&query=${encodeURIComponent(query)}`);
    expect(sent).toMatchObject({ data: { newCustomers: [{ date: DAYS[0] }, {}, {}] } });
    expect(await byHash()).toEqual(sent);
  });

  test('those who ask the same at the same time wait for one answer', async () => {
    let reads = 0;
    const { store } = mall;
    const counted = (of: typeof store): typeof store =>
      new Proxy(of, {
        get(target, name) {
          const method = Reflect.get(target, name);
          if (name === 'until') return (signal: AbortSignal) => counted(target.until(signal));
          if (name === 'dayTotals') reads++;
          return typeof method === 'function' ? method.bind(target) : method;
        },
      });
    const server = await openTestServer({ ask: { ...mall.ask, store: counted(store) } });
    const bodies = await Promise.all(Array.from({ length: 20 }, () => askHttp(server.url, TOTALS)));
    expect(new Set(bodies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(reads).toBe(1);
    await server.close();
  });
});
