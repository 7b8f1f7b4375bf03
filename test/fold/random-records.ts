import fc from 'fast-check';
import { ACCESS_POINTS, SHOPS, ZONES } from './folding.ts';
import type { Heard } from './reference.ts';

/** Some agree in their low 32 bits, and one is the highest of 46 bits. */
const DEVICES = [1, 2, 2 ** 32 + 1, 2 ** 46 - 1];

/** How far from a moment of interest: often the same few seconds, and pauses around the visit gaps. */
const offsetS = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 3, arbitrary: fc.constantFrom(9, 10, 11, 20, 21, 600, 601, 1_200, 1_202) },
  { weight: 1, arbitrary: fc.integer({ min: -700, max: 2_000 }) },
);

export interface RandomDays {
  readonly zone: (typeof ZONES)[number];
  readonly records: readonly Heard[];
}

/**
 * Records of a few devices on three days, around the moments where something could go wrong: midnights, the hour
 * that is skipped or comes twice, and any other. Many are of one second, of equal strength, or wholly the same.
 */
export const randomDays: fc.Arbitrary<RandomDays> = fc.constantFrom(...ZONES).chain((zone) => {
  const [, middle, last] = zone.days;
  const momentsS = [middle!.fromS, middle!.fromS + 2 * 3_600, middle!.fromS + 3 * 3_600, last!.fromS];
  return fc
    .record({
      momentsS: fc.subarray(momentsS, { minLength: 1 }),
      devices: fc.subarray(DEVICES, { minLength: 1 }),
    })
    .chain(({ momentsS, devices }) => recordsAround(momentsS, devices))
    .map((records) => ({ zone, records }));
});

/** The fewer devices and moments, the more there is to decide in one second. */
function recordsAround(momentsS: readonly number[], devices: readonly number[]): fc.Arbitrary<Heard[]> {
  const record: fc.Arbitrary<Heard> = fc
    .record({
      momentS: fc.constantFrom(...momentsS),
      offsetS,
      device: fc.constantFrom(...devices),
      shop: fc.constantFrom('', ...SHOPS),
      accessPoint: fc.constantFrom(null, ...ACCESS_POINTS),
      signalDbm: fc.constantFrom(null, -127, -61, -60, 0),
    })
    .map(({ momentS, offsetS: fromMomentS, ...said }) => ({ ...said, atS: momentS + fromMomentS }));
  return fc
    .tuple(fc.array(record, { maxLength: 50 }), fc.array(fc.nat(), { maxLength: 8 }))
    .map(([once, repeated]) => [
      ...once,
      ...(once.length === 0 ? [] : repeated.map((at) => once[at % once.length]!)),
    ]);
}

export const visitGapS = fc.constantFrom(10, 20, 600);

/** The same records in another order. */
export function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}
