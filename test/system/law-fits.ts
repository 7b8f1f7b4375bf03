import { expect } from '@jest/globals';
import type { Answers } from './law-answers.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** What fits together in the answers of one day, however final they are. */
export const FITTING: readonly (readonly [law: string, holds: (answers: Answers, date: string) => void])[] = [
  [
    'new and returning customers are the footfall, and new those who were never seen before',
    (
      { mallFootfall: [{ footfall, newCustomers: fresh, returningCustomers }], newCustomers, customers },
      date,
    ) => {
      expect(fresh + returningCustomers).toBe(footfall);
      expect(newCustomers).toEqual([{ newCustomers: fresh }]);
      const isNew = (customer: Answers['customers'][number]) =>
        customer !== null && !customer.imported && customer.firstSeen.startsWith(date);
      expect(fresh).toBe(customers.filter(isNew).length);
    },
  ],
  [
    'no hour exceeds its day, and the peak hour is the first of the fullest',
    ({ mallFootfall: [{ footfall }], hours, peakHour: [peak] }) => {
      expect(hours).toHaveLength(24);
      const most = Math.max(...hours.map((hour) => hour.footfall));
      expect(most).toBeLessThanOrEqual(footfall);
      expect(sum(hours.map((hour) => hour.footfall))).toBeGreaterThanOrEqual(footfall);
      expect(peak).toEqual(
        most === 0 ? { hourStart: null, footfall: 0 } : hours.find((hour) => hour.footfall === most),
      );
    },
  ],
  [
    'no hour of a shop exceeds that of the mall, nor the day of the shop',
    ({ hours, shops, shopHours }) => {
      for (const [i, ofShop] of shopHours.entries()) {
        for (const [slot, hour] of ofShop.entries()) {
          expect(hour.hourStart).toBe(hours[slot]!.hourStart);
          expect(hour.footfall).toBeLessThanOrEqual(hours[slot]!.footfall);
          expect(hour.footfall).toBeLessThanOrEqual(shops[i]!.footfall);
        }
      }
    },
  ],
  [
    'a shop is entered by no more than it hears, and hears no more than the mall',
    ({ mallFootfall: [{ footfall }], shops, topShops }) => {
      for (const shop of shops) {
        expect(shop.entered).toBeLessThanOrEqual(shop.footfall);
        expect(shop.footfall).toBeLessThanOrEqual(footfall);
        expect(shop.visits).toBeGreaterThanOrEqual(shop.entered);
        expect(shop.visits > 0).toBe(shop.entered > 0);
        if (shop.visits === 0) expect(shop.dwellSeconds).toBe(0);
      }
      const best = shops
        .filter((row) => row.shop.name !== null && row.footfall > 0)
        .sort((a, b) => b.footfall - a.footfall || (a.shop.code < b.shop.code ? -1 : 1))
        .map((row, i) => ({ rank: i + 1, shop: { code: row.shop.code }, footfall: row.footfall }));
      expect(topShops).toEqual(best);
    },
  ],
  [
    'what the customers of a shop did adds up to what the shop says',
    ({ shops, visited }) => {
      for (const { shop, entered, visits, dwellSeconds } of shops) {
        const rows = visited.flat().filter((row) => row.shop.code === shop.code);
        expect(rows).toHaveLength(entered);
        expect(sum(rows.map((row) => row.visits))).toBe(visits);
        expect(sum(rows.map((row) => row.dwellSeconds))).toBe(dwellSeconds);
      }
    },
  ],
  [
    'favourite and repeated shops are those among the shops that a customer visited',
    ({ customers, visited, favorites, repeats }) => {
      const known = visited.map((rows) => rows.filter(({ shop }) => shop.name !== null));
      const favorite = known.map((rows) =>
        [...rows].sort(
          (a, b) =>
            b.visits - a.visits || b.dwellSeconds - a.dwellSeconds || (a.shop.code < b.shop.code ? -1 : 1),
        ),
      );
      const expected = favorite.flatMap(([best], i) =>
        best === undefined
          ? []
          : [
              {
                customer: customers[i]!.customer,
                shop: best.shop,
                visits: best.visits,
                dwellSeconds: best.dwellSeconds,
              },
            ],
      );
      expect(favorites.nodes).toEqual(expected.sort((a, b) => (a.customer < b.customer ? -1 : 1)));
      const often = known.flatMap((rows, i) =>
        rows
          .filter(({ visits }) => visits >= 2)
          .map(({ shop: { code }, visits }) => ({
            customer: customers[i]!.customer,
            shop: { code },
            visits,
          })),
      );
      expect(repeats.nodes).toEqual(often.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)));
    },
  ],
];

export const keyOf = ({ customer, shop }: { customer: string; shop: { code: string } }) =>
  `${customer} ${shop.code}`;
