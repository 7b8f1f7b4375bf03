import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar } from '../../src/calendar.ts';
import { DETAIL, HOURS_ALONE, WHOLE } from '../../src/changed-parts.ts';
import { CustomerRecord } from '../../src/fold/customer-record.ts';
import { DayFold } from '../../src/fold/day-fold.ts';
import { LastPositions } from '../../src/fold/last-positions.ts';
import { MallFold } from '../../src/fold/mall-fold.ts';
import type { DeviceDays, ShopDays } from '../../src/terms.ts';
import { byDevice, columnsOf, createCodebook, DAY, DAY_START_S, foldInto, heard, UTC } from './folding.ts';
import { randomDays, shuffled } from './random-records.ts';
import type { Heard } from './reference.ts';

const ALL = Number.POSITIVE_INFINITY;

function trackingFold(): DayFold {
  const options = { day: DAY, calendar: UTC, codebook: createCodebook(), visitGapS: 600 };
  return new DayFold({ ...options, newCustomers: () => 0, tracksChanges: true });
}

/** Rows as a store has them that is told of changes alone. */
class Told {
  readonly devices = new Map<number, Row>();
  readonly shops = new Map<string, Row>();

  /** Of each row nothing is read but the part that is said to have changed. */
  take({ deviceDays, deviceParts, shopDays, shopParts }: Taken): void {
    for (let i = 0; i < deviceDays.length; i++) {
      const device = deviceDays.device[i]!;
      const part = deviceParts?.[i] ?? WHOLE;
      const before = this.devices.get(device) ?? { hours: 0 };
      this.devices.set(device, {
        ...before,
        ...(part >= WHOLE && { firstS: deviceDays.firstS[i]! }),
        ...(part >= DETAIL && { lastS: deviceDays.lastS[i]! }),
        hours: before.hours | deviceDays.hours[i]!,
      });
    }
    for (let i = 0; i < shopDays.length; i++) {
      const key = `${shopDays.device[i]} ${shopDays.shop[i]}`;
      const part = shopParts?.[i] ?? WHOLE;
      const before = this.shops.get(key) ?? { hours: 0 };
      this.shops.set(key, {
        ...before,
        ...(part >= WHOLE && { visits: shopDays.visits[i]!, firstS: shopDays.firstS[i]! }),
        ...(part >= DETAIL && { dwellS: shopDays.dwellS[i]!, lastS: shopDays.lastS[i]! }),
        hours: before.hours | shopDays.hours[i]!,
      });
    }
  }
}

interface Taken {
  readonly deviceDays: DeviceDays;
  readonly shopDays: ShopDays;
  /** Whole rows, where none are given. */
  readonly deviceParts?: readonly number[];
  readonly shopParts?: readonly number[];
}

interface Row {
  readonly hours: number;
  readonly [column: string]: number;
}

describe('what is told of changes', () => {
  test('adds up to the rows of the day, whatever the records, their order, and how much is taken when', () => {
    const told = randomDays.chain(({ zone, records }) =>
      fc.record({
        zone: fc.constant(zone),
        records: shuffled(records),
        steps: fc.array(fc.record({ records: fc.nat(12), laterMax: fc.nat(3) }), { maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(told, ({ zone, records, steps }) => {
        const calendar = new Calendar(zone.timeZone);
        const codebook = createCodebook();
        const customers = new CustomerRecord(calendar);
        const fold = new MallFold({
          calendar,
          codebook,
          customers,
          positions: new LastPositions(codebook),
          latenessS: () => 60,
          visitGapS: () => 600,
          openDaysMax: 9,
          tracksChanges: true,
        });
        const days = new Set(records.map(({ atS }) => calendar.dayOf(atS)));
        for (const day of days) fold.openDay(day);
        const stores = new Map([...days].map((day) => [day, new Told()]));
        const takeAll = (laterMax: number) => {
          for (const [day, store] of stores) store.take(fold.find(day)!.changes!.take(laterMax));
        };
        let rest: readonly Heard[] = records;
        for (const { records: count, laterMax } of [...steps, { records: records.length, laterMax: ALL }]) {
          fold.fold(columnsOf(rest.slice(0, count), codebook, calendar), 2 ** 32 - 1);
          rest = rest.slice(count);
          takeAll(laterMax);
        }
        takeAll(ALL);
        for (const [day, store] of stores) {
          const { deviceDays, shopDays } = fold.find(day)!.drain();
          const whole = new Told();
          whole.take({ deviceDays, shopDays });
          expect(store.devices).toEqual(whole.devices);
          expect(new Map([...store.shops].sort())).toEqual(new Map([...whole.shops].sort()));
        }
      }),
    );
  });

  test('has nothing twice, and nothing when nothing changed', () => {
    const fold = trackingFold();
    const codebook = createCodebook();
    foldInto(fold, columnsOf([heard(1, 10, 'S1'), heard(1, 11, 'S1'), heard(2, 12)], codebook));
    const first = fold.changes!.take(ALL);
    expect([first.deviceDays.length, first.shopDays.length]).toEqual([2, 1]);
    const second = fold.changes!.take(ALL);
    expect([second.deviceDays.length, second.shopDays.length, fold.changes!.waiting]).toEqual([0, 0, 0]);
  });

  test('tells a device, a shop and an hour met for the first time at once, further records when there is time', () => {
    const fold = trackingFold();
    const codebook = createCodebook();
    foldInto(fold, columnsOf([heard(1, 10, 'S1'), heard(2, 10, 'S1')], codebook));
    const first = fold.changes!.take(0);
    expect([...first.deviceDays.device]).toEqual([1, 2]);
    expect([...first.shopDays.visits]).toEqual([1, 1]);
    fold.changes!.take(ALL);
    foldInto(fold, columnsOf([heard(1, 700, 'S1'), heard(2, 700, 'S1')], codebook));
    expect(fold.changes!.take(0).shopDays.length).toBe(0);
    expect(fold.changes!.waiting).toBe(4);
    const later = fold.changes!.take(1);
    expect([[...later.deviceDays.device], [...later.shopDays.device]]).toEqual([[1], [1]]);
    foldInto(fold, columnsOf([heard(2, 3_700)], codebook));
    expect(fold.changes!.take(0).deviceDays).toMatchObject({
      length: 1,
      lastS: Uint32Array.of(DAY_START_S + 3_700),
      hours: Uint32Array.of(0b10),
    });
  });

  test('of a day read back tells what was heard lately at once', () => {
    const fold = trackingFold();
    foldInto(fold, columnsOf(byDevice([heard(1, 10, 'S1'), heard(2, 9_000, 'S1')]), createCodebook()));
    fold.changes!.defer(DAY_START_S + 8_000);
    expect([...fold.changes!.take(0).deviceDays.device]).toEqual([2]);
    expect([...fold.changes!.take(ALL).deviceDays.device]).toEqual([1]);
  });

  test('says which part of a row changed: all of it, what every record changes, or an hour alone', () => {
    const fold = trackingFold();
    const codebook = createCodebook();
    const parts = (...records: Heard[]) => {
      foldInto(fold, columnsOf(records, codebook));
      const { deviceParts, shopParts } = fold.changes!.take(ALL);
      return [deviceParts, shopParts];
    };
    expect(parts(heard(1, 10, 'S1'))).toEqual([[WHOLE], [WHOLE]]);
    expect(parts(heard(1, 20, 'S1'))).toEqual([[DETAIL], [DETAIL]]);
    expect(parts(heard(1, 20, 'S1'))).toEqual([[], []]);
    expect(parts(heard(1, 5_000, 'S1'))).toEqual([[DETAIL], [WHOLE]]);
    expect(parts(heard(1, 15, 'S1'))).toEqual([[], []]);
    expect(parts(heard(1, 9))).toEqual([[WHOLE], []]);
    // Behind its newest position, so it is no visit; but an hour that it was not heard in.
    expect(parts(heard(1, 4_000, 'S1'), heard(1, 9_000))).toEqual([[DETAIL], []]);
    expect(parts(heard(1, 8_000, 'S1'))).toEqual([[], [HOURS_ALONE]]);
  });

  test('tells a device again that is new on its day no longer', () => {
    const fold = trackingFold();
    const customers = new CustomerRecord(UTC, (day, device) => day === DAY && fold.changes!.touch(device));
    foldInto(fold, columnsOf([heard(1, 10), heard(2, 10)], createCodebook()));
    for (const device of [1, 2]) customers.see(device, DAY_START_S + 10);
    fold.changes!.take(ALL);
    customers.see(1, DAY_START_S + 5);
    customers.see(1, DAY_START_S - 1);
    customers.see(1, DAY_START_S - 86_400);
    expect([...fold.changes!.take(0).deviceDays.device]).toEqual([1]);
    customers.importCustomer(2, DAY_START_S + 10, DAY_START_S + 10);
    const { deviceDays } = fold.changes!.take(0);
    customers.markNew(DAY, deviceDays.device, deviceDays.isNew);
    expect([[...deviceDays.device], [...deviceDays.isNew]]).toEqual([[2], [0]]);
  });
});
