import type { Presence, Store } from '../store/store.ts';

/** The mall belongs to another process by now, or may: nothing more is written of it here. */
export class NoLongerOwner extends Error {
  override readonly name = 'NoLongerOwner';
  readonly code = 'NO_LONGER_OWNER';
  constructor(mall: string) {
    super(`another process may own mall ${mall} by now; it goes on from what was kept`);
  }
}

const WRITES: ReadonlySet<string | symbol> = new Set<keyof Store | keyof Presence>([
  'keepIdentity',
  'commit',
  'replaceDay',
  'mergeCustomers',
  'expire',
  'keepOpenRows',
]);

/**
 * A store as the owner of one mall sees it: what writes rejects with NoLongerOwner as soon as `mayWrite` says no. It
 * is asked before every write, so that a process that was paused writes nothing when it wakes.
 */
export function fencedStore<S extends object>(store: S, mall: string, mayWrite: () => boolean): S {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (!WRITES.has(name)) return method.bind(target);
      return (...given: readonly unknown[]) => {
        if (!mayWrite()) return Promise.reject(new NoLongerOwner(mall));
        return method.apply(target, given);
      };
    },
  });
}
