import type { DeadLetters, Store } from '../../src/store/store.ts';

/** A store with data of its own. */
export interface OpenedStore {
  readonly store: Store;
  /** Undefined where dead letters go elsewhere: those promises are asked of that place. */
  readonly deadLetters?: DeadLetters;
  /** Closes the store and opens its data again. */
  reopen(): Promise<OpenedStore>;
  /** Closes the store if it still is open, and throws its data away. */
  dispose(): Promise<void>;
}

export type OpenStore = () => Promise<OpenedStore>;

/** Dead letters of their own. */
export interface OpenedLetters {
  readonly deadLetters: DeadLetters;
  reopen(): Promise<OpenedLetters>;
  dispose(): Promise<void>;
}

export type OpenLetters = () => Promise<OpenedLetters>;
