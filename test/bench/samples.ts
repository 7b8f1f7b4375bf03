/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that at least `share` of all values do not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** How long something took; processor time tells a slow program from a busy machine. */
export interface Duration {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export function durationOf(task: () => void): Duration {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  task();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Measures `rounds` times, one after the other, and gives the medians. */
export function medianDuration(rounds: number, measure: () => Duration): Duration {
  const durations = Array.from({ length: rounds }, measure);
  return {
    seconds: median(durations.map(({ seconds }) => seconds)),
    cpuSeconds: median(durations.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

/** `0.52 µs of processor time each`. */
export function cpuEach({ cpuSeconds }: Duration, count: number): string {
  return `${((cpuSeconds / count) * 1e6).toFixed(2)} µs of processor time each`;
}
