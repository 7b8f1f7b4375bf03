import { describe, expect, test } from '@jest/globals';
import { Codebook, OVERFLOW_SHOP } from '../../src/codebook.ts';
import { NameGate } from '../../src/decode/name-gate.ts';

const DAY = 19_888;

function gate(limit?: number) {
  const codebook = new Codebook();
  const knownShops = new Set<string>();
  const knownMacs = new Set<number>();
  const names = new NameGate({
    codebook,
    isKnownShop: (code) => knownShops.has(code),
    isKnownAccessPoint: (mac) => knownMacs.has(mac),
    ...(limit === undefined ? {} : { limit }),
  });
  const shop = (day: number, code: string) => codebook.shopCode(names.shop(day, code));
  const accessPoint = (day: number, mac: number) => codebook.accessPointMac(names.accessPoint(day, mac));
  return { codebook, knownShops, knownMacs, names, shop, accessPoint };
}

describe('unknown shop codes', () => {
  test('beyond the limit of a day count as the overflow shop, and get no number', () => {
    const { codebook, names, shop } = gate(2);
    expect(['A', 'B', 'C', 'A', 'D'].map((code) => shop(DAY, code))).toEqual([
      'A',
      'B',
      OVERFLOW_SHOP,
      'A',
      OVERFLOW_SHOP,
    ]);
    expect(codebook.findShop('C')).toBeUndefined();
    expect(codebook.shopCount).toBe(3);
    expect(names.overflowed).toEqual({ shops: 2, accessPoints: 0 });
  });

  test('have their limit day by day, also where they have a number already', () => {
    const { shop } = gate(1);
    expect(shop(DAY, 'A')).toBe('A');
    expect(shop(DAY + 1, 'B')).toBe('B');
    expect(shop(DAY + 1, 'A')).toBe(OVERFLOW_SHOP);
    expect(shop(DAY, 'A')).toBe('A');
  });

  test('are 2,000 when nothing else is said', () => {
    const { names, shop, codebook } = gate();
    for (let i = 0; i < 2_000; i++) expect(shop(DAY, `Z${i}`)).toBe(`Z${i}`);
    for (let i = 0; i < 10_000; i++) names.shop(DAY, `flood ${i}`);
    expect(codebook.shopCount).toBe(2_001);
    expect(names.overflowed.shops).toBe(10_000);
  });

  test('leave known shops alone: these are admitted, and do not count', () => {
    const { knownShops, shop } = gate(1);
    for (const code of ['S1', 'S2', 'S3']) knownShops.add(code);
    expect(['S1', 'S2', 'A', 'B', 'S3'].map((code) => shop(DAY, code))).toEqual([
      'S1',
      'S2',
      'A',
      OVERFLOW_SHOP,
      'S3',
    ]);
  });

  test('no longer count once the directory knows them; those that it forgets count again', () => {
    const { knownShops, names, shop } = gate(1);
    expect(shop(DAY, 'A')).toBe('A');
    expect(shop(DAY, 'B')).toBe(OVERFLOW_SHOP);
    knownShops.add('A');
    names.directoryChanged();
    expect(shop(DAY, 'B')).toBe('B');
    expect(shop(DAY, 'C')).toBe(OVERFLOW_SHOP);
    knownShops.delete('A');
    knownShops.add('C');
    names.directoryChanged();
    expect(['A', 'B', 'C', 'D'].map((code) => shop(DAY, code))).toEqual(['A', 'B', 'C', OVERFLOW_SHOP]);
  });

  test('a record that names no shop takes nobody’s place', () => {
    const { shop } = gate(1);
    expect(['', 'A', 'B'].map((code) => shop(DAY, code))).toEqual(['', 'A', OVERFLOW_SHOP]);
  });
});

describe('unknown access points', () => {
  test('beyond the limit of a day count as none, and get no number', () => {
    const { codebook, knownMacs, names, accessPoint } = gate(2);
    knownMacs.add(9);
    expect([1, 2, 3, 9, 1, 4].map((mac) => accessPoint(DAY, mac))).toEqual([1, 2, -1, 9, 1, -1]);
    expect(codebook.findAccessPoint(3)).toBeUndefined();
    expect(names.overflowed).toEqual({ shops: 0, accessPoints: 2 });
    expect(names.accessPointNumber(DAY + 1, codebook.findAccessPoint(2)!)).toBe(codebook.findAccessPoint(2));
  });
});

describe('what the store has of a day', () => {
  test('is admitted and counts towards the limit', () => {
    const { codebook, knownShops, names, shop, accessPoint } = gate(2);
    knownShops.add('S1');
    const stored = ['S1', 'A', 'B'].map((code) => codebook.shop(code));
    names.seed(DAY, [0, ...stored], [0, codebook.accessPoint(1), codebook.accessPoint(2)]);
    expect(['A', 'B', 'C', 'S1'].map((code) => shop(DAY, code))).toEqual(['A', 'B', OVERFLOW_SHOP, 'S1']);
    expect([1, 2, 3].map((mac) => accessPoint(DAY, mac))).toEqual([1, 2, -1]);
  });

  test('is asked for on days that admitted an unknown name', () => {
    const { codebook, knownShops, names } = gate();
    knownShops.add('S1');
    names.shop(DAY + 2, 'A');
    names.accessPoint(DAY + 1, 7);
    names.shop(DAY + 3, 'S1');
    names.seed(DAY + 4, [], []);
    names.shop(DAY + 4, 'A');
    expect(names.unseededDays()).toEqual([DAY + 1, DAY + 2]);
    names.seed(DAY + 2, [codebook.shop('A')], []);
    expect(names.unseededDays()).toEqual([DAY + 1]);
  });

  test('is asked for again after the day was forgotten', () => {
    const { names } = gate();
    names.shop(DAY, 'A');
    names.seed(DAY, [], []);
    names.forget(DAY);
    expect(names.unseededDays()).toEqual([]);
    names.forget(DAY + 1);
    names.shop(DAY, 'A');
    expect(names.unseededDays()).toEqual([DAY]);
  });
});
