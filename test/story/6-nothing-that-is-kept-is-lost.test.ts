import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SHOES, SmallMall } from './small-mall.ts';

/*
 * Chapter 6. A record is acknowledged once it lies on disk. Every number is made from the records that lie there.
 * So a server may stop at any time: started again it reads them, and answers as if it had never been away.
 */

const PHONE = 'a4:c3:61:0b:22:01';

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
});
afterAll(() => mall.close());

const EVERYTHING = `{
  mallFootfall(mall: "small", from: "2024-05-09", to: "2024-05-10") { date footfall newCustomers settled asOf }
  hourlyFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10") { hourStart footfall }
  customerShops(mall: "small", mac: "${PHONE}", date: "2024-05-10") { shop { code } visits dwellSeconds lastSeen }
  customerPositions(mall: "small") { customer at shop { code } provisional }
  presentNow(mall: "small") { footfall }
  ingest(mall: "small", from: "2024-05-10", to: "2024-05-10") { kept dropped { reason count } lastRecordAt }
}`;

test('in the middle of an open day, a restart changes no answer', async () => {
  await mall.hear(
    { mac: PHONE, atS: at('10:00:00', '2024-05-09'), ...BOOKS },
    { mac: PHONE, atS: at('11:50:00'), ...BOOKS },
    { mac: PHONE, atS: at('11:55:00'), ...BOOKS },
    { mac: 'a4:c3:61:0b:22:02', atS: at('11:59:59'), rssi: -60, ...SHOES },
    { mac: 'nobody', atS: at('11:59:59') },
  );
  await mall.clockShows('12:00:01');
  const before = await mall.ask(EVERYTHING);
  await mall.stop();
  await mall.start();
  expect(await mall.ask(EVERYTHING)).toEqual(before);
});

test('the stay that was going on goes on: its next record prolongs the same visit', async () => {
  await mall.hear({ mac: PHONE, atS: at('12:00:00'), ...BOOKS });
  await mall.clockShows('12:05:00');
  const query = `{ customerShops(mall: "small", mac: "${PHONE}", date: "2024-05-10") { visits dwellSeconds } }`;
  expect(await mall.ask(query)).toEqual({ customerShops: [{ visits: 1, dwellSeconds: 600 }] });
});

/*
 * A sender that was not told whether its records arrived sends them again. That is always right: a record that came
 * twice counts once, everywhere but in the counters of records themselves.
 */
test('sent again, the same records change no number but the count of records', async () => {
  await mall.hear({ mac: PHONE, atS: at('12:00:00'), ...BOOKS });
  const query = `{
    mallFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10") { footfall }
    customerShops(mall: "small", mac: "${PHONE}", date: "2024-05-10") { visits dwellSeconds }
    ingest(mall: "small", from: "2024-05-10", to: "2024-05-10") { kept }
  }`;
  expect(await mall.ask(query)).toEqual({
    mallFootfall: [{ footfall: 2 }],
    customerShops: [{ visits: 1, dwellSeconds: 600 }],
    ingest: [{ kept: 5 }],
  });
});
