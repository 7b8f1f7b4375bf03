import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerRecord } from '../../src/fold/customer-record.ts';
import type { Customer, Customers } from '../../src/terms.ts';
import { DAY, DAY_START_S, UTC } from './folding.ts';

const DAY_S = 86_400;

function rowsOf({ length, device, firstSeenS, lastSeenS, imported }: Customers): Customer[] {
  return Array.from({ length }, (_, i) => ({
    device: device[i]!,
    firstSeenS: firstSeenS[i]!,
    lastSeenS: lastSeenS[i]!,
    imported: imported[i] === 1,
  }));
}

function columnsOf(rows: readonly Customer[]): Customers {
  return {
    length: rows.length,
    device: Float64Array.from(rows, ({ device }) => device),
    firstSeenS: Uint32Array.from(rows, ({ firstSeenS }) => firstSeenS),
    lastSeenS: Uint32Array.from(rows, ({ lastSeenS }) => lastSeenS),
    imported: Uint8Array.from(rows, ({ imported }) => (imported ? 1 : 0)),
  };
}

const changesOf = ({ added, changed }: ReturnType<CustomerRecord['takeChanges']>) => ({
  added: rowsOf(added),
  changed: rowsOf(changed),
});

describe('a customer', () => {
  test('never seen is none', () => {
    const record = new CustomerRecord(UTC);
    expect(record.find(1)).toBeUndefined();
    expect(record.newOn(DAY)).toBe(0);
  });

  test('has the first and the last second, in any order of arrival', () => {
    const record = new CustomerRecord(UTC);
    for (const second of [50, 90, 10, 50]) record.see(1, DAY_START_S + second);
    const first = { firstSeenS: DAY_START_S + 10, lastSeenS: DAY_START_S + 90 };
    expect(record.find(1)).toEqual({ device: 1, ...first, imported: false });
    expect(record.size).toBe(1);
  });

  test('is new on the day of the first second, and moves when it does', () => {
    const record = new CustomerRecord(UTC);
    record.see(1, DAY_START_S);
    record.see(2, DAY_START_S + DAY_S - 1);
    record.see(1, DAY_START_S + DAY_S);
    expect([record.newOn(DAY), record.newOn(DAY + 1)]).toEqual([2, 0]);
    record.see(1, DAY_START_S - 1);
    expect([record.newOn(DAY - 1), record.newOn(DAY)]).toEqual([1, 1]);
  });

  test.each([
    ['seen before', ['see', 'import']],
    ['seen after', ['import', 'see']],
    ['imported twice', ['import', 'see', 'import']],
  ])('imported is new on no day: %s', (_name, calls) => {
    const record = new CustomerRecord(UTC);
    record.see(2, DAY_START_S);
    for (const call of calls) {
      if (call === 'see') record.see(1, DAY_START_S);
      else record.importCustomer(1, DAY_START_S - DAY_S, DAY_START_S + 5);
    }
    expect([record.newOn(DAY - 1), record.newOn(DAY)]).toEqual([0, 1]);
    const widened = { firstSeenS: DAY_START_S - DAY_S, lastSeenS: DAY_START_S + 5 };
    expect(record.find(1)).toEqual({ device: 1, ...widened, imported: true });
  });

  test('of the year 2105 is new on a day, too', () => {
    const record = new CustomerRecord(UTC);
    record.see(1, 2 ** 32 - 1);
    expect(record.newOn(UTC.dayOf(2 ** 32 - 1))).toBe(1);
  });
});

test('a record loaded from the store has nothing to change, and counts', () => {
  const record = new CustomerRecord(UTC);
  const rows = [
    { device: 1, firstSeenS: DAY_START_S, lastSeenS: DAY_START_S + 9, imported: false },
    { device: 2, firstSeenS: DAY_START_S, lastSeenS: DAY_START_S, imported: true },
  ];
  record.load(columnsOf(rows));
  expect(changesOf(record.takeChanges())).toEqual({ added: [], changed: [] });
  expect(record.newOn(DAY)).toBe(1);
  record.see(1, DAY_START_S + 9);
  record.importCustomer(2, DAY_START_S, DAY_START_S);
  expect(changesOf(record.takeChanges())).toEqual({ added: [], changed: [] });
  record.see(2, DAY_START_S + 1);
  expect(changesOf(record.takeChanges())).toEqual({
    added: [],
    changed: [{ ...rows[1]!, lastSeenS: DAY_START_S + 1 }],
  });
});

test('changes that could not be kept are changes again, with what came since', () => {
  const record = new CustomerRecord(UTC);
  record.see(1, DAY_START_S);
  record.takeChanges();
  record.see(1, DAY_START_S + 1);
  record.see(2, DAY_START_S);
  const lost = record.takeChanges();
  record.see(2, DAY_START_S + 5);
  record.giveBack(lost);
  const { added, changed } = changesOf(record.takeChanges());
  expect(added).toEqual([
    { device: 2, firstSeenS: DAY_START_S, lastSeenS: DAY_START_S + 5, imported: false },
  ]);
  expect(changed.map(({ device }) => device)).toEqual([1]);
});

test('a record that outgrows its first tables forgets nobody', () => {
  const record = new CustomerRecord(UTC);
  const { bytes } = record;
  for (let i = 0; i < 5_000; i++) record.see(i * 7_919, DAY_START_S + i);
  expect(record.newOn(DAY)).toBe(5_000);
  expect(record.bytes).toBeGreaterThan(bytes);
  const { added } = changesOf(record.takeChanges());
  expect(added.map(({ device, firstSeenS }) => [device, firstSeenS - DAY_START_S])).toEqual(
    Array.from({ length: 5_000 }, (_, i) => [i * 7_919, i]),
  );
  expect(record.find(4_999 * 7_919)).toMatchObject({ lastSeenS: DAY_START_S + 4_999 });
});

const device = fc.constantFrom(1, 2, 3, 2 ** 32 + 1, 2 ** 46 - 1);
const atS = fc.integer({ min: DAY_START_S - DAY_S, max: DAY_START_S + 2 * DAY_S - 1 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('see' as const), device, atS, toS: atS }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('import' as const), device, atS, toS: atS }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('take' as const), outcome: fc.constantFrom('kept', 'lost') }),
  },
);
const loaded = fc.uniqueArray(
  fc.record({ device, firstSeenS: atS, lastSeenS: atS, imported: fc.boolean() }).map((row) => ({
    ...row,
    firstSeenS: Math.min(row.firstSeenS, row.lastSeenS),
    lastSeenS: Math.max(row.firstSeenS, row.lastSeenS),
  })),
  { selector: (row) => row.device, maxLength: 3 },
);

test('record and store agree after every kept change, whatever was seen, imported and lost in between', () =>
  fc.assert(
    fc.property(loaded, fc.array(step, { maxLength: 30 }), (rows, steps) => {
      const record = new CustomerRecord(UTC);
      record.load(columnsOf(rows));
      const known = new Map(rows.map((row) => [row.device, row]));
      const stored = new Map(known);
      const widen = (of: number, fromS: number, toS: number, imported: boolean) => {
        const before = known.get(of) ?? { firstSeenS: fromS, lastSeenS: toS, imported };
        known.set(of, {
          device: of,
          firstSeenS: Math.min(before.firstSeenS, fromS),
          lastSeenS: Math.max(before.lastSeenS, toS),
          imported: before.imported || imported,
        });
      };
      for (const next of [...steps, { kind: 'take' as const, outcome: 'kept' }]) {
        if (next.kind === 'take') {
          const changes = record.takeChanges();
          const { added, changed } = changesOf(changes);
          for (const row of added) expect(stored.has(row.device)).toBe(false);
          for (const row of changed) expect(stored.has(row.device)).toBe(true);
          if (next.outcome === 'lost') record.giveBack(changes);
          else {
            for (const row of [...added, ...changed]) stored.set(row.device, row);
            expect(stored).toEqual(known);
          }
        } else {
          const [firstS, lastS] = [Math.min(next.atS, next.toS), Math.max(next.atS, next.toS)];
          if (next.kind === 'see') record.seeRange(next.device, firstS, lastS);
          else record.importCustomer(next.device, firstS, lastS);
          widen(next.device, firstS, lastS, next.kind === 'import');
        }
        for (const [of, row] of known) expect(record.find(of)).toEqual(row);
        for (const day of [DAY - 1, DAY, DAY + 1]) {
          const isNew = (row: Customer) => !row.imported && Math.floor(row.firstSeenS / DAY_S) === day;
          expect(record.newOn(day)).toBe([...known.values()].filter(isNew).length);
        }
      }
    }),
  ));
