import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { askHttp, type GraphqlBody } from './graphql-over-http.ts';
import { askSocket } from './graphql-over-socket.ts';

let mall: TestMall;
let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  mall = await TestMall.open();
  server = await openTestServer({ ask: mall.ask });
  closed = await openTestServer({ ask: mall.ask, limits: { introspection: false } });
});
afterAll(async () => {
  await Promise.all([server.close(), closed.close()]);
  await mall.close();
});

const HOURS = `hourlyFootfall(mall: "${MALL}", from: "2022-01-01", to: "2025-01-04") { footfall }`;

function underAliases(question: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `a${i}: ${question}`).join(' ');
}

function repeated(text: string, count: number): string {
  return Array.from({ length: count }, () => text).join(' ');
}

const refused = (message: string, code = 'GRAPHQL_VALIDATION_FAILED') =>
  expect.arrayContaining([
    expect.objectContaining({
      message: expect.stringContaining(message),
      extensions: expect.objectContaining({ code }),
    }),
  ]);

type AskQuery = (query: string, variables?: Record<string, unknown>) => Promise<GraphqlBody>;

describe.each<[string, (url: string) => AskQuery]>([
  [
    'HTTP',
    (url) =>
      async (query, variables = {}) =>
        (await askHttp(url, query, { variables })).body,
  ],
  ['a WebSocket', (url) => (query, variables) => askSocket(url, query, variables)],
])('one request over %s', (_name, over) => {
  const ask: AskQuery = (query, variables) => over(server.url)(query, variables);
  const askClosed: AskQuery = (query) => over(closed.url)(query);

  test('has 50,000 rows at most, under however many aliases; the next one has as many again', async () => {
    const { errors } = await ask(`{ ${underAliases(HOURS, 3)} }`);
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('ANSWER_TOO_LARGE');
    expect((await ask(`{ ${HOURS} }`)).errors).toBeUndefined();
  });

  test.each([
    ['side by side', (questions: string) => `{ ${questions} }`],
    ['in a fragment', (questions: string) => `{ ...Many } fragment Many on Query { ${questions} }`],
  ])('asks 100 questions at most, %s', async (_where, wrap) => {
    expect((await ask(wrap(underAliases('malls { code }', 100)))).errors).toBeUndefined();
    const { errors } = await ask(wrap(underAliases('malls { code }', 101)));
    expect(errors).toEqual(refused('at most 100 questions'));
  });

  test('has at most 250 aliases', async () => {
    expect((await ask(`{ malls { ${underAliases('code', 250)} } }`)).errors).toBeUndefined();
    const { errors } = await ask(`{ malls { ${underAliases('code', 251)} } }`);
    expect(errors).toEqual(refused('at most 250 aliases'));
  });

  test('has at most 100 directives', async () => {
    const fields = (count: number) => `{ malls { ${repeated('code @include(if: true)', count)} } }`;
    expect((await ask(fields(100))).errors).toBeUndefined();
    expect((await ask(fields(101))).errors).toEqual(refused('at most 100 directives'));
  });

  test.each([
    ['written out', `{ malls ${'{ shops '.repeat(10)} { code } ${'}'.repeat(10)} }`],
    [
      'in fragments',
      `{ ...F0 } ${Array.from({ length: 11 }, (_, i) => `fragment F${i} on Mall { shops { ...F${i + 1} } }`).join(' ')}
       fragment F11 on Mall { code }`,
    ],
  ])('has fields inside of fields at most 10 deep, %s', async (_how, query) => {
    expect((await ask(query)).errors).toEqual(refused('at most 10 deep'));
  });

  test('may have a million values, counted by its arguments before anything is read', async () => {
    const days = 'from: "2024-01-01", to: "2024-12-31"';
    const rows = (fields: string) => `hourlyFootfall(mall: "${MALL}", ${days}) { ${fields} }`;
    expect((await ask(`{ ${rows(underAliases('footfall', 100))} }`)).errors).toBeUndefined();
    const costly = refused('more than 1,000,000 values', 'TOO_COSTLY');
    expect((await ask(`{ ${rows(underAliases('footfall', 110))} }`)).errors).toEqual(costly);
    const parts = `{ a: ${rows('...F')} b: ${rows('...F')} } fragment F on HourlyFootfall { ${underAliases('footfall', 60)} }`;
    expect((await ask(parts)).errors).toEqual(costly);
    const pages = `query ($first: Int!) { favoriteShops(mall: "${MALL}", date: "2024-06-13", first: $first) { nodes { ${underAliases('visits', 240)} } } }`;
    expect((await ask(pages, { first: 5_000_000 })).errors).toEqual(costly);
    expect((await ask(pages, { first: 10 })).errors).toBeUndefined();
  });

  test('may not hold fragments in fragments beyond number', async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Mall { ...F${i + 1} ...F${i + 1} }`,
    );
    const query = `{ malls { ...F0 } } ${fragments.join(' ')} fragment F40 on Mall { code }`;
    expect((await ask(query)).errors).toEqual(refused('more than 1,000,000 values', 'TOO_COSTLY'));
  });

  test('tells the schema, unless it is not to be told', async () => {
    const schema = '{ __schema { queryType { name } } __type(name: "Mall") { name } }';
    expect((await ask(schema)).data).toMatchObject({ __type: { name: 'Mall' } });
    expect((await askClosed(schema)).errors).toEqual(refused('introspection'));
    const typo = '{ mals { code } }';
    expect((await ask(typo)).errors).toEqual(refused('Did you mean "mall" or "malls"'));
    const { errors } = await askClosed(typo);
    expect(errors).toMatchObject([{ message: 'Cannot query field "mals" on type "Query".' }]);
    expect((await askClosed('{ malls { __typename code } }')).errors).toBeUndefined();
  });
});
