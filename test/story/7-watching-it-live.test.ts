import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Watched } from '../system/watch.ts';
import { at, BOOKS, SHOES, SmallMall, TEA } from './small-mall.ts';

/*
 * Chapter 7. What can be asked about today can be watched as well, over a WebSocket. A subscription answers at once,
 * and then whenever its answer changes, at most once a second. Nobody has to ask again and again.
 */

const PHONE = 'a4:c3:61:0b:22:01';

let mall: SmallMall;
beforeAll(async () => {
  mall = await SmallMall.open();
});
afterAll(() => mall.close());

async function watching<T>(selection: string, look: (updates: Watched<T>) => Promise<void>): Promise<void> {
  const updates = mall.watch<T>(selection);
  await look(updates);
  await updates.close();
}

test('the first answer comes at once, the next when there is something new to say', () =>
  watching('mallFootfall(mall: "small") { footfall }', async (updates) => {
    expect(await updates.next()).toEqual({ footfall: 0 });
    await mall.hear({ mac: PHONE, atS: at('12:00:00'), rssi: -60, ...BOOKS });
    await mall.clockShows('12:00:01');
    expect(await updates.next()).toEqual({ footfall: 1 });
  }));

/*
 * Positions come as what changed. A client keeps a map by customer: `full` means begin anew, `positions` are put
 * into it, `left` are taken out. A client that is too slow misses updates, and is told everything anew.
 */
test('positions are told in full once, then only those that changed', () =>
  watching<{ full: boolean; positions: { shop: { name: string } }[] }>(
    'customerPositions(mall: "small") { full positions { shop { name } } left }',
    async (updates) => {
      const shops = async () => {
        const { full, positions } = await updates.next();
        return { full, shops: positions.map(({ shop }) => shop.name) };
      };
      expect(await shops()).toEqual({ full: true, shops: ['Books'] });
      await mall.hear({ mac: 'a4:c3:61:0b:22:02', atS: at('12:00:01'), rssi: -60, ...SHOES });
      await mall.clockShows('12:00:02');
      expect(await shops()).toEqual({ full: false, shops: ['Shoes'] });
    },
  ));

/*
 * Density is the same for squares of the plan, 500 units wide: how many devices had their last position of the last
 * minute in each. A square that has emptied is told once, with 0.
 */
test('density tells squares that changed, and those that emptied', () =>
  watching('density(mall: "small") { full cells { x y devices } }', async (updates) => {
    const books = { x: 0, y: 0, devices: 1 };
    const shoes = { x: 500, y: 0, devices: 1 };
    expect(await updates.next()).toEqual({ full: true, cells: [books, shoes] });
    await mall.hear({ mac: PHONE, atS: at('12:00:02'), rssi: -60, ...TEA });
    await mall.clockShows('12:00:03');
    const tea = { x: 1000, y: 500, devices: 1 };
    expect(await updates.next()).toEqual({ full: false, cells: [{ ...books, devices: 0 }, tea] });
  }));

test('at midnight of the mall’s own time zone, the new day begins with nobody', async () => {
  await mall.clockShows('23:59:59');
  await watching('mallFootfall(mall: "small") { date footfall }', async (updates) => {
    expect(await updates.next()).toEqual({ date: '2024-05-10', footfall: 2 });
    await mall.clockShows('00:00:00', '2024-05-11');
    expect(await updates.next()).toEqual({ date: '2024-05-11', footfall: 0 });
  });
});
