import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Ask } from '../../src/query/answers.ts';
import { hourlyFootfall } from '../../src/query/hourly-footfall.ts';
import { ingest } from '../../src/query/ingest.ts';
import { mall as mallQuestion } from '../../src/query/mall.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { newCustomers } from '../../src/query/new-customers.ts';
import { peakHour } from '../../src/query/peak-hour.ts';
import { RowBudget } from '../../src/query/row-budget.ts';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import { topShops } from '../../src/query/top-shops.ts';
import { MALL, TestMall } from './test-mall.ts';

let mall: TestMall;
beforeAll(async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-14 10:00:00', 'A', 1]);
});
afterAll(() => mall.close());

const RANGE = { mall: MALL, from: '2024-01-01', to: '2024-03-31' };

/** How many rows of a request's budget an answer takes. */
async function taken(question: (ask: Ask) => Promise<unknown>): Promise<number> {
  let rows = 0;
  const budget = new RowBudget();
  budget.take = (more) => {
    rows += more;
    return true;
  };
  await question({ ...mall.ask, rows: budget });
  return rows;
}

test.each<[string, number, (ask: Ask) => Promise<unknown>]>([
  ['mallFootfall', 91, (ask) => mallFootfall(ask, RANGE)],
  ['newCustomers', 91, (ask) => newCustomers(ask, RANGE)],
  ['peakHour', 91, (ask) => peakHour(ask, RANGE)],
  ['hourlyFootfall', 91 * 24, (ask) => hourlyFootfall(ask, RANGE)],
  ['shopFootfall', 91 * 3, (ask) => shopFootfall(ask, RANGE)],
  ['ingest', 91, (ask) => ingest(ask, RANGE)],
  ['topShops', 1, (ask) => topShops(ask, { mall: MALL, date: '2024-06-14', limit: 5 })],
  ['mall', 4, (ask) => mallQuestion(ask, MALL)],
])('an answer of %s takes its %d rows from what its request may have', async (_question, rows, ask) => {
  expect(await taken(ask)).toBe(rows);
});

test('questions of one request that are small each are refused once they are too many together', async () => {
  const range = { mall: MALL, from: '2022-01-01', to: '2025-01-04' };
  const ask = { ...mall.ask, rows: new RowBudget() };
  expect(await hourlyFootfall(ask, range)).toHaveLength(26_400);
  await expect(hourlyFootfall(ask, range)).rejects.toMatchObject({
    code: 'ANSWER_TOO_LARGE',
    message:
      'the answers of this request have more than 50,000 rows together; ask fewer questions at a time, or ask for fewer days',
  });
  expect(await hourlyFootfall({ ...mall.ask, rows: new RowBudget() }, range)).toHaveLength(26_400);
});
