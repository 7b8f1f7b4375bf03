import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at, BOOKS, SmallMall } from './small-mall.ts';

/*
 * Chapter 8. The address of a phone says who somebody is. So the first thing that happens to it is that it becomes a
 * pseudonym, made with a secret of the mall. From there on nobody sees the address, and no file holds it.
 */

const PHONE = 'a4:c3:61:0b:22:01';
const MADE_UP = 'da:a1:19:5e:77:c2';
const QUERY = '{ customerPositions(mall: "small") { customer randomized } }';

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
  await mall.hear(
    { mac: PHONE, atS: at('11:59:00'), ...BOOKS },
    { mac: MADE_UP, atS: at('11:59:01'), ...BOOKS },
  );
  // A record without a time is dropped, and what was dropped is kept for a week, to be looked at.
  await mall.send(JSON.stringify({ user_device_mac: PHONE, rssi: '-60' }));
});
afterAll(() => mall.close());

test('a customer is ten characters, which also tell whether the address was made up by the phone', async () => {
  const { customerPositions } = await mall.ask<{
    customerPositions: { customer: string; randomized: boolean }[];
  }>(QUERY);
  for (const { customer } of customerPositions) expect(customer).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
  expect(customerPositions.filter(({ randomized }) => randomized)).toHaveLength(1);
});

test('who has an address may ask by it: the answer says the pseudonym', async () => {
  const { customer } = await mall.ask<{ customer: { customer: string } }>(
    `{ customer(mall: "small", mac: "${PHONE}") { customer } }`,
  );
  const { customerPositions } = await mall.ask<{ customerPositions: object[] }>(QUERY);
  expect(customerPositions).toContainEqual({ ...customer, randomized: false });
});

test('in what was dropped, addresses are cut to the half that names the maker of the phone', async () => {
  const [letter] = await mall.deadLetters();
  expect(letter).toMatchObject({
    reason: 'bad_time',
    body: '{"user_device_mac":"a4:c3:61:xx:xx:xx","rssi":"-60"}',
  });
});

test('no file of the data folder holds an address, in any spelling, open or settled', async () => {
  await mall.clockShows('02:00:00', '2024-05-11');
  await mall.stop();
  const files = filesUnder(mall.home.env.FOOTFALL_DATA!);
  const bytes = Buffer.concat(files.map((file) => readFileSync(file)));
  expect(bytes.includes('a4:c3:61:xx:xx:xx')).toBe(true);
  for (const spelling of [PHONE, MADE_UP].flatMap(spellings)) expect(bytes.includes(spelling)).toBe(false);
  await mall.start();
});

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** As text of either case with each separator, and as the bytes of a number in either order. */
function spellings(mac: string): Buffer[] {
  const texts = [':', '-', ''].map((separator) => mac.replaceAll(':', separator));
  const number = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return [
    ...texts.flatMap((text) => [Buffer.from(text), Buffer.from(text.toUpperCase())]),
    number,
    Buffer.from(number).reverse(),
  ];
}
