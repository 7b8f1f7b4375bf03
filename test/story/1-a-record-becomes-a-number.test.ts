import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SmallMall } from './small-mall.ts';

/*
 * Chapter 1. A phone that looks for a network calls out: it sends a probe request. Every access point that hears
 * it makes one record: which phone, when, how strong, in which shop. That is all that ever comes in. It is noon
 * in a mall with three shops, and nobody has come yet.
 */

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
});
afterAll(() => mall.close());

const TODAY = `{
  mallFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10") { date footfall settled asOf }
}`;

test('a day without a record is a row of zeros, not an empty answer', async () => {
  const row = { date: '2024-05-10', footfall: 0, settled: false, asOf: null };
  expect(await mall.ask(TODAY)).toEqual({ mallFootfall: [row] });
});

test('a record is sent as text, and acknowledged once it is kept for good', async () => {
  const record = {
    ...{ shop_code: 'B1', ap_mac: '3c:8c:f8:00:00:01', rssi: '-61' },
    ...{ occur_time: String(at('11:59:58')), user_device_mac: 'a4:c3:61:0b:22:01' },
  };
  expect(await mall.send(JSON.stringify(record))).toEqual({ kept: 1, dropped: {} });
});

test('it is counted at once; the day is open, and as recent as its newest record', async () => {
  const row = { date: '2024-05-10', footfall: 1, settled: false, asOf: '2024-05-10T03:00:00.000Z' };
  expect(await mall.ask(TODAY)).toEqual({ mallFootfall: [row] });
});

test('footfall is a number of distinct devices: the same phone again, spelled in another way, is no other', async () => {
  await mall.hear({ mac: 'A4-C3-61-0B-22-01', atS: at('11:59:59'), ...BOOKS });
  await mall.hear({ mac: 'a4:c3:61:0b:22:02', atS: at('11:59:59'), ...BOOKS });
  expect(await mall.ask(TODAY)).toMatchObject({ mallFootfall: [{ footfall: 2 }] });
});

/*
 * Some records cannot be counted. Each of those is dropped for one reason of a short list, and never harms its
 * neighbours. Nothing vanishes: what was kept and what was dropped is counted too.
 */
test('what cannot be counted is dropped for a reason, and its neighbours are kept', async () => {
  const whole = { user_device_mac: 'a4:c3:61:0b:22:03', occur_time: String(at('12:00:00')) };
  const body = [
    whole,
    { ...whole, user_device_mac: 'unknown' },
    { ...whole, occur_time: String(at('12:00:00') * 1000) },
    { ...whole, occur_time: String(at('12:30:00')) },
  ];
  const answer = await mall.send(JSON.stringify(body));
  expect(answer).toEqual({ kept: 1, dropped: { bad_device: 1, bad_time: 1, from_future: 1 } });
  const { ingest } = await mall.ask<{ ingest: { kept: number; dropped: object[] }[] }>(
    '{ ingest(mall: "small", from: "2024-05-10", to: "2024-05-10") { kept dropped { reason count } } }',
  );
  expect(ingest[0]!.kept).toBe(4);
  expect(ingest[0]!.dropped).toContainEqual({ reason: 'from_future', count: 1 });
});

test('a shop has a footfall as well, and the shop with most devices ranks first', async () => {
  const query = '{ topShops(mall: "small", date: "2024-05-10") { rank shop { code name } footfall } }';
  const books = { rank: 1, shop: { code: 'B1', name: 'Books' }, footfall: 2 };
  expect(await mall.ask(query)).toEqual({ topShops: [books] });
});
