import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SHOES, SmallMall, TEA } from './small-mall.ts';

/*
 * Chapter 2. Radio goes through walls: one call of a phone is heard by several access points. A phone can still be
 * in one place only. So for every second it is placed where it was heard strongest, and nowhere else.
 */

const PHONE = 'a4:c3:61:0b:22:01';

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
});
afterAll(() => mall.close());

async function track(): Promise<unknown[]> {
  const { customerTrack } = await mall.ask<{ customerTrack: { at: string; shop: { name: string } }[] }>(
    `{ customerTrack(mall: "small", mac: "${PHONE}", date: "2024-05-10") { at shop { name } } }`,
  );
  return customerTrack.map(({ at, shop }) => `${at.slice(17, 19)} ${shop.name}`);
}

test('heard by three access points in one second, it is placed at the strongest', async () => {
  const atS = at('11:58:01');
  await mall.hear(
    { mac: PHONE, atS, rssi: -70, ...BOOKS },
    { mac: PHONE, atS, rssi: -48, ...SHOES },
    { mac: PHONE, atS, rssi: -66, ...TEA },
  );
  expect(await track()).toEqual(['01 Shoes']);
});

test('equally strong, the lowest address of an access point decides, whichever record came first', async () => {
  const atS = at('11:58:02');
  await mall.hear({ mac: PHONE, atS, rssi: -50, ...TEA }, { mac: PHONE, atS, rssi: -50, ...BOOKS });
  expect(await track()).toEqual(['01 Shoes', '02 Books']);
});

test('an unknown strength is weaker than any known one', async () => {
  const atS = at('11:58:03');
  await mall.hear({ mac: PHONE, atS, ...BOOKS }, { mac: PHONE, atS, rssi: -90, ...TEA });
  expect(await track()).toEqual(['01 Shoes', '02 Books', '03 Tea']);
});

/*
 * A position has the coordinates of its access point in the plan of the mall. The second that is going on can still
 * change, because a stronger record of it may be on its way: its position says so.
 */
test('the last position has coordinates, and is provisional until its second is decided', async () => {
  await mall.hear({ mac: PHONE, atS: at('12:00:00'), rssi: -50, ...TEA });
  const query = '{ customerPositions(mall: "small") { shop { name } x y provisional } }';
  const place = { shop: { name: 'Tea' }, x: 1100, y: 700 };
  expect(await mall.ask(query)).toEqual({ customerPositions: [{ ...place, provisional: true }] });
  await mall.clockShows('12:01:30');
  expect(await mall.ask(query)).toEqual({ customerPositions: [{ ...place, provisional: false }] });
});

/*
 * Hence two numbers for a shop. All three access points heard the phone, so it counts in the footfall of all three
 * shops. It entered those where it was placed for at least a second.
 */
test('heard is not entered', async () => {
  await mall.hear({ mac: 'a4:c3:61:0b:22:02', atS: at('12:00:10'), rssi: -80, ...BOOKS });
  await mall.hear({ mac: 'a4:c3:61:0b:22:02', atS: at('12:00:10'), rssi: -40, ...SHOES });
  await mall.clockShows('02:00:00', '2024-05-11');
  expect(
    await mall.ask(
      '{ shopFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10") { shop { name } footfall entered } }',
    ),
  ).toEqual({
    shopFootfall: [
      { shop: { name: 'Books' }, footfall: 2, entered: 1 },
      { shop: { name: 'Shoes' }, footfall: 2, entered: 2 },
      { shop: { name: 'Tea' }, footfall: 1, entered: 1 },
    ],
  });
});
