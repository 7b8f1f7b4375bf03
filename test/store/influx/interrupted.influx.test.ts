import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type InfluxConnection, openInfluxConnection } from '../../../src/store/influx/influx-connection.ts';
import { InfluxAway } from '../../../src/store/influx/influx-http.ts';
import { type InfluxStore, openInfluxStore } from '../../../src/store/influx/influx-store.ts';
import { StoreUnavailable } from '../../../src/store/store.ts';
import { describeOnlyWhere } from '../../only-where.ts';
import {
  arrivalOf,
  changesOf,
  commitOf,
  DAY,
  ingestDayOf,
  noonOf,
  type Record,
  recordsOf,
  replacementOf,
  shopDaysOf,
} from '../examples.ts';
import { HAS_INFLUX, type InfluxServer, startInflux } from '../influx-server.ts';

jest.setTimeout(200_000);

let server: InfluxServer;
let prefixes = 0;

/** A store on a server of which only so many requests are heard; the process then is gone, at once and for good. */
async function openFor(bucketPrefix: string, requestsMax = Number.POSITIVE_INFINITY) {
  const connection = await openInfluxConnection({ ...server, bucketPrefix });
  let requests = 0;
  const http = new Proxy(connection.http, {
    get(target, name) {
      const method = Reflect.get(target, name, target) as unknown;
      if (typeof method !== 'function') return method;
      if (!['send', 'text', 'json'].includes(String(name))) return method.bind(target);
      return (...args: unknown[]) => {
        if (++requests > requestsMax) return Promise.reject(new InfluxAway('gone', new Error('killed')));
        return Reflect.apply(method, target, args) as unknown;
      };
    },
  });
  const cut: InfluxConnection = { ...connection, http };
  // A clock that leaps: what fails once is not tried again.
  let ms = 0;
  const store = openInfluxStore(cut, {
    stopwatchMs: () => {
      ms += 60_000;
      return ms;
    },
    chance: () => 0,
    onDeadLine: (line, reason) => {
      throw new Error(`${reason}: ${line}`);
    },
  });
  return { store, requests: () => requests };
}

const newPrefix = () => `i${process.pid}-${++prefixes}-`;
const MALL = 'm';
const records: Record[] = [1, 2, 3, 4].map((device) => [
  DAY,
  device,
  noonOf(DAY) + device,
  1 + (device % 2),
  1,
  -60,
]);

async function commitTwo(store: InfluxStore): Promise<void> {
  const { codebook, commit } = await store.openMall(MALL);
  const days = { ingestDays: [ingestDayOf(DAY, { kept: 2 })] };
  if (commit < 1) await store.commit(commitOf(MALL, 1, codebook, records.slice(0, 2), days));
  if (commit < 2) {
    const more = { ingestDays: [ingestDayOf(DAY, { kept: 4 })] };
    await store.commit(commitOf(MALL, 2, codebook, records.slice(2), more));
  }
}

/** The day as it was settled first: other devices, and one more than the second time. */
async function settleOnce(store: InfluxStore): Promise<void> {
  const { codebook } = await store.openMall(MALL);
  const shopDays = [7, 8, 9].map(
    (device) => [device, 1, 2, 60, noonOf(DAY), noonOf(DAY) + 60, 0b10] as const,
  );
  await store.replaceDay(
    replacementOf(MALL, codebook, DAY, { shopDays: [shopDaysOf(shopDays)], newCustomers: 3 }),
  );
}

async function settleAgain(store: InfluxStore): Promise<void> {
  const { codebook } = await store.openMall(MALL);
  const shopDays = [2, 8].map((device) => [device, 2, 1, 30, noonOf(DAY), noonOf(DAY) + 30, 0b100] as const);
  const replacement = replacementOf(MALL, codebook, DAY, {
    shopDays: [shopDaysOf(shopDays)],
    newCustomers: 1,
  });
  await store.replaceDay({
    ...replacement,
    settlement: { ...replacement.settlement, version: 2 },
    accessPoints: [{ accessPoint: 1, shop: 2, lastHeardS: noonOf(DAY) + 9, records: 4 }],
    customers: changesOf(
      [{ device: 2, firstSeenS: noonOf(DAY), lastSeenS: noonOf(DAY) + 30, imported: false }],
      [],
    ),
  });
}

/** Everything that a store answers of the mall. */
async function answersOf(store: InfluxStore): Promise<unknown> {
  const { commit, checkpoints, codebook } = await store.openMall(MALL);
  const days = { from: DAY - 1, to: DAY + 1 };
  const { length, device, shop, visits, dwellS } = await store.shopDays(MALL, DAY, {
    afterDevice: 0,
    devicesMax: 100,
    visitsMin: 0,
  });
  return {
    commit,
    checkpoints,
    codes: [1, 2].map((number) => codebook.shopCode(number)),
    records: await recordsOf(store.rawOfDay(MALL, DAY)),
    states: await store.dayStates(MALL, days),
    totals: await store.dayTotals(MALL, days),
    shops: await store.shopTotals(MALL, days),
    hours: await store.hourTotals(MALL, days),
    ingest: await store.ingestDays(MALL, days),
    rows: [length, [...device], [...shop], [...visits], [...dwellS]],
    customers: await store.customers(MALL, [2, 8]),
  };
}

const onServer = describeOnlyWhere(
  HAS_INFLUX,
  'the store on InfluxDB, interrupted',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

onServer('a process that ends between any two requests', () => {
  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server?.dispose());

  test.each([
    ['commits', async () => undefined, commitTwo],
    ['the settlement of a day', commitTwo, settleOnce],
    [
      'another settlement of a day',
      async (store: InfluxStore) => {
        await commitTwo(store);
        await settleOnce(store);
      },
      settleAgain,
    ],
  ])('leaves nothing that repeating does not mend: %s', async (_, before, act) => {
    const whole = await openFor(newPrefix());
    await before(whole.store);
    const requestsBefore = whole.requests();
    await act(whole.store);
    const requests = whole.requests() - requestsBefore;
    const expected = await answersOf(whole.store);
    await whole.store.close();
    expect(requests).toBeGreaterThan(4);
    for (let heard = 0; heard < requests; heard++) {
      const prefix = newPrefix();
      const prepared = await openFor(prefix);
      await before(prepared.store);
      await prepared.store.close();
      const dying = await openFor(prefix, heard);
      await expect(act(dying.store)).rejects.toThrow(StoreUnavailable);
      await dying.store.close().catch(() => undefined);
      const next = await openFor(prefix);
      await act(next.store);
      expect(await answersOf(next.store)).toEqual(expected);
      await next.store.close();
    }
  });

  test('an owner that wakes behind its successor changes nothing that counts', async () => {
    const prefix = newPrefix();
    const [first, second, reader] = [await openFor(prefix), await openFor(prefix), await openFor(prefix)];
    const old = await first.store.openMall(MALL, 5);
    await first.store.commit(commitOf(MALL, 1, old.codebook, records.slice(0, 1)));
    const successor = await second.store.openMall(MALL, 9);
    expect([successor.commit, successor.epoch]).toEqual([1, 9]);
    await second.store.commit(commitOf(MALL, 2, successor.codebook, records.slice(1, 3)));
    // The old one was asleep since its first commit: it takes up what its successor has kept, under another number.
    await first.store.commit(
      commitOf(MALL, 2, old.codebook, records.slice(1, 2), { checkpoints: new Map([['http', 'stale']]) }),
    );
    await first.store.commit(commitOf(MALL, 3, old.codebook, [], { arrivals: [arrivalOf(DAY, 3)] }));
    const { commit, checkpoints, arrivals } = await reader.store.openMall(MALL);
    expect([commit, checkpoints.get('http')]).toEqual([2, 'position 2']);
    expect(arrivals).toEqual([arrivalOf(DAY, 2)]);
    for (const { store } of [first, second, reader]) await store.close();
  });
});
