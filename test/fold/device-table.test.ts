import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DeviceOrder } from '../../src/fold/device-order.ts';
import { DeviceTable } from '../../src/fold/device-table.ts';

/** Neighbours, numbers that agree in 32 bits, low or high, and the ends of the range: what a poor hash mixes up. */
const device = fc.oneof(
  fc.nat(20),
  fc.nat(2 ** 13).map((high) => high * 2 ** 32 + 7),
  fc.maxSafeNat().map((number) => number % 2 ** 46),
  fc.constantFrom(0, 2 ** 31, 2 ** 32, 2 ** 32 - 1, 2 ** 46 - 1),
);
const devices = fc.uniqueArray(device, { maxLength: 60 });
const strangers = fc.array(device, { maxLength: 20 });

describe('a table of devices', () => {
  test('numbers them in the order in which they come, and finds them and nobody else', () =>
    fc.assert(
      fc.property(devices, strangers, fc.nat(5_000), (added, others, expected) => {
        const table = new DeviceTable(expected);
        for (const [row, number] of added.entries()) {
          expect(table.find(number)).toBe(-1);
          expect(table.add(number)).toBe(row);
        }
        expect(table.size).toBe(added.length);
        expect(table.capacity).toBeGreaterThanOrEqual(added.length);
        for (const number of [...added, ...others]) expect(table.find(number)).toBe(added.indexOf(number));
        for (const [row, number] of added.entries()) expect(table.deviceOf(row)).toBe(number);
      }),
    ));

  test.each([
    ['neighbours', (i: number) => i],
    ['multiples of 2 to the 32nd', (i: number) => i * 2 ** 32],
    ['multiples of 1,024', (i: number) => i * 1_024],
    ['spread ones', (i: number) => (i * 7_368_787_997) % 2 ** 46],
  ])('finds each of 10,000 %s after having grown', (_name, numberOf) => {
    const table = new DeviceTable();
    const { bytes } = table;
    for (let i = 0; i < 10_000; i++) table.add(numberOf(i));
    for (let i = 0; i < 10_000; i++) {
      if (table.find(numberOf(i)) !== i) throw new Error(`row ${i} is not found`);
    }
    expect(table.find(numberOf(10_000))).toBe(-1);
    expect(table.bytes).toBeGreaterThan(bytes);
  });

  test('is empty again once cleared, and keeps its room', () => {
    const table = new DeviceTable();
    for (let i = 0; i < 3_000; i++) table.add(i);
    const { bytes, capacity } = table;
    table.clear();
    expect(table.size).toBe(0);
    expect(table.find(5)).toBe(-1);
    expect(table.add(5)).toBe(0);
    expect([table.bytes, table.capacity]).toEqual([bytes, capacity]);
  });
});

describe('the order of devices', () => {
  test('is ascending, whatever came between two looks', () =>
    fc.assert(
      fc.property(devices, fc.infiniteStream(fc.boolean()), strangers, (added, looks, asked) => {
        const table = new DeviceTable(1);
        const order = new DeviceOrder();
        for (const number of added) {
          table.add(number);
          if (looks.next().value) order.update(table);
        }
        order.update(table);
        const ascending = [...added].sort((a, b) => a - b);
        const places = Array.from({ length: order.length }, (_, place) => place);
        expect(places.map((place) => table.deviceOf(order.rowAt(place)))).toEqual(ascending);
        for (const number of [...added, ...asked]) {
          expect(order.firstAbove(number)).toBe(ascending.filter((other) => other <= number).length);
        }
      }),
    ));

  test('begins again once cleared', () => {
    const table = new DeviceTable();
    const order = new DeviceOrder();
    for (const number of [5, 3]) table.add(number);
    order.update(table);
    order.clear();
    table.clear();
    table.add(9);
    order.update(table);
    expect([order.length, table.deviceOf(order.rowAt(0))]).toEqual([1, 9]);
  });
});
