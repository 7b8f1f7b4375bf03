import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignMalls } from '../../../src/ingest/leases/assign-malls.ts';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,6}$/), { maxLength: 12 });

test('every mall has one member, shares differ by one at most, and the order of names means nothing', () =>
  fc.assert(
    fc.property(names, names, (malls, members) => {
      const assigned = assignMalls(malls, members);
      expect(assigned).toEqual(assignMalls([...malls].reverse(), [...members].reverse()));
      if (members.length === 0) return expect(assigned.size).toBe(0);
      expect([...assigned.keys()].sort()).toEqual([...malls].sort());
      const shares = members.map(
        (member) => [...assigned.values()].filter((owner) => owner === member).length,
      );
      expect(Math.max(0, ...shares)).toBeLessThanOrEqual(Math.ceil(malls.length / members.length));
    }),
  ));

test('when a member goes, malls of others mostly stay', () => {
  const malls = Array.from({ length: 60 }, (_, i) => `mall-${i}`);
  const members = ['a', 'b', 'c', 'd'];
  const before = assignMalls(malls, members);
  const after = assignMalls(malls, ['a', 'b', 'c']);
  const moved = malls.filter((mall) => before.get(mall) !== 'd' && before.get(mall) !== after.get(mall));
  expect(moved.length).toBeLessThan(20);
});
