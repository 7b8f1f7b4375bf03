import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { MALL, TestMall } from '../query/test-mall.ts';
import { askHttp, type GraphqlBody } from './graphql-over-http.ts';
import { askSocket } from './graphql-over-socket.ts';

let mall: TestMall;
let server: TestServer;
beforeAll(async () => {
  mall = await TestMall.open();
  server = await openTestServer({ ask: mall.ask });
});
afterAll(async () => {
  await server.close();
  await mall.close();
});

const HOURS = `hourlyFootfall(mall: "${MALL}", from: "2022-01-01", to: "2025-01-04") { footfall }`;

function underAliases(question: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `a${i}: ${question}`).join(' ');
}

describe.each<[string, (query: string) => Promise<GraphqlBody>]>([
  ['HTTP', async (query) => (await askHttp(server.url, query, {})).body],
  ['a WebSocket', (query) => askSocket(server.url, query)],
])('one request over %s', (_name, ask) => {
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
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('at most 100 questions'),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ]);
  });
});
