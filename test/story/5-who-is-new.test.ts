import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SmallMall } from './small-mall.ts';

/*
 * Chapter 5. A device is new on the day of its very first record. Everybody else of that day has returned. Whom the
 * mall knows already, from its own list of customers, is never new.
 */

const PHONE = 'a4:c3:61:0b:22:01';
const OTHER_PHONE = 'a4:c3:61:0b:22:02';
const KNOWN_PHONE = 'a4:c3:61:0b:22:03';
const LIST = [
  'user_device_mac,first_come_flag,first_coming_time,last_coming_time',
  `${KNOWN_PHONE},0,1705489200,1706489200\n`,
].join('\n');

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open(LIST);
});
afterAll(() => mall.close());

async function newOn(date: string) {
  const { mallFootfall } = await mall.ask<{ mallFootfall: object[] }>(
    `{ mallFootfall(mall: "small", from: "${date}", to: "${date}") { newCustomers returningCustomers } }`,
  );
  return mallFootfall[0];
}

test('on its first day a device is new; a customer of the list has returned', async () => {
  await mall.hear({ mac: PHONE, atS: at('11:00:00') }, { mac: KNOWN_PHONE, atS: at('11:00:00'), ...BOOKS });
  expect(await newOn('2024-05-10')).toEqual({ newCustomers: 1, returningCustomers: 1 });
});

test('on the next day it has returned', async () => {
  await mall.clockShows('12:00:00', '2024-05-11');
  const atS = at('11:30:00', '2024-05-11');
  await mall.hear({ mac: PHONE, atS }, { mac: OTHER_PHONE, atS });
  expect(await newOn('2024-05-11')).toEqual({ newCustomers: 1, returningCustomers: 1 });
});

/*
 * A late record can show that somebody had come before. Then it was new on that earlier day, and both days are put
 * right, also when both have settled long ago.
 */
test('an earlier first visit that becomes known late moves it to the earlier day', async () => {
  await mall.clockShows('12:00:00', '2024-05-12');
  await mall.hear({ mac: OTHER_PHONE, atS: at('16:00:00', '2024-05-10') });
  await mall.clockShows('12:00:30', '2024-05-12');
  expect(await newOn('2024-05-10')).toEqual({ newCustomers: 2, returningCustomers: 1 });
  expect(await newOn('2024-05-11')).toEqual({ newCustomers: 0, returningCustomers: 2 });
});

test('of every customer the first and the last second are known', async () => {
  const query = `{ customer(mall: "small", mac: "${OTHER_PHONE}") { firstSeen lastSeen imported randomized } }`;
  expect(await mall.ask(query)).toEqual({
    customer: {
      firstSeen: '2024-05-10T07:00:00.000Z',
      lastSeen: '2024-05-11T02:30:00.000Z',
      imported: false,
      randomized: false,
    },
  });
});
