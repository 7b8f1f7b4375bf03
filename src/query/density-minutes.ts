import { LastPositions } from '../fold/last-positions.ts';
import type { Position, TimeRange } from '../terms.ts';
import type { Ask, ServedMall } from './answers.ts';

export const MINUTE_S = 60;
/** Raw records are read in parts, so that a page of a long range reads little more than what it lists. */
const FIRST_PART_S = 3_600;

/** Where every device heard in one calendar minute was last placed in it, in any order. */
export interface MinutePositions {
  readonly minuteS: number;
  readonly positions: readonly Position[];
}

/** The calendar minute that holds an instant: its first second. */
export function minuteOf(atS: number): number {
  return Math.floor(atS / MINUTE_S) * MINUTE_S;
}

/** The minutes with a record, ascending. The range must begin and end with a minute. */
export async function* minutesBetween(
  ask: Ask,
  { mall, codebook }: ServedMall,
  range: TimeRange,
): AsyncGenerator<MinutePositions> {
  let last = new LastPositions(codebook);
  let minuteS = range.fromS;
  let untilS = range.fromS;
  // Each part is twice as long as the one before: where that one held little, so may the next.
  for (let partS = FIRST_PART_S; untilS < range.untilS; partS *= 2) {
    const fromS = untilS;
    untilS = Math.min(fromS + partS, range.untilS);
    for await (const records of ask.store.rawBetween(mall.code, { fromS, untilS })) {
      for (let i = 0; i < records.length; i++) {
        if (records.occurredAtS[i]! >= minuteS + MINUTE_S) {
          if (last.size > 0) yield minuteOfPositions(minuteS, last);
          last = new LastPositions(codebook);
          minuteS = minuteOf(records.occurredAtS[i]!);
        }
        last.hear(records, i);
      }
    }
  }
  if (last.size > 0) yield minuteOfPositions(minuteS, last);
}

function minuteOfPositions(minuteS: number, last: LastPositions): MinutePositions {
  return { minuteS, positions: last.since(minuteS - 1, minuteS + MINUTE_S) };
}
