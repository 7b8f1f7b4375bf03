/** A number as people say it: 500, 20k, 1.5M. */
export function compact(value: number): string {
  if (value >= 999_500) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 10_000) return `${Math.round(value / 1e3)}k`;
  return value >= 1_000 ? `${Number((value / 1e3).toPrecision(2))}k` : String(value);
}
