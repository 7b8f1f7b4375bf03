import { openInfluxConnection } from '../../src/store/influx/influx-connection.ts';
import { type InfluxStore, openInfluxStore } from '../../src/store/influx/influx-store.ts';
import type { EpochDay } from '../../src/terms.ts';
import { DAY, noonOf, replacementOf, type ShopDay, shopDaysOf } from '../store/examples.ts';
import type { InfluxServer } from '../store/influx-server.ts';
import type { Figure } from './figure.ts';
import { median } from './samples.ts';

const YEAR_MALL = 'year';
const SHOPS = 250;
const ROUNDS = 15;

export interface ReadsSetting {
  readonly server: InfluxServer;
  /** A mall with an open day of raw records and rows. */
  readonly mall: string;
  readonly day: EpochDay;
  readonly quick: boolean;
  readonly tell: (progress: string) => void;
}

/** What the questions of the API read of InfluxDB: medians of one caller, through the port of the store. */
export async function measureReads({ server, mall, day, quick, tell }: ReadsSetting): Promise<Figure[]> {
  const connection = await openInfluxConnection({ ...server });
  const store = openInfluxStore(connection, {
    stopwatchMs: () => performance.now(),
    chance: () => 0.5,
    onDeadLine: () => undefined,
  });
  try {
    const days = quick ? 3 : 365;
    tell(`a year of ${days} settled days`);
    await settleYear(store, days);
    tell('reads');
    await store.openMall(mall);
    const year = { from: DAY, to: DAY + days - 1 };
    const detail = `${days} days, ${SHOPS} shops`;
    const pages = { visitsMin: 0, afterDevice: 0 };
    const { device } = await store.shopDays(mall, day, { ...pages, devicesMax: 1_000 });
    const someone = device[device.length >> 1]!;
    const ms = (name: string, ask: () => Promise<unknown>, atMost: number, of = detail) =>
      medianMs(ask).then(
        (value): Figure => ({ name: `read ${name}`, value, unit: 'ms', target: { atMost }, detail: of }),
      );
    return [
      await ms('a year of totals of the mall', () => store.dayTotals(YEAR_MALL, year), 118),
      await ms('a year of totals of all shops', () => store.shopTotals(YEAR_MALL, year), 4 * 118),
      await ms('a year of totals of one shop', () => store.shopTotals(YEAR_MALL, year, [7]), 18),
      await ms(
        'the shops of one customer',
        () => store.shopDays(mall, day, { ...pages, afterDevice: someone - 1, devicesMax: 1 }),
        48,
        'an open day',
      ),
      await ms(
        'a page of 1,000 customers',
        () => store.shopDays(mall, day, { ...pages, devicesMax: 1_000 }),
        300,
        `an open day, ${device.length} rows`,
      ),
      await rawRate(store, mall, day),
    ];
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
