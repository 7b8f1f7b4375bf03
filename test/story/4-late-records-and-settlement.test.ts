import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { at, BOOKS, SmallMall } from './small-mall.ts';

/*
 * Chapter 4. Records come late: a cable was out, an access point kept them for an hour. When a record happened
 * decides where it counts, never when it came. While a day is open its numbers grow; two hours after its end it
 * settles: it is computed again, from all of its records, and from then on its numbers stand.
 */

const PHONE = 'a4:c3:61:0b:22:01';
const LATE_PHONE = 'a4:c3:61:0b:22:02';

let mall: SmallMall;
beforeEach(async () => {
  mall = await SmallMall.open();
  await mall.hear({ mac: PHONE, atS: at('11:59:00'), ...BOOKS });
});
afterEach(() => mall.close());

async function friday() {
  const { mallFootfall } = await mall.ask<{ mallFootfall: { footfall: number; settled: boolean }[] }>(
    '{ mallFootfall(mall: "small", from: "2024-05-10", to: "2024-05-10") { footfall settled } }',
  );
  return mallFootfall[0]!;
}

test('a day settles two hours after its end', async () => {
  await mall.clockShows('01:59:59', '2024-05-11');
  expect(await friday()).toEqual({ footfall: 1, settled: false });
  await mall.clockShows('02:00:00', '2024-05-11');
  expect(await friday()).toEqual({ footfall: 1, settled: true });
});

test('while it is open, late records count at once', async () => {
  await mall.clockShows('23:00:00');
  await mall.hear({ mac: LATE_PHONE, atS: at('09:00:00'), ...BOOKS });
  expect(await friday()).toEqual({ footfall: 2, settled: false });
});

/*
 * A settled number does not flicker. A record that comes later still is kept, and the day says that it waits to be
 * counted; once nothing has come for half a minute, the day settles again, with it.
 */
test('once it has settled, its numbers stand until it settles again', async () => {
  await mall.clockShows('02:00:00', '2024-05-11');
  expect(await mall.hear({ mac: LATE_PHONE, atS: at('09:00:00'), ...BOOKS })).toEqual({
    kept: 1,
    dropped: {},
  });
  expect(await friday()).toEqual({ footfall: 1, settled: false });
  await mall.clockShows('02:00:30', '2024-05-11');
  expect(await friday()).toEqual({ footfall: 2, settled: true });
});

/*
 * A file of old records is the same thing, only larger. An import does not wait: when it ends, every day that it
 * touched is settled. Importing a file twice changes nothing, so nobody has to remember what was imported.
 */
test('an import settles the days it touches, and twice is as good as once', async () => {
  const records = [PHONE, LATE_PHONE]
    .map((mac) => JSON.stringify({ user_device_mac: mac, occur_time: String(at('15:00:00', '2023-12-24')) }))
    .join('\n');
  const query = '{ mallFootfall(mall: "small", from: "2023-12-24", to: "2023-12-24") { footfall settled } }';
  for (let times = 1; times <= 2; times++) {
    const { lines, kept, days } = await mall.importFile(records);
    expect({ lines, kept, days }).toEqual({
      lines: 2,
      kept: 2,
      days: [{ date: '2023-12-24', state: 'settled' }],
    });
    expect(await mall.ask(query)).toEqual({ mallFootfall: [{ footfall: 2, settled: true }] });
  }
});
