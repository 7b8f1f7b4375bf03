import { StoreUnavailable } from '../store.ts';

/**
 * What every call of the store goes through: lets work in until the store closes, knows what is under way, and
 * gives whatever goes wrong its one name.
 */
export class Gate {
  #closed = false;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  async run<T>(action: string, work: () => Promise<T>): Promise<T> {
    this.#enter(action);
    try {
      return await work();
    } catch (error) {
      throw unavailable(action, error);
    } finally {
      this.#leave();
    }
  }

  /** As `run`, from the first row asked for until the last one, or until the reader stops. */
  async *stream<T>(action: string, rows: () => AsyncIterable<T>): AsyncGenerator<T> {
    this.#enter(action);
    try {
      yield* rows();
    } catch (error) {
      throw unavailable(action, error);
    } finally {
      this.#leave();
    }
  }

  /** Turns away whoever comes from now on; resolves once all others have left. */
  async close(): Promise<void> {
    if (this.#closed) throw unavailable('close', new Error('the store is closed'));
    this.#closed = true;
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
  }

  #enter(action: string): void {
    if (this.#closed) throw unavailable(action, new Error('the store is closed'));
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    if (this.#running === 0) this.#whenIdle?.();
  }
}

function unavailable(action: string, error: unknown): StoreUnavailable {
  return error instanceof StoreUnavailable ? error : new StoreUnavailable(action, error);
}
