import type { Figure } from './figure.ts';

/** What every part is given. */
export interface Setting {
  /** Everything small: shows that the part works, and measures nothing. */
  readonly quick: boolean;
  /** Days of history that questions are asked of. */
  readonly days: number;
  /** A folder of the run's own, gone after it. */
  readonly folder: string;
  /** Flags of Node for the processes that are measured. */
  readonly nodeFlags: readonly string[];
  /** Says what is under way to whoever waits. */
  tell(progress: string): void;
}

/** Measures one aspect of the product. */
export type Part = (setting: Setting) => Promise<Figure[]>;
