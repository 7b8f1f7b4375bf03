import { setTimeout as sleep } from 'node:timers/promises';
import { Calendar } from '../../calendar.ts';
import type { Clock, DayRange, EpochDay } from '../../terms.ts';
import type { Simulator } from './simulator.ts';

const NEWLINE = 0x0a;
const STEP_MS = 1_000;

/** The first `records` lines of a range of days, or all of them when they are fewer. Each chunk is a copy. */
export function* firstRecords(
  simulator: Simulator,
  timeZone: string,
  days: DayRange,
  records: number,
): Generator<Uint8Array> {
  const calendar = new Calendar(timeZone);
  const range = { fromS: calendar.range(days.from).fromS, untilS: calendar.range(days.to).untilS };
  let left = records;
  for (const chunk of simulator.chunks(range)) {
    const bytes = chunk.records <= left ? chunk.bytes : firstLines(chunk.bytes, left);
    yield new Uint8Array(bytes);
    left -= Math.min(left, chunk.records);
    if (left === 0) return;
  }
}

/**
 * Lines without end, `speed` times as fast as the clock, from the start of a day on (without one, of the clock's
 * own); once they have caught up with the clock they keep its pace, since records of the future are refused.
 */
export async function* pacedRecords(
  simulator: Simulator,
  pace: { timeZone: string; firstDay: EpochDay | undefined; speed: number; clock: Clock },
): AsyncGenerator<Uint8Array> {
  const { clock, speed } = pace;
  const calendar = new Calendar(pace.timeZone);
  const startedS = clock.nowS();
  const startS = calendar.range(pace.firstDay ?? calendar.dayOf(startedS)).fromS;
  let fromS = startS;
  for (;;) {
    const nowS = clock.nowS();
    const untilS = Math.min(nowS, Math.floor(startS + (nowS - startedS) * speed));
    for (const { bytes } of simulator.chunks({ fromS, untilS })) yield new Uint8Array(bytes);
    fromS = Math.max(fromS, untilS);
    await sleep(STEP_MS);
  }
}

function firstLines(bytes: Uint8Array, lines: number): Uint8Array {
  let end = 0;
  for (let line = 0; line < lines; line++) end = bytes.indexOf(NEWLINE, end) + 1;
  return bytes.subarray(0, end);
}
