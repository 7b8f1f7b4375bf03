/** A text inside single quotes, whatever is in it. */
export function quotedText(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}

/** From a second on, and before another; each with nanoseconds added. */
export function timeRange(from: Instant, until: Instant): string {
  return `time >= ${nanosecondsOf(from)} AND time < ${nanosecondsOf(until)}`;
}

/** A second, and nanoseconds after it, which may be a day's worth. */
export interface Instant {
  readonly second: number;
  readonly offset?: number;
}

/** Exact as text: beyond 2^53 no number is. */
export function nanosecondsOf({ second, offset = 0 }: Instant): string {
  return (BigInt(second) * 1_000_000_000n + BigInt(offset)).toString();
}
