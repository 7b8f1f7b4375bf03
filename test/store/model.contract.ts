import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Codebook } from '../../src/codebook.ts';
import type { Store } from '../../src/store/store.ts';
import type {
  Customer,
  DayArrival,
  DaySettlement,
  DayTotals,
  EpochDay,
  ShopTotals,
} from '../../src/terms.ts';
import {
  byDevice,
  changesOf,
  commitOf,
  customerRows,
  DAY,
  DEVICES,
  type Record,
  recordsOf,
  replacementOf,
  type ShopDay,
  shopDayRows,
  shopDaysOf,
} from './examples.ts';
import type { OpenedStore, OpenStore } from './opened-store.ts';

const EVER = { from: 0, to: 40_000 };
const PAGE = { afterDevice: 0, devicesMax: 1_000, visitsMin: 0 };
const DAYS = [DAY, DAY + 1, DAY + 2];

type Step =
  | { readonly kind: 'commit' | 'repeated commit'; readonly records: readonly Record[] }
  | { readonly kind: 'replacement'; readonly day: EpochDay; readonly shopDays: readonly ShopDay[] }
  | { readonly kind: 'customers'; readonly customers: readonly Customer[] }
  | { readonly kind: 'expiry'; readonly day: EpochDay }
  | { readonly kind: 'reopening' };

const day = fc.constantFrom(...DAYS);
const device = fc.constantFrom(...DEVICES, 2 ** 32, 2 ** 32 - 1, 2 ** 45);
const shop = fc.integer({ min: 1, max: 4 });
const small = fc.integer({ min: 0, max: 3 });
const record: fc.Arbitrary<Record> = fc
  .tuple(day, device, fc.integer({ min: 0, max: 86_399 }), small, small, fc.integer({ min: -128, max: 0 }))
  .map(([on, of, second, inShop, by, dbm]) => [on, of, on * 86_400 + second, inShop, by, dbm]);
const shopDay: fc.Arbitrary<ShopDay> = fc.tuple(device, shop, small, small, small, small, small);
const customer: fc.Arbitrary<Customer> = fc.record({
  device,
  firstSeenS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  lastSeenS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  imported: fc.boolean(),
});
const records = fc.array(record, { maxLength: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const), records }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeated commit' as const), records }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('replacement' as const),
      day,
      shopDays: fc.uniqueArray(shopDay, { maxLength: 12, selector: ([of, inShop]) => `${of} ${inShop}` }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('customers' as const),
      customers: fc.uniqueArray(customer, { maxLength: 5, selector: (row) => row.device }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expiry' as const), day }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopening' as const) }) },
);

/** What the store is to hold of one mall, in plain arrays and maps. */
class Model {
  commit = 0;
  records: Record[] = [];
  readonly arrivals = new Map<EpochDay, DayArrival>();
  readonly settlements = new Map<EpochDay, DaySettlement>();
  readonly totals = new Map<EpochDay, DayTotals>();
  readonly shops = new Map<EpochDay, ShopTotals[]>();
  readonly shopDays = new Map<EpochDay, ShopDay[]>();
  readonly customers = new Map<number, Customer>();
  expired: EpochDay | null = null;

  changes(rows: readonly Customer[]): ReturnType<typeof changesOf> {
    const known = (row: Customer): boolean => this.customers.has(row.device);
    return changesOf(
      rows.filter((row) => !known(row)),
      rows.filter(known),
    );
  }
}

/** Random calls, and after them every answer compared with the model's. */
/** Hundreds of questions one after another: a machine under load gets the time that it needs. */
const MODEL_MS = 120_000;

export function describeModel(open: OpenStore): void {
  let opened: OpenedStore;
  let malls = 0;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.dispose());

  test(
    'the answers are those of a model in memory',
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
          const mall = `model-${++malls}`;
          const model = new Model();
          let { codebook } = await opened.store.openMall(mall);
          for (const code of ['d', 'B', 'ü', 'a']) codebook.shop(code);
          for (const next of steps) {
            if (next.kind === 'reopening') {
              opened = await opened.reopen();
              const kept = await opened.store.openMall(mall);
              expect(kept.commit).toBe(model.commit);
              expect(kept.expired).toEqual({ raw: model.expired, customers: model.expired });
              if (kept.codebook.shopCount > 0) codebook = kept.codebook;
            } else await take(opened.store, mall, codebook, model, next);
          }
          await compare(opened.store, mall, codebook, model);
        }),
        { numRuns: 25 },
      ),
    MODEL_MS,
  );
}

async function take(
  store: Store,
  mall: string,
  codebook: Codebook,
  model: Model,
  step: Exclude<Step, { kind: 'reopening' }>,
): Promise<void> {
  switch (step.kind) {
    case 'commit': {
      const commit = commitOf(mall, ++model.commit, codebook, step.records);
      await store.commit(commit);
      model.records.push(...step.records);
      for (const arrival of commit.arrivals) model.arrivals.set(arrival.day, arrival);
      return;
    }
    case 'repeated commit':
      if (model.commit > 0) await store.commit(commitOf(mall, model.commit, codebook, step.records));
      return;
    case 'replacement':
      return replace(store, mall, codebook, model, step.day, step.shopDays);
    case 'customers':
      await store.mergeCustomers(mall, model.changes(step.customers), []);
      for (const row of step.customers) model.customers.set(row.device, row);
      return;
    case 'expiry': {
      await store.expire(mall, { raw: step.day, customers: step.day });
      model.expired = Math.max(model.expired ?? 0, step.day);
      model.records = model.records.filter(([of]) => of >= step.day);
      for (const of of DAYS) if (of < step.day) model.shopDays.delete(of);
    }
  }
}

async function replace(
  store: Store,
  mall: string,
  codebook: Codebook,
  model: Model,
  day: EpochDay,
  shopDays: readonly ShopDay[],
): Promise<void> {
  const rows = [...shopDays].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const version = (model.settlements.get(day)?.version ?? 0) + 1;
  const rowsInTwo = [shopDaysOf(rows.slice(0, 3)), shopDaysOf(rows.slice(3))];
  const further = { devices: model.commit % 3, newCustomers: rows.length % 2 };
  const replacement = replacementOf(mall, codebook, day, { ...further, shopDays: rowsInTwo });
  const settlement = { ...replacement.settlement, version, upToCommit: model.commit };
  const { totals, shops } = replacement;
  await store.replaceDay({ ...replacement, settlement });
  model.settlements.set(day, settlement);
  model.totals.set(day, totals);
  model.shops.set(
    day,
    [...shops].sort((a, b) => a.shop - b.shop),
  );
  model.shopDays.set(
    day,
    rows.map((row): ShopDay => [row[0], row[1], row[2], row[3], row[4], row[5], 0]),
  );
}

async function compare(store: Store, mall: string, codebook: Codebook, model: Model): Promise<void> {
  const states = DAYS.map((of) => {
    return {
      day: of,
      arrival: model.arrivals.get(of) ?? null,
      settlement: model.settlements.get(of) ?? null,
    };
  }).filter(({ arrival, settlement }) => arrival !== null || settlement !== null);
  expect(await store.dayStates(mall, EVER)).toEqual(states);
  expect(await store.dayTotals(mall, EVER)).toEqual(DAYS.flatMap((of) => model.totals.get(of) ?? []));
  expect(await store.shopTotals(mall, EVER)).toEqual(DAYS.flatMap((of) => model.shops.get(of) ?? []));
  for (const of of DAYS) {
    const records = sorted(model.records.filter(([on]) => on === of));
    expect(sorted(await recordsOf(store.rawOfDay(mall, of)))).toEqual(records);
    const shopDays = shopDayRows(await store.shopDays(mall, of, PAGE));
    const rows = [...(model.shopDays.get(of) ?? [])];
    const byCode = (a: ShopDay, b: ShopDay) => a[0] - b[0] || (codebook.shopRanksBefore(a[1], b[1]) ? -1 : 1);
    expect(shopDays).toEqual(rows.sort(byCode));
  }
  expect(await customerRows(store.allCustomers(mall))).toEqual(byDevice([...model.customers.values()]));
}

function sorted(records: readonly Record[]): Record[] {
  return [...records].sort((a, b) => {
    for (let i = 1; i < 6; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
    return 0;
  });
}
