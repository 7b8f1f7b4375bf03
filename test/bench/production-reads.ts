import { openInfluxConnection } from '../../src/store/influx/influx-connection.ts';
import { type InfluxStore, openInfluxStore } from '../../src/store/influx/influx-store.ts';
import type { EpochDay, ShopDays } from '../../src/terms.ts';
import { DAY, noonOf, replacementOf, type ShopDay, shopDaysOf } from '../store/examples.ts';
import type { InfluxServer } from '../store/influx-server.ts';
import type { Figure } from './figure.ts';
import { median } from './samples.ts';

const YEAR_MALL = 'year';
const SHOPS = 250;
/** Behind the year. */
const BIG_DAY = DAY + 400;
const ROUNDS = 15;
const SHOPS_EACH = 20;
const CUSTOMERS_AT_ONCE = 1_000;
const PSEUDONYMS = 2 ** 46;

export interface ReadsSetting {
  readonly server: InfluxServer;
  readonly quick: boolean;
  readonly tell: (progress: string) => void;
}

/** The settled days that are read, as a settlement writes them. */
export function settleHistory({ server, quick, tell }: ReadsSetting): Promise<void> {
  tell('a year of settled days, and one of a big mall');
  return withStore(server, async (store) => {
    await settleYear(store, daysOf(quick));
    await settleBigDay(store, quick ? 500 : 50_000);
  });
}

/**
 * What the questions of the API read of InfluxDB: medians of one caller, through the port of the store. `open`: a mall with
 * an open day of raw records and rows.
 */
export function measureReads(
  { server, quick, tell }: ReadsSetting,
  open: { readonly mall: string; readonly day: EpochDay },
): Promise<Figure[]> {
  tell('reads');
  return withStore(server, async (store) => {
    await store.openMall(open.mall);
    await store.openMall(YEAR_MALL);
    const days = daysOf(quick);
    const year = { from: DAY, to: DAY + days - 1 };
    const detail = `${days} days, ${SHOPS} shops`;
    const ms = (name: string, ask: () => Promise<unknown>, atMost: number) =>
      medianMs(ask).then((value): Figure => {
        return { name: `read ${name}`, value, unit: 'ms', target: { atMost }, detail };
      });
    return [
      await ms('a year of totals of the mall', () => store.dayTotals(YEAR_MALL, year), 118),
      await ms('a year of totals of all shops', () => store.shopTotals(YEAR_MALL, year), 4 * 118),
      await ms('a year of totals of one shop', () => store.shopTotals(YEAR_MALL, year, [7]), 18),
      ...(await customersOf(store, YEAR_MALL, BIG_DAY, 'a settled day')),
      ...(await customersOf(store, open.mall, open.day, 'an open day, just caught up')),
      await rawRate(store, open.mall, open.day),
    ];
  });
}

const daysOf = (quick: boolean) => (quick ? 3 : 365);

async function withStore<T>(server: InfluxServer, use: (store: InfluxStore) => Promise<T>): Promise<T> {
  const connection = await openInfluxConnection({ ...server });
  const store = openInfluxStore(connection, {
    stopwatchMs: () => performance.now(),
    chance: () => 0.5,
    onDeadLine: () => undefined,
  });
  try {
    return await use(store);
  } finally {
    await store.close();
    connection.close();
  }
}

/** Every shop has some customers every day: what is read is rows of shops and days, however many customers made them. */
async function settleYear(store: InfluxStore, days: number): Promise<void> {
  const { codebook } = await store.openMall(YEAR_MALL);
  for (let day = DAY; day < DAY + days; day++) {
    const rows = Array.from({ length: SHOPS }, (_, i): ShopDay => {
      return [1 + (i >> 2), i + 1, 1 + (i % 3), 60 * i, noonOf(day), noonOf(day) + 60 * i, 0b1110];
    });
    await store.replaceDay(replacementOf(YEAR_MALL, codebook, day, { shopDays: [shopDaysOf(rows)] }));
  }
}

/** As many customers as a big mall has, in 20 shops each. */
async function settleBigDay(store: InfluxStore, devices: number): Promise<void> {
  const day = BIG_DAY;
  const { codebook } = await store.openMall(YEAR_MALL);
  const step = Math.floor(PSEUDONYMS / (devices + 1));
  const shopDays: ShopDays[] = [];
  for (let nth = 1; nth <= devices; nth += CUSTOMERS_AT_ONCE) {
    const rows: ShopDay[] = [];
    for (let i = nth; i < Math.min(nth + CUSTOMERS_AT_ONCE, devices + 1); i++) {
      for (let shop = 0; shop < SHOPS_EACH; shop++) {
        const at = noonOf(day) + 60 * shop;
        rows.push([i * step, ((i + shop * 12) % SHOPS) + 1, 1 + (i % 3), 60 * shop, at, at + 600, 0b1110]);
      }
    }
    shopDays.push(shopDaysOf(rows));
  }
  await store.replaceDay(replacementOf(YEAR_MALL, codebook, day, { shopDays }));
}

/** The rows of customers on one day, as pages of them and one by one. */
async function customersOf(store: InfluxStore, mall: string, day: EpochDay, which: string) {
  const pages = { visitsMin: 0, afterDevice: 0 };
  const { device } = await store.shopDays(mall, day, { ...pages, devicesMax: 1_000 });
  const someone = device[device.length >> 1]!;
  const one = { ...pages, afterDevice: someone - 1, devicesMax: 1 };
  const isSettled = which === 'a settled day';
  return [
    {
      name: 'read the shops of one customer',
      value: await medianMs(() => store.shopDays(mall, day, one)),
      unit: 'ms',
      ...(isSettled ? { target: { atMost: 48 } } : {}),
      detail: which,
    },
    {
      name: 'read a page of 1,000 customers',
      value: await medianMs(() => store.shopDays(mall, day, { ...pages, devicesMax: 1_000 })),
      unit: 'ms',
      detail: `${which}, ${device.length} rows`,
    },
  ] satisfies Figure[];
}

async function medianMs(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    await ask();
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

async function rawRate(store: InfluxStore, mall: string, day: EpochDay): Promise<Figure> {
  const startedMs = performance.now();
  let records = 0;
  for await (const { length } of store.rawOfDay(mall, day, 'quickest')) records += length;
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    name: 'read the records of a day',
    value: records / seconds,
    unit: 'records/s',
    detail: `${records} records in ${seconds.toFixed(1)} s, as a restart reads them`,
  };
}
