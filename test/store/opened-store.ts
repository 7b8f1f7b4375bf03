import type { DeadLetters, Store } from '../../src/store/store.ts';

/** A store with data of its own. */
export interface OpenedStore {
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  /** Closes the store and opens its data again. */
  reopen(): Promise<OpenedStore>;
  /** Closes the store if it still is open, and throws its data away. */
  dispose(): Promise<void>;
}

export type OpenStore = () => Promise<OpenedStore>;
