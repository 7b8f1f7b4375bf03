import { afterEach, describe, expect, test } from '@jest/globals';
import { formatCustomer } from '../../src/decode/customer-id.ts';
import { formatMac } from '../../src/mac.ts';
import { customer } from '../../src/query/customer.ts';
import { customerShops } from '../../src/query/customer-shops.ts';
import { favoriteShop } from '../../src/query/favorite-shop.ts';
import { favoriteShops } from '../../src/query/favorite-shops.ts';
import { repeatShops } from '../../src/query/repeat-shops.ts';
import {
  directory,
  type Heard,
  MALL,
  macOf,
  secondsOf,
  TestMall,
  type TestMallOptions,
} from './test-mall.ts';

const DATE = '2024-06-13';
const ON = { mall: MALL, date: DATE };

let mall: TestMall;
afterEach(() => mall?.close());

/** Hears the records, and lets the watermark pass them. */
async function open(options: TestMallOptions, ...records: readonly Heard[]): Promise<void> {
  mall = await TestMall.open(options);
  await mall.hear(...records);
  mall.tick(60);
}

/** A stay of one device in one shop: visits that begin a quarter of an hour apart, each so many seconds long. */
function stay(device: number, shop: string, visits: number, seconds = 0): Heard[] {
  const fromS = secondsOf(`${DATE} 08:00:00`) + shop.charCodeAt(0) * 120;
  return Array.from({ length: visits }, (_, i) => [fromS + i * 900, fromS + i * 900 + seconds])
    .flat()
    .map((atS) => [device, new Date(atS * 1_000).toISOString().slice(0, 19).replace('T', ' '), shop, 1, -50]);
}

const who = (device: number) => ({ mac: formatMac(macOf(device)) });

describe.each([
  ['an open', async () => undefined],
  ['a settled', () => mall.settle(DATE)],
])('on %s day', (state, settle) => {
  const settled = state === 'a settled';

  test.each<[string, Heard[], unknown]>([
    ['most visits', [...stay(1, 'A', 1, 300), ...stay(1, 'B', 2)], ['B', 'Books', 2, 0]],
    ['then the longer dwell', [...stay(1, 'A', 2, 10), ...stay(1, 'B', 2, 11)], ['B', 'Books', 2, 22]],
    ['then the lower code', [...stay(1, 'C', 2, 10), ...stay(1, 'B', 2, 10)], ['B', 'Books', 2, 20]],
    ['of known shops alone', [...stay(1, 'X', 3), ...stay(1, 'C', 1)], ['C', 'Coffee', 1, 0]],
    ['none where only unknown shops were visited', stay(1, 'X', 3), null],
    ['none where the mall alone heard the customer', [[1, `${DATE} 08:00:00`]], null],
    ['none for somebody who was not there, whoever else was', stay(2, 'A', 1), null],
  ])('the favourite shop is the one with %s', async (_rule, records, expected) => {
    await open({}, ...records);
    await settle();
    const favorite = await favoriteShop(mall.ask, { ...ON, who: who(1) });
    const { code, name } = favorite?.shop ?? {};
    expect(favorite && [code, name, favorite.visits, favorite.dwellS]).toEqual(expected);
    const { nodes } = await favoriteShops(mall.ask, { ...ON, first: 10 });
    expect(nodes.filter(({ device }) => device === mall.device(1))).toEqual(
      favorite === null ? [] : [favorite],
    );
    if (favorite !== null) expect(favorite).toMatchObject({ device: mall.device(1), settled, stale: false });
  });

  test('the shops of a customer are those with a visit, by code, unknown ones too', async () => {
    await open(
      {},
      ...stay(1, 'X', 2, 5),
      ...stay(1, 'B', 1, 60),
      ...stay(2, 'C', 1),
      // Heard by A, and placed in B by the stronger record of the same second.
      [1, `${DATE} 20:00:00`, 'A', 1, -90],
      [1, `${DATE} 20:00:00`, 'B', 1, -40],
    );
    await settle();
    const rows = await customerShops(mall.ask, { ...ON, who: who(1) });
    expect(
      rows.map(({ shop, visits, dwellS, lastSeenS, firstSeenS }) => [
        shop,
        visits,
        dwellS,
        lastSeenS - firstSeenS,
      ]),
    ).toEqual([
      [{ code: 'B', name: 'Books' }, 2, 60, secondsOf(`${DATE} 20:00:00`) - rows[0]!.firstSeenS],
      [{ code: 'X', name: null }, 2, 10, 905],
    ]);
    expect(rows.every((row) => row.settled === settled)).toBe(true);
    expect(await customerShops(mall.ask, { ...ON, date: '2024-06-12', who: who(1) })).toEqual([]);
    expect(await customerShops(mall.ask, { ...ON, who: { customer: '0000000001' } })).toEqual([]);
  });

  test('known shops visited at least twice are listed by customer, then code', async () => {
    await open(
      {},
      ...stay(1, 'C', 2),
      ...stay(1, 'A', 3),
      ...stay(1, 'B', 1),
      ...stay(2, 'X', 5),
      ...stay(3, 'B', 2),
    );
    await settle();
    const { nodes, hasNextPage } = await repeatShops(mall.ask, { ...ON, first: 10 });
    const expected = [
      [1, 'A', 3],
      [1, 'C', 2],
      [3, 'B', 2],
    ].map(([device, code, visits]) => [mall.device(device as number), code, visits] as const);
    expected.sort((a, b) => a[0] - b[0]);
    expect(nodes.map(({ device, shop, visits }) => [device, shop.code, visits])).toEqual(expected);
    expect(nodes.map(({ shop }) => shop.name)).not.toContain(null);
    expect(hasNextPage).toBe(false);
  });
});

test('a shop that joins the list may become a favourite of days long settled', async () => {
  await open({}, ...stay(1, 'X', 3), ...stay(1, 'C', 1));
  await mall.settle(DATE);
  await mall.opened.directoryChanged(directory({ shops: [['X', 'Xylophones']] }));
  const favorite = await favoriteShop(mall.ask, { ...ON, who: who(1) });
  expect(favorite).toMatchObject({ shop: { code: 'X', name: 'Xylophones' }, visits: 3 });
});

describe('the customer record', () => {
  test('is asked by id or by address, and knows customers of open days', async () => {
    await open({}, [1, `${DATE} 08:00:00`], [1, `${DATE} 09:00:00`]);
    const expected = {
      device: mall.device(1),
      firstSeenS: secondsOf(`${DATE} 08:00:00`),
      lastSeenS: secondsOf(`${DATE} 09:00:00`),
      imported: false,
      randomized: false,
    };
    expect(await customer(mall.ask, { mall: MALL, who: who(1) })).toEqual(expected);
    const id = formatCustomer(mall.device(1));
    expect(await customer(mall.ask, { mall: MALL, who: { customer: id.toLowerCase() } })).toEqual(expected);
  });

  test('says who was imported, and nothing of who was never seen', async () => {
    await open({ imported: [5] }, [1, `${DATE} 08:00:00`]);
    expect(await customer(mall.ask, { mall: MALL, who: who(5) })).toMatchObject({ imported: true });
    expect(await customer(mall.ask, { mall: MALL, who: who(6) })).toBeNull();
  });

  test('is the store’s where nobody is known to fold the mall', async () => {
    await open({}, [1, `${DATE} 08:00:00`]);
    await mall.settle(DATE);
    const ask = { ...mall.ask, live: { mall: () => undefined } };
    expect(await customer(ask, { mall: MALL, who: who(1) })).toEqual(
      await customer(mall.ask, { mall: MALL, who: who(1) }),
    );
  });

  test('says that a randomised address is one', async () => {
    await open({}, [1, `${DATE} 08:00:00`]);
    await mall.opened.line.receive(
      Buffer.from(
        JSON.stringify({
          user_device_mac: '02:1b:14:0f:01:b7',
          occur_time: String(secondsOf(`${DATE} 08:00:00`)),
        }),
      ),
      mall.nowS,
    );
    const found = await customer(mall.ask, { mall: MALL, who: { mac: '021B.140F.01B7' } });
    expect(found).toMatchObject({ device: 53_526_798_608_587, randomized: true });
  });
});
