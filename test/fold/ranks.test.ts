import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Codebook } from '../../src/codebook.ts';
import { AccessPointDays } from '../../src/fold/access-point-days.ts';
import { outranks } from '../../src/fold/position-rule.ts';
import { ShopRanks } from '../../src/fold/shop-ranks.ts';
import { ACCESS_POINTS, createCodebook, heard, SHOPS } from './folding.ts';
import { byPositionRule, type Heard } from './reference.ts';

const said = fc
  .tuple(
    fc.constantFrom('', ...SHOPS),
    fc.constantFrom(null, ...ACCESS_POINTS),
    fc.constantFrom(null, -127, -60, 0),
  )
  .map(([shop, accessPoint, signalDbm]) => heard(1, 0, shop, accessPoint, signalDbm));

test('of two records of a second, exactly one ranks first by the rule, unless they say the same', () => {
  const codebook = createCodebook();
  const numbers = ({ signalDbm, accessPoint, shop }: Heard) =>
    [
      signalDbm ?? -128,
      accessPoint === null ? 0 : codebook.accessPoint(accessPoint),
      codebook.shop(shop),
    ] as const;
  fc.assert(
    fc.property(said, said, (a, b) => {
      expect(outranks(codebook, ...numbers(a), ...numbers(b))).toBe(byPositionRule(a, b) < 0);
      expect(outranks(codebook, ...numbers(b), ...numbers(a))).toBe(byPositionRule(b, a) < 0);
    }),
  );
});

test('shops rank by code, no shop last, and again when there are new ones', () => {
  const codebook = new Codebook(['b', 'a']);
  const ranks = new ShopRanks(codebook);
  const ranked = () => {
    const order: string[] = [];
    for (const [number, rank] of ranks.current().entries()) order[rank] = codebook.shopCode(number);
    return order;
  };
  expect(ranked()).toEqual(['a', 'b', '']);
  expect(ranks.current()).toBe(ranks.current());
  for (const code of ['aa', 'Z']) codebook.shop(code);
  expect(ranked()).toEqual(['Z', 'a', 'aa', 'b', '']);
});

describe('an access point of a day', () => {
  const codebook = new Codebook(['S2', 'S1']);
  const [second, first] = [1, 2];
  const rowOf = (...records: readonly (readonly [atS: number, shop: number])[]) => {
    const days = new AccessPointDays(codebook);
    for (const [atS, shop] of records) days.hear(7, atS, shop);
    return days.rows();
  };

  test.each([
    [
      'has the shop of its newest record',
      [
        [5, second],
        [9, first],
        [7, second],
      ],
      9,
      first,
    ],
    [
      'has no shop when its newest record names none',
      [
        [5, second],
        [9, 0],
      ],
      9,
      0,
    ],
    [
      'has the lowest code of its newest second',
      [
        [9, second],
        [9, first],
        [9, second],
      ],
      9,
      first,
    ],
    [
      'has a code rather than none in its newest second',
      [
        [9, 0],
        [9, second],
        [9, 0],
      ],
      9,
      second,
    ],
    ['has no shop when its only record names none', [[0, 0]], 0, 0],
  ] as const)('%s', (_name, records, lastHeardS, shop) => {
    expect(rowOf(...records)).toEqual([{ accessPoint: 7, lastHeardS, shop, records: records.length }]);
  });

  test('that no record names is not listed, and records that name none are nobody’s', () => {
    const days = new AccessPointDays(codebook);
    days.hear(0, 5, first);
    expect(days.rows()).toEqual([]);
    days.hear(900, 5, first);
    days.hear(3, 5, 0);
    expect(days.rows().map(({ accessPoint }) => accessPoint)).toEqual([3, 900]);
  });
});
