import { afterEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import type { LiveMall } from '../../src/live/live.ts';
import type { Ask } from '../../src/query/answers.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import type { Store } from '../../src/store/store.ts';
import { MALL, TestMall, type TestMallOptions } from './test-mall.ts';

const DATE = '2024-06-13';
const ARGS = { mall: MALL, from: DATE, to: DATE };

let mall: TestMall;
afterEach(() => mall.close());

async function openWithOne(options: TestMallOptions = {}): Promise<void> {
  mall = await TestMall.open(options);
  await mall.hear([1, `${DATE} 10:00:00`, 'A', 1, -50]);
}

async function state(ask: Ask = mall.ask): Promise<unknown> {
  const [row] = await mallFootfall(ask, ARGS);
  const { settled, asOfS, stale, footfall } = row!;
  return { settled, asOfS, stale, footfall };
}

describe('how final a day is', () => {
  test('open: as of the receipt of its newest counted record', async () => {
    await openWithOne();
    const asOfS = mall.nowS;
    mall.tick(500);
    expect(await state()).toEqual({ settled: false, asOfS, stale: false, footfall: 1 });
  });

  test('settled: as of when', async () => {
    await openWithOne();
    mall.tick(500);
    await mall.settle(DATE);
    expect(await state()).toEqual({ settled: true, asOfS: mall.nowS, stale: false, footfall: 1 });
  });

  test('settled, then a late record: the numbers of the last settlement, until it settles again', async () => {
    await openWithOne();
    await mall.settle(DATE);
    const asOfS = mall.nowS;
    mall.tick(500);
    await mall.hear([2, `${DATE} 11:00:00`, 'A', 1, -50]);
    expect(await state()).toEqual({ settled: false, asOfS, stale: false, footfall: 1 });
    await mall.settle(DATE);
    expect(await state()).toEqual({ settled: true, asOfS: mall.nowS, stale: false, footfall: 2 });
  });

  test('frozen: settled for good, whatever came after the last settlement', async () => {
    await openWithOne({ keepRawDays: 7, keepCustomerDays: 7 });
    await mall.settle(DATE);
    const asOfS = mall.nowS;
    await mall.hear([2, `${DATE} 11:00:00`, 'A', 1, -50]);
    mall.setClock('2024-06-19 23:59:59');
    expect(await state()).toEqual({ settled: false, asOfS, stale: false, footfall: 1 });
    mall.setClock('2024-06-20 00:00:00');
    expect(await state()).toEqual({ settled: true, asOfS, stale: false, footfall: 1 });
  });

  test.each(['2024-06-12', '2031-01-01'])('no record ever (%s): zeros, as of never', async (date) => {
    await openWithOne();
    const [row] = await mallFootfall(mall.ask, { mall: MALL, from: date, to: date });
    expect(row).toMatchObject({ settled: false, asOfS: null, stale: false, footfall: 0, newCustomers: 0 });
  });

  test('opened, and its first record not counted yet: as of never', async () => {
    await openWithOne();
    const live = { stale: false, openDay: () => ({ ...emptyDay(), asOfS: 0 }) } as unknown as LiveMall;
    expect(await state(withLive(live))).toEqual({ settled: false, asOfS: null, stale: false, footfall: 0 });
  });

  test('stale where the fold cannot be reached, but not when the answer is the store’s', async () => {
    await openWithOne();
    expect(await state(withLive(undefined))).toMatchObject({ settled: false, asOfS: null, stale: true });
    await mall.settle(DATE);
    expect(await state(withLive(undefined))).toMatchObject({ settled: true, stale: false, footfall: 1 });
  });
});

describe('a day that settles while it is asked about', () => {
  // The day before has settled, so that the stored answers are read too.
  const args = { ...ARGS, from: '2024-06-12' };

  test.each([
    ['before', 'dayStates'],
    ['after', 'dayStates'],
    ['before', 'dayTotals'],
    ['before', 'shopTotals'],
  ] as const)('never shows zeros: just %s %s', async (when, step) => {
    await openWithOne();
    await mall.hear([1, '2024-06-12 10:00:00', 'A', 1, -50]);
    await mall.settle('2024-06-12');
    mall.tick(60);
    const question = step === 'shopTotals' ? shopFootfall : mallFootfall;
    const { ask, hasSettled } = settlingWhen(mall, step, when);
    const answer = await question(ask, args);
    expect(hasSettled()).toBe(true);
    expect(answer.filter(({ footfall }) => footfall === 1)).toHaveLength(2);
    expect(answer.at(-1)!.settled).toBe(when === 'before' && step === 'dayStates');
  });
});

test('a question about open days alone does not ask the store', async () => {
  await openWithOne();
  const store = new Proxy({} as Store, {
    get: (_store, method) => () => Promise.reject(new Error(`asked for ${String(method)}`)),
  });
  expect(await state({ ...mall.ask, store })).toMatchObject({ footfall: 1, settled: false });
});

function withLive(live: LiveMall | undefined): Ask {
  return { ...mall.ask, live: { mall: () => live } };
}

/** Settles the day when a question comes to a step. */
function settlingWhen(
  plaza: TestMall,
  step: keyof Store,
  when: 'before' | 'after',
): { ask: Ask; hasSettled: () => boolean } {
  let settled = false;
  const settle = async () => {
    await plaza.settle(DATE);
    settled = true;
  };
  const store = new Proxy(plaza.store, {
    get(target, method: keyof Store) {
      const call = (target[method] as (...args: unknown[]) => unknown).bind(target);
      if (method !== step) return call;
      return async (...args: unknown[]) => {
        if (when === 'before') await settle();
        const answer = await call(...args);
        if (when === 'after') await settle();
        return answer;
      };
    },
  });
  return { ask: { ...plaza.ask, store }, hasSettled: () => settled };
}

function emptyDay() {
  const day = parseDay(DATE)!;
  return {
    day,
    totals: () => ({ day, footfall: 0, newCustomers: 0 }),
    shops: () => [],
    hours: () => [],
  };
}
