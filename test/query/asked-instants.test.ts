import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { customerPositions } from '../../src/query/customer-positions.ts';
import { density } from '../../src/query/density.ts';
import { densityHistory } from '../../src/query/density-history.ts';
import { MALL, TestMall } from './test-mall.ts';

let mall: TestMall;
beforeAll(async () => {
  mall = await TestMall.open({ timeZone: 'Europe/Berlin' });
});
afterAll(() => mall.close());

const YEAR_50_S = Date.parse('0050-01-01T00:00:00Z') / 1_000;
const RANGE = 'from 1970-01-01T00:00:00Z to 2106-02-07T06:28:15Z';

describe('an instant at which no record can have occurred', () => {
  test.each([
    [
      'customerPositions',
      () => customerPositions(mall.ask, { mall: MALL, atS: YEAR_50_S, seenWithinS: 600 }),
    ],
    ['density', () => density(mall.ask, { mall: MALL, atS: -1 })],
    [
      'densityHistory, as its start',
      () => densityHistory(mall.ask, { mall: MALL, fromS: YEAR_50_S, untilS: YEAR_50_S + 60, first: 10 }),
    ],
    [
      'densityHistory, as its end',
      () => densityHistory(mall.ask, { mall: MALL, fromS: 2 ** 32 - 60, untilS: 2 ** 32, first: 10 }),
    ],
  ])('is refused by %s, which says what would be right', async (_question, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'BAD_DATE', message: expect.stringContaining(RANGE) });
  });

  test('the first one that can be is answered, though what it looks back at lies before', async () => {
    const asked = { mall: MALL, atS: 0, seenWithinS: 90_000 };
    expect(await customerPositions(mall.ask, asked)).toEqual([]);
  });
});
