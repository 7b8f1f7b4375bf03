import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SightingColumns } from '../../../src/sightings.ts';
import { rowsByDevice, rowsBySecond } from '../../../src/store/influx/row-order.ts';

const device = fc.oneof(
  fc.constantFrom(1, 2 ** 16, 2 ** 32, 2 ** 32 + 1, 2 ** 46 - 1),
  fc.integer({ min: 1, max: 2 ** 46 - 1 }),
);
const second = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

test('rows come by device, then second, or by second, and stay as they were where both are equal', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(device, second), { maxLength: 200 }), async (records) => {
      const columns = new SightingColumns(4);
      for (const [of, atS] of records) columns.push(0, of, atS, 0, 0, 0);
      const rows = records.map((_, row) => row);
      const bySecond = [...rows].sort((a, b) => records[a]![1] - records[b]![1] || a - b);
      const byDevice = [...rows].sort(
        (a, b) => records[a]![0] - records[b]![0] || records[a]![1] - records[b]![1] || a - b,
      );
      expect([...(await rowsBySecond(columns))]).toEqual(bySecond);
      expect([...(await rowsByDevice(columns))]).toEqual(byDevice);
    }),
    { numRuns: 30 },
  ));
