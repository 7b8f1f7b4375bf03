import { expect, test } from '@jest/globals';
import { nearestName } from '../../src/config/nearest-name.ts';

const KNOWN = ['visitGapSeconds', 'latenessSeconds', 'since'];

test.each([
  ['visitGapSecond', 'visitGapSeconds'],
  ['VISITGAPSECONDS', 'visitGapSeconds'],
  ['visitGap', 'visitGapSeconds'],
  ['lateness', 'latenessSeconds'],
  ['sinse', 'since'],
  ['', 'since'],
])('the nearest name of %j is %s', (name, nearest) => {
  expect(nearestName(name, KNOWN)).toBe(nearest);
});

test('among no names none is nearest', () => {
  expect(nearestName('since', [])).toBeUndefined();
});
