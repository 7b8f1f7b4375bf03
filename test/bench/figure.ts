export type Unit = 'records/s' | 'requests/s' | 'µs' | 'ms' | '%' | 'GB' | 'bytes';

/** What a figure should be; a target is met at its limit too. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One measured number. */
export interface Figure {
  /** What was measured, in words. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly target?: Target;
  /** What the number was measured on, or with. */
  readonly detail?: string;
}

export type Verdict = 'PASS' | 'MISSED' | '';

/** Empty for a figure that nobody set a target for. */
export function verdict({ value, target }: Figure): Verdict {
  if (target === undefined) return '';
  const met = 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
  return met ? 'PASS' : 'MISSED';
}
