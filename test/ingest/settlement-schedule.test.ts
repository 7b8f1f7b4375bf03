import { describe, expect, test } from '@jest/globals';
import { isFrozen, settlementDueS } from '../../src/ingest/settlement-schedule.ts';
import type { DayArrival, DaySettlement, MallSettings } from '../../src/terms.ts';

const END_S = 1_000_000;
const range = { fromS: END_S - 86_400, untilS: END_S };
const settings: MallSettings = {
  since: 0,
  futureSkewSeconds: 120,
  latenessSeconds: 60,
  visitGapSeconds: 600,
  settleDelaySeconds: 7_200,
  settleQuietSeconds: 30,
  densityCell: 500,
};

const arrival = (values: Partial<DayArrival> = {}): DayArrival => ({
  day: 11,
  commit: 5,
  newestReceiptS: END_S - 100,
  waitingSinceS: END_S - 5_000,
  ...values,
});
const settlement = (values: Partial<DaySettlement> = {}): DaySettlement => ({
  day: 11,
  version: 1,
  settledAtS: END_S + 7_200,
  upToCommit: 5,
  lateSettlements: 0,
  visitGapS: 600,
  ...values,
});
const late = (values: Partial<DayArrival>) => arrival({ commit: 6, ...values });

describe('when a day is due', () => {
  test.each<[string, DayArrival | null, DaySettlement | null, number | null]>([
    ['a day without a record never is', null, null, null],
    ['the settling delay after its end', arrival(), null, END_S + 7_200],
    [
      'not before the quiet time after its newest record',
      arrival({ newestReceiptS: END_S + 8_000 }),
      null,
      END_S + 8_030,
    ],
    ['a settled day is not', arrival(), settlement(), null],
    [
      'a late record waits for the quiet time',
      late({ waitingSinceS: END_S + 9_000, newestReceiptS: END_S + 9_000 }),
      settlement(),
      END_S + 9_030,
    ],
    [
      'late records that do not end wait 10 minutes from the first',
      late({ waitingSinceS: END_S + 9_000, newestReceiptS: END_S + 9_599 }),
      settlement(),
      END_S + 9_600,
    ],
    [
      'the third time, 40 minutes',
      late({ waitingSinceS: END_S + 9_000, newestReceiptS: END_S + 20_000 }),
      settlement({ lateSettlements: 2 }),
      END_S + 9_000 + 2_400,
    ],
    [
      'never longer than an hour',
      late({ waitingSinceS: END_S + 9_000, newestReceiptS: END_S + 20_000 }),
      settlement({ lateSettlements: 9 }),
      END_S + 9_000 + 3_600,
    ],
    ['settled with another visit gap, at once', arrival(), settlement({ visitGapS: 300 }), END_S + 7_200],
  ])('%s', (_name, arrived, settled, dueS) => {
    expect(settlementDueS({ day: 11, arrival: arrived, settlement: settled }, range, settings)).toBe(dueS);
  });
});

test.each([
  [6, 7, false],
  [7, 7, true],
  [8, 7, true],
  [100_000, null, false],
])('a day %d days old is frozen when raw records are kept %p days: %p', (age, keep, frozen) => {
  expect(isFrozen(age, keep)).toBe(frozen);
});
