import { expect, test } from '@jest/globals';
import { HeldStates } from '../../../src/store/influx/held-states.ts';
import type { DayRange, DayState } from '../../../src/terms.ts';

const HELD_MS = 1_000;

/** Held states over a store of which a test says what it has, and hears what was read. */
function holding(heldMs = HELD_MS) {
  const kept = new Map<number, DayState>();
  const reads: DayRange[] = [];
  let nowMs = 0;
  const held = new HeldStates(heldMs, () => nowMs);
  const read = async (days: DayRange) => {
    reads.push(days);
    return [...kept.values()].filter(({ day }) => day >= days.from && day <= days.to);
  };
  return {
    kept,
    reads,
    wait: (ms: number) => {
      nowMs += ms;
    },
    between: (from: number, to = from) => held.between('m', { from, to }, read),
    failOnce: () => held.between('m', { from: 1, to: 1 }, () => Promise.reject(new Error('gone'))),
  };
}

function state(day: number, { version = 1, arrivedAt = 1 } = {}): DayState {
  const arrival = { day, commit: arrivedAt, newestReceiptS: 0, waitingSinceS: 0 };
  const rest = { settledAtS: 0, lateSettlements: 0, visitGapS: 600 };
  return { day, arrival, settlement: { day, version, upToCommit: 1, ...rest } };
}

test('settled days are read once in so long a time', async () => {
  const { kept, reads, between, wait } = holding();
  kept.set(1, state(1)).set(2, state(2));
  expect(await between(1)).toEqual([state(1)]);
  kept.set(1, state(1, { version: 2 }));
  wait(HELD_MS - 1);
  expect(await between(1, 2)).toEqual([state(1), state(2)]);
  expect(reads).toHaveLength(1);
  wait(1);
  expect(await between(1)).toEqual([state(1, { version: 2 })]);
  expect(reads).toHaveLength(2);
});

test.each([
  ['nothing came of', undefined],
  ['is open', { ...state(2), settlement: null }],
  ['has records that wait', state(2, { arrivedAt: 2 })],
])('a range with a day that %s is read as it is now', async (_what, before) => {
  const { kept, reads, between } = holding();
  kept.set(1, state(1));
  if (before) kept.set(2, before);
  await between(1);
  kept.set(2, state(2, { version: 5 }));
  expect(await between(1, 2)).toEqual([state(1), state(2, { version: 5 })]);
  expect(reads.at(-1)).toEqual({ from: 1, to: 2 });
});

test('a read that failed is held for nobody', async () => {
  const { kept, between, failOnce } = holding();
  kept.set(1, state(1));
  const failed = failOnce();
  const [alone] = await Promise.all([between(1), expect(failed).rejects.toThrow('gone')]);
  expect(alone).toEqual([state(1)]);
  expect(await between(1)).toEqual([state(1)]);
});

test('a process that writes holds none', async () => {
  const { kept, reads, between } = holding(0);
  kept.set(1, state(1));
  await between(1);
  await between(1);
  expect(reads).toHaveLength(2);
});
