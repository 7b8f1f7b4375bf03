import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Calendar } from '../../src/calendar.ts';
import type { Codebook } from '../../src/codebook.ts';
import type { AccessPointDay, ShopDaysPage, ShopTotals } from '../../src/terms.ts';
import {
  byDevice,
  changesOf,
  commitOf,
  customerRows,
  DAY,
  DEVICES,
  type DeviceDay,
  deviceDaysOf,
  LONG_DAY,
  noonOf,
  type Record,
  recordsOf,
  replacementOf,
  type ShopDay,
  shopDayRows,
  shopDaysOf,
} from './examples.ts';
import type { OpenedStore, OpenStore } from './opened-store.ts';

const EVER = { from: 0, to: 40_000 };

export function describeQuestions(open: OpenStore): void {
  let opened: OpenedStore;
  let malls = 0;
  let mall = '';
  let codebook: Codebook;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.dispose());

  /** A mall of its own for one test, in the one store. */
  async function openMall(shopCodes: readonly string[] = []): Promise<void> {
    mall = `mall-${++malls}`;
    codebook = (await opened.store.openMall(mall)).codebook;
    for (const code of shopCodes) codebook.shop(code);
  }

  describe('raw records', () => {
    const { fromS, untilS } = new Calendar('Europe/Berlin').range(LONG_DAY);
    const records: Record[] = [
      [LONG_DAY - 1, DEVICES[1], fromS - 1, 1, 1, -60],
      [LONG_DAY, DEVICES[1], fromS, 2, 2, -61],
      [LONG_DAY, DEVICES[2], fromS, 0, 1, -128],
      [LONG_DAY, DEVICES[0], untilS - 1, 2, 0, 0],
      [LONG_DAY, DEVICES[1], fromS + 86_400, 4, 3, -62],
      [LONG_DAY, DEVICES[1], fromS + 7, 4, 3, -63],
      [LONG_DAY + 1, DEVICES[1], untilS, 5, 5, -64],
    ];
    beforeAll(async () => {
      await openMall();
      await opened.store.keepIdentity(mall, { fingerprint: 'aa11', timeZone: 'Europe/Berlin' });
      await opened.store.commit(commitOf(mall, 1, codebook, records.slice(0, 3)));
      await opened.store.commit(commitOf(mall, 2, codebook, records.slice(3)));
    });
    const inOrder = (...rows: number[]) => rows.map((row) => records[row]);

    test('those of a day come by device, then second', async () => {
      expect(await recordsOf(opened.store.rawOfDay(mall, LONG_DAY))).toEqual(inOrder(3, 1, 5, 4, 2));
      expect(await recordsOf(opened.store.rawOfDay(mall, LONG_DAY + 1))).toEqual(inOrder(6));
      expect(await recordsOf(opened.store.rawOfDay(mall, LONG_DAY + 2))).toEqual([]);
    });

    test('those of a day come in the quickest order with the seconds of each device ascending', async () => {
      const read = await recordsOf(opened.store.rawOfDay(mall, LONG_DAY, 'quickest'));
      const byDevice = [...read].sort((a, b) => a[1] - b[1]);
      expect(byDevice).toEqual(inOrder(3, 1, 5, 4, 2));
    });

    test.each([
      ['its first second is inside, its last is not', fromS - 1, fromS, undefined, [0]],
      ['it may hold more than one day', fromS - 1, untilS + 1, DEVICES[1], [0, 1, 5, 4, 6]],
      ['one device has its own', fromS, untilS, DEVICES[2], [2]],
      ['of one device too, the last second is outside', fromS - 1, untilS, DEVICES[1], [0, 1, 5, 4]],
      ['an empty range holds nothing', fromS, fromS, undefined, []],
      ['all time', 0, 2 ** 33, DEVICES[0], [3]],
    ])('those of a time come by second: %s', async (_, from, until, device, rows) => {
      const found = await recordsOf(opened.store.rawBetween(mall, { fromS: from, untilS: until }, device));
      expect(found).toEqual(inOrder(...rows));
    });

    test('those of a time come by second, of all devices', async () => {
      const found = await recordsOf(opened.store.rawBetween(mall, { fromS, untilS }));
      expect(found.map(([, , atS]) => atS)).toEqual([fromS, fromS, fromS + 7, fromS + 86_400, untilS - 1]);
    });

    test.each([
      ['every record of the second, of every device', fromS - 1, untilS, [2, 3, 4]],
      ['a device whose later records lie outside has its last inside', fromS - 1, fromS + 8, [2, 5]],
      ['a last second on another day', fromS, untilS + 1, [2, 3, 6]],
      ['an empty range holds nothing', fromS, fromS, []],
    ])('the last second of each device in a time: %s', async (_, from, until, rows) => {
      const found = await recordsOf(opened.store.lastSecondsBetween(mall, { fromS: from, untilS: until }));
      const inOrderOfSecond = found.sort((a, b) => a[2] - b[2]);
      expect(inOrderOfSecond).toEqual(inOrder(...rows).sort((a, b) => a![2] - b![2]));
    });

    test('the names of a day are the numbers that its records carry', async () => {
      const names = await opened.store.namesOfDay(mall, LONG_DAY);
      const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
      expect(ascending(names.shops)).toEqual([2, 4]);
      expect(ascending(names.accessPoints)).toEqual([1, 2, 3]);
    });
  });

  test('streams that are read at the same time, and left early, do not disturb each other', async () => {
    await openMall();
    const length = 10_000;
    const many = Array.from({ length }, (_, i): Record => [DAY, i + 1, noonOf(DAY) + (i % 60), 0, 0, -1]);
    await opened.store.commit(commitOf(mall, 1, codebook, many));
    const count = async (): Promise<number> => {
      let rows = 0;
      for await (const chunk of opened.store.rawOfDay(mall, DAY)) {
        await opened.store.dayStates(mall, EVER);
        rows += chunk.length;
      }
      return rows;
    };
    const leave = async (): Promise<number> => {
      for await (const chunk of opened.store.rawOfDay(mall, DAY)) return chunk.length;
      return 0;
    };
    const [first, , second] = await Promise.all([count(), leave(), count()]);
    expect([first, second]).toEqual([length, length]);
  });

  describe('a question whose signal is aborted', () => {
    const stopped = new Error('nobody waits');
    beforeAll(async () => {
      await openMall();
      const many = Array.from({ length: 30_000 }, (_, i): Record => [DAY, i + 1, noonOf(DAY), 0, 0, -1]);
      await opened.store.commit(commitOf(mall, 1, codebook, many));
    });

    test('before it is asked is not asked', async () => {
      const gone = opened.store.until(AbortSignal.abort(stopped));
      await expect(gone.shopTotals(mall, EVER)).rejects.toBe(stopped);
      await expect(recordsOf(gone.rawBetween(mall, { fromS: 0, untilS: 2 ** 32 }))).rejects.toBe(stopped);
      await expect(recordsOf(gone.lastSecondsBetween(mall, { fromS: 0, untilS: 2 ** 32 }))).rejects.toBe(
        stopped,
      );
    });

    test('is given up, one that waits its turn too, and disturbs no other', async () => {
      const abort = new AbortController();
      setMaxListeners(0, abort.signal);
      const store = opened.store.until(abort.signal);
      const asked = Array.from({ length: 40 }, () => store.shopTotals(mall, EVER));
      const others = Array.from({ length: 40 }, () => opened.store.shopTotals(mall, EVER));
      abort.abort(stopped);
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBe(stopped);
      }
      for (const rows of await Promise.all(others)) expect(rows).toEqual([]);
    });

    test('while its rows are being read ends there', async () => {
      const abort = new AbortController();
      const store = opened.store.until(abort.signal);
      let rows = 0;
      const read = async () => {
        for await (const chunk of store.rawBetween(mall, { fromS: 0, untilS: 2 ** 32 })) {
          rows += chunk.length;
          abort.abort(stopped);
        }
      };
      await expect(read()).rejects.toBe(stopped);
      expect(rows).toBeLessThan(30_000);
      expect(await recordsOf(opened.store.rawBetween(mall, { fromS: 0, untilS: 2 ** 32 }))).toHaveLength(
        30_000,
      );
    });
  });

  describe('totals', () => {
    /** By shop: its devices, and of each of them the visits, seconds and hours that make large sums. */
    const VISITS = 2 ** 32 - 9;
    const slots = [24, 0, 23];
    const shopDaysOfDay = (day: number) => {
      const rows: ShopDay[] = [];
      for (const shop of [3, 1, 2]) {
        for (let device = 1; device <= 10 * shop; device++) {
          const hours =
            shop === 2 ? slots.reduce((bits, slot) => bits | (device <= slot + 1 ? 1 << slot : 0), 0) : 0;
          const entered = device <= shop;
          rows.push([device, shop, entered ? VISITS : 0, entered ? 2 ** 31 + day : 0, 1, 1, hours]);
        }
      }
      return shopDaysOf(rows.sort((x, y) => x[0] - y[0] || x[1] - y[1]));
    };
    const shops = (day: number): ShopTotals[] =>
      [3, 1, 2].map((shop) => {
        const dwellS = shop * (2 ** 31 + day);
        return { day, shop, footfall: 10 * shop, entered: shop, visits: shop * VISITS, dwellS };
      });
    const byShop = (rows: ShopTotals[]) => [...rows].sort((a, b) => a.day - b.day || a.shop - b.shop);
    const devices = Array.from({ length: 300 }, (_, i): DeviceDay => {
      return [i + 1, 1, 1, slots.reduce((bits, slot) => bits | (i < 100 + slot ? 1 << slot : 0), 0)];
    });
    beforeAll(async () => {
      await openMall(['S1', 'S2', 'S3']);
      for (const day of [LONG_DAY, DAY]) {
        const deviceDays = deviceDaysOf(devices);
        deviceDays.isNew.fill(1, 0, 7);
        const rows = { deviceDays: [deviceDays], shopDays: [shopDaysOfDay(day)] };
        await opened.store.replaceDay(replacementOf(mall, codebook, day, rows));
      }
    });

    test('days come in order, and a day never settled has none', async () => {
      const days = (await opened.store.dayTotals(mall, EVER)).map(({ day }) => day);
      expect(days).toEqual([DAY, LONG_DAY]);
      expect(await opened.store.dayTotals(mall, { from: DAY + 1, to: LONG_DAY - 1 })).toEqual([]);
      expect(await opened.store.dayTotals(mall, { from: DAY, to: DAY })).toEqual([
        { day: DAY, footfall: 300, newCustomers: 7 },
      ]);
    });

    test('shops come by day, then number; all of them, or those that are asked for', async () => {
      const all = byShop([...shops(DAY), ...shops(LONG_DAY)]);
      expect(await opened.store.shopTotals(mall, EVER)).toEqual(all);
      const some = await opened.store.shopTotals(mall, { from: DAY, to: LONG_DAY }, [3, 2, 99]);
      expect(some).toEqual(all.filter(({ shop }) => shop > 1));
      expect(await opened.store.shopTotals(mall, EVER, [])).toEqual([]);
    });

    test('hours come in order, of the mall or of one shop, the 25th of a long day too', async () => {
      const days = { from: LONG_DAY, to: LONG_DAY };
      const mallHours = await opened.store.hourTotals(mall, days);
      expect(mallHours).toEqual([0, 23, 24].map((slot) => ({ day: LONG_DAY, slot, footfall: 100 + slot })));
      const shopHours = await opened.store.hourTotals(mall, EVER, 2);
      expect(shopHours.map(({ day, slot, footfall }) => [day, slot, footfall])).toEqual(
        [DAY, LONG_DAY].flatMap((day) => [0, 23, 24].map((slot) => [day, slot, Math.min(20, slot + 1)])),
      );
      expect(await opened.store.hourTotals(mall, EVER, 1)).toEqual([]);
    });
  });

  describe('devices and their shops', () => {
    const rows: ShopDay[] = [];
    for (let i = 0; i < 6_000; i++) {
      const device = 10 + i * 11_728_124_029;
      // The 4,000th device was in more shops than a step of the reader takes rows.
      const shops = i === 4_000 ? 5_000 : 1 + (i % 3);
      for (let shop = shops; shop > 0; shop--) {
        rows.push([device, shop, (i + shop) % 4, shop, noonOf(DAY), noonOf(DAY) + i, 0]);
      }
    }
    const codes = Array.from({ length: 5_000 }, (_, i) => `${['咖啡', 'b', 'B'][i % 3]}${5_000 - i}`);
    const expected = (page: Omit<ShopDaysPage, 'devicesMax' | 'afterDevice'>): ShopDay[] =>
      rows
        .filter(([, shop, visits]) => visits >= page.visitsMin && (page.shops?.includes(shop) ?? true))
        .sort((a, b) => a[0] - b[0] || (codebook.shopRanksBefore(a[1], b[1]) ? -1 : 1));
    beforeAll(async () => {
      await openMall(codes);
      const half = rows.findIndex(([device]) => device > 10 + 3_000 * 11_728_124_029);
      const shopDays = [shopDaysOf(rows.slice(0, half)), shopDaysOf([]), shopDaysOf(rows.slice(half))];
      await opened.store.replaceDay(replacementOf(mall, codebook, DAY, { shopDays }));
    });

    test.each<[string, number, Omit<ShopDaysPage, 'devicesMax' | 'afterDevice'>]>([
      ['every row', 1_000, { visitsMin: 0 }],
      ['pages of one device hold it whole', 1, { visitsMin: 3, shops: [1, 2, 3, 4_999] }],
      ['rows with visits', 777, { visitsMin: 1 }],
      ['rows of some shops', 100, { visitsMin: 2, shops: [3, 2, 4_998] }],
      ['all in one page', 100_000, { visitsMin: 0 }],
    ])('a walk of pages lists every device once, by device, then shop code: %s', async (_, size, filter) => {
      const walked: ShopDay[] = [];
      for (let afterDevice = 0; ; ) {
        const page = await opened.store.shopDays(mall, DAY, { ...filter, afterDevice, devicesMax: size });
        const found = shopDayRows(page);
        const devices = new Set(found.map(([device]) => device)).size;
        expect(devices).toBeLessThanOrEqual(size);
        walked.push(...found);
        if (devices < size || walked.length > 2 * rows.length || (size === 1 && walked.length > 50)) break;
        afterDevice = found.at(-1)![0];
      }
      const all = expected(filter);
      expect(walked).toEqual(size === 1 ? all.slice(0, walked.length) : all);
      if (size === 1) expect(walked.length).toBeGreaterThan(50);
    });

    test('one device is a page of one', async () => {
      const device = rows.find(([, shop]) => shop === 5_000)![0];
      const page = { afterDevice: device - 1, devicesMax: 1, visitsMin: 0 };
      const found = shopDayRows(await opened.store.shopDays(mall, DAY, page));
      expect(found).toEqual(expected({ visitsMin: 0 }).filter((row) => row[0] === device));
    });

    test('a day replaced with fewer rows has no others, and other days have none', async () => {
      await openMall(['a', 'b']);
      const first: ShopDay[] = [1, 2, 3].map((device) => [device, 1, 1, 1, 1, 1, 0]);
      const last: ShopDay[] = [[2, 2, 1, 1, 1, 1, 0]];
      for (const shopDays of [[shopDaysOf(first)], [shopDaysOf(last)], [shopDaysOf(last)]]) {
        await opened.store.replaceDay(replacementOf(mall, codebook, DAY, { shopDays }));
      }
      const page = { afterDevice: 0, devicesMax: 9, visitsMin: 0 };
      expect(shopDayRows(await opened.store.shopDays(mall, DAY, page))).toEqual(last);
      expect(shopDayRows(await opened.store.shopDays(mall, DAY + 1, page))).toEqual([]);
    });
  });

  test('customers are found by id, and all of them are listed', async () => {
    await openMall();
    const all = Array.from({ length: 5_000 }, (_, i) => {
      const device = i === 0 ? DEVICES[2] : i * 14_073_748_835;
      return { device, firstSeenS: i, lastSeenS: 2 ** 32 - 1 - i, imported: i % 3 === 0 };
    });
    await opened.store.mergeCustomers(mall, changesOf(all.slice(0, 4_000), []), []);
    await opened.store.mergeCustomers(mall, changesOf(all.slice(4_000), []), []);
    expect(await customerRows(opened.store.allCustomers(mall))).toEqual(byDevice(all));
    const asked = [all[4_999]!, all[0]!, all[17]!];
    const found = await opened.store.customers(mall, [...asked.map(({ device }) => device), 3]);
    expect(byDevice(found)).toEqual(byDevice(asked));
    expect(await opened.store.customers(mall, [])).toEqual([]);
  });

  test('an access point has its newest row, of several in one second that of the lowest shop code', async () => {
    await openMall(['b', 'a']);
    const row = (accessPoint: number, lastHeardS: number, shop: number, records = 1): AccessPointDay => {
      return { accessPoint, lastHeardS, shop, records };
    };
    const replace = (day: number, accessPoints: AccessPointDay[]) =>
      opened.store.replaceDay(replacementOf(mall, codebook, day, { accessPoints }));
    await replace(DAY + 1, [row(1, noonOf(DAY + 1), 2, 2 ** 33), row(2, noonOf(DAY + 1), 0)]);
    await replace(DAY, [row(1, noonOf(DAY), 1, 9), row(3, noonOf(DAY), 1)]);
    await replace(DAY + 2, [
      row(2, noonOf(DAY + 2), 1),
      row(2, noonOf(DAY + 2), 2),
      row(2, noonOf(DAY + 2), 0),
    ]);
    const found = [...(await opened.store.accessPoints(mall))].sort((a, b) => a.accessPoint - b.accessPoint);
    expect(found).toEqual([
      row(1, noonOf(DAY + 1), 2, 2 ** 33),
      row(2, noonOf(DAY + 2), 2),
      row(3, noonOf(DAY), 1),
    ]);
  });

  test('raw records and rows of customers of old days are forgotten, totals and customers stay', async () => {
    await openMall(['a']);
    const days = [DAY, DAY + 1, DAY + 2, DAY + 3];
    const customer = { device: 1, firstSeenS: 5, lastSeenS: 6, imported: false };
    await opened.store.mergeCustomers(mall, changesOf([customer], []), []);
    await opened.store.commit(
      commitOf(
        mall,
        1,
        codebook,
        days.map((day): Record => [day, 1, noonOf(day), 1, 0, -1]),
      ),
    );
    for (const day of days) {
      const shopDays = [shopDaysOf([[1, 1, 1, 1, 1, 1, 1]])];
      await opened.store.replaceDay(replacementOf(mall, codebook, day, { shopDays }));
    }
    await opened.store.expire(mall, { raw: DAY + 3, customers: null });
    await opened.store.expire(mall, { raw: DAY + 1, customers: DAY + 2 });
    await opened.store.expire(mall, { raw: null, customers: null });
    const page = { afterDevice: 0, devicesMax: 9, visitsMin: 0 };
    for (const day of days) {
      expect(await recordsOf(opened.store.rawOfDay(mall, day))).toHaveLength(day < DAY + 3 ? 0 : 1);
      expect((await opened.store.shopDays(mall, day, page)).length).toBe(day < DAY + 2 ? 0 : 1);
    }
    expect(await opened.store.dayTotals(mall, EVER)).toHaveLength(4);
    expect(await opened.store.customers(mall, [1])).toEqual([customer]);
    opened = await opened.reopen();
    expect((await opened.store.openMall(mall)).expired).toEqual({ raw: DAY + 3, customers: DAY + 2 });
  });
}
