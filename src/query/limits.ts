import type { Ask } from './answers.ts';
import { Refusal } from './refusal.ts';
import { ROWS_MAX } from './row-budget.ts';

export const PAGE_MAX = 1_000;

/** Takes the rows of one answer from what its request may have; `advice` says how to ask for less. */
export function drawRows({ rows: budget }: Ask, rows: number, advice: string): void {
  refuseRowsAbove(rows, advice);
  if (budget === undefined || budget.take(rows)) return;
  throw new Refusal(
    'ANSWER_TOO_LARGE',
    `the answers of this request have more than ${grouped(ROWS_MAX)} rows together; ask fewer questions at a time, or ${advice}`,
  );
}

/** Of one answer alone. `advice` says how to ask for less. */
export function refuseRowsAbove(rows: number, advice: string): void {
  if (rows <= ROWS_MAX) return;
  throw new Refusal(
    'ANSWER_TOO_LARGE',
    `the answer has ${grouped(rows)} rows, more than the ${grouped(ROWS_MAX)} that one answer may have; ${advice}`,
  );
}

/** Refuses what is not a whole number in the range, both ends inside. */
export function refuseOutside(argument: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Refusal(
    'BAD_ARGUMENT',
    `${argument} is ${value}; it must be a whole number from ${grouped(min)} to ${grouped(max)}`,
  );
}

/** `50,000` for 50000. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
