import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SHOES, SmallMall, TEA } from './small-mall.ts';

/*
 * Chapter 3. A phone calls out now and then, not all the time. Its positions in one shop are one visit as long as
 * no pause between them is longer than the visit gap, ten minutes. How long a visit lasted is its dwell: from its
 * first second to its last. All of this is about one phone on one day.
 */

const PHONE = 'a4:c3:61:0b:22:01';

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
  await mall.hear(
    // Books at ten, and again within ten minutes: one visit of 600 seconds.
    { mac: PHONE, atS: at('10:00:00'), ...BOOKS },
    { mac: PHONE, atS: at('10:10:00'), ...BOOKS },
    // A pause of ten minutes and one second: another visit, of no length.
    { mac: PHONE, atS: at('10:20:01'), ...BOOKS },
    // Shoes twice, a minute each.
    { mac: PHONE, atS: at('10:30:00'), ...SHOES },
    { mac: PHONE, atS: at('10:31:00'), ...SHOES },
    { mac: PHONE, atS: at('11:30:00'), ...SHOES },
    { mac: PHONE, atS: at('11:31:00'), ...SHOES },
    // Tea once, for eight minutes.
    { mac: PHONE, atS: at('11:40:00'), ...TEA },
    { mac: PHONE, atS: at('11:48:00'), ...TEA },
  );
  // Visits wait a minute for records that are late; then they are told.
  await mall.clockShows('12:01:00');
});
afterAll(() => mall.close());

test('a pause of exactly the visit gap is the same visit, one second more begins another', async () => {
  const query = `{
    customerShops(mall: "small", mac: "${PHONE}", date: "2024-05-10") { shop { name } visits dwellSeconds }
  }`;
  expect(await mall.ask(query)).toEqual({
    customerShops: [
      { shop: { name: 'Books' }, visits: 2, dwellSeconds: 600 },
      { shop: { name: 'Shoes' }, visits: 2, dwellSeconds: 120 },
      { shop: { name: 'Tea' }, visits: 1, dwellSeconds: 480 },
    ],
  });
});

test('the favourite shop is the one with most visits; of two with equally many, the longer dwell decides', async () => {
  const query = `{ favoriteShop(mall: "small", mac: "${PHONE}", date: "2024-05-10") { shop { name } visits } }`;
  expect(await mall.ask(query)).toEqual({ favoriteShop: { shop: { name: 'Books' }, visits: 2 } });
});

test('shops entered more than once are a list of their own', async () => {
  const query = '{ repeatShops(mall: "small", date: "2024-05-10") { nodes { shop { name } visits } } }';
  expect(await mall.ask(query)).toEqual({
    repeatShops: {
      nodes: [
        { shop: { name: 'Books' }, visits: 2 },
        { shop: { name: 'Shoes' }, visits: 2 },
      ],
    },
  });
});

test('a shop sums up the visits and the dwell of all its customers', async () => {
  await mall.hear({ mac: 'a4:c3:61:0b:22:02', atS: at('11:00:00'), ...TEA });
  await mall.clockShows('02:00:00', '2024-05-11');
  const query = `{
    shopFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10", shops: ["T1"]) { entered visits dwellSeconds }
  }`;
  expect(await mall.ask(query)).toEqual({ shopFootfall: [{ entered: 2, visits: 2, dwellSeconds: 480 }] });
});

test('the busiest hour is the one with most devices; of several the earliest', async () => {
  const query = '{ peakHour(mall: "small", from: "2024-05-10", to: "2024-05-10") { hourStart footfall } }';
  const eleven = { hourStart: '2024-05-10T02:00:00.000Z', footfall: 2 };
  expect(await mall.ask(query)).toEqual({ peakHour: [eleven] });
});
