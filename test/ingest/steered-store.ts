import type { DeadLetters, Store } from '../../src/store/store.ts';

type Port = Store | DeadLetters;

/** What a call waits for before it reaches the store; when this rejects, so does the call. */
type Gate = () => Promise<void>;

/** Calls that answer with a stream: one that is steered hands over its first chunk before it waits. */
const STREAMS: readonly string[] = ['rawOfDay', 'rawBetween', 'lastSecondsBetween', 'allCustomers'];

const WRITES: readonly string[] = ['commit', 'add', 'replaceDay', 'mergeCustomers'];

/**
 * A real store whose calls a test can hold back or refuse, and that writes down which ones were asked of it.
 * Whatever is not steered goes straight through.
 */
export class SteeredStore {
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  /** Names of the calls that write, in the order in which they were made. */
  readonly writes: string[] = [];
  readonly #gates = new Map<string, Gate>();
  readonly #held = new Map<string, { goOn: () => void; fail: (error: Error) => void }>();

  constructor(real: { readonly store: Store; readonly deadLetters: DeadLetters }) {
    this.store = this.#steered(real.store);
    this.deadLetters = this.#steered(real.deadLetters);
  }

  /** Calls of this name reject, until `goOn`. */
  refuse(name: string, error: Error): void {
    this.#gates.set(name, () => Promise.reject(error));
  }

  /** Calls of this name wait until `goOn` or `fail`. Resolves once one does. */
  hold(name: string): Promise<void> {
    const released = new Promise<void>((goOn, fail) => this.#held.set(name, { goOn, fail }));
    released.catch(() => undefined);
    return new Promise((waits) => {
      this.#gates.set(name, () => {
        waits();
        return released;
      });
    });
  }

  /** Later calls of this name go through, while those held go on waiting. */
  passNext(name: string): void {
    this.#gates.delete(name);
  }

  goOn(name: string): void {
    this.#gates.delete(name);
    this.#held.get(name)?.goOn();
  }

  /** The calls held reject; later ones go through. */
  fail(name: string, error: Error): void {
    this.#gates.delete(name);
    this.#held.get(name)?.fail(error);
  }

  #steered<P extends Port>(real: P): P {
    return new Proxy(real, {
      get: (_target, name) => {
        const method = Reflect.get(real, name);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]) => {
          const call = () => method.apply(real, given);
          if (WRITES.includes(String(name))) this.writes.push(String(name));
          const gate = this.#gates.get(String(name));
          if (STREAMS.includes(String(name))) return gated(call(), gate);
          return gate === undefined ? call() : gate().then(call);
        };
      },
    });
  }
}

async function* gated(chunks: AsyncIterable<unknown>, gate: Gate | undefined): AsyncGenerator<unknown> {
  let first = true;
  for await (const chunk of chunks) {
    yield chunk;
    if (first) await gate?.();
    first = false;
  }
}
