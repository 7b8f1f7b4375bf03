import { StoreUnavailable } from './store.ts';

/**
 * What every call of a store goes through: lets work in until the store closes, knows what is under way, and gives
 * whatever goes wrong in the database its one name.
 */
export class Gate {
  readonly #named: (action: string, error: unknown) => unknown;
  #closed = false;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  /** `named` gives an error of the database its name, and every other one back as it is. */
  constructor(named: (action: string, error: unknown) => unknown) {
    this.#named = named;
  }

  /** With `signal`: what it ended has its reason for a name. */
  async run<T>(action: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#enter(action);
    try {
      return await work();
    } catch (error) {
      throw this.#nameOf(action, error, signal);
    } finally {
      this.#leave();
    }
  }

  /** As `run`, from the first row asked for until the last one, or until the reader stops. */
  async *stream<T>(action: string, rows: () => AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
    this.#enter(action);
    try {
      for await (const row of rows()) {
        yield row;
        signal?.throwIfAborted();
      }
    } catch (error) {
      throw this.#nameOf(action, error, signal);
    } finally {
      this.#leave();
    }
  }

  /** Turns away whoever comes from now on; resolves once all others have left. */
  async close(): Promise<void> {
    if (this.#closed) throw closed('close');
    this.#closed = true;
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #nameOf(action: string, error: unknown, signal: AbortSignal | undefined): unknown {
    return signal?.aborted && error === signal.reason ? error : this.#named(action, error);
  }

  #enter(action: string): void {
    if (this.#closed) throw closed(action);
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    if (this.#running === 0) this.#whenIdle?.();
  }
}

function closed(action: string): StoreUnavailable {
  return new StoreUnavailable(action, new Error('the store is closed'));
}
