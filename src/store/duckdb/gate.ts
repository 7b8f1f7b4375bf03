import { StoreBroken, StoreUnavailable } from '../store.ts';
import { DataFileGone } from './data-file-gone.ts';

/** The library gives its errors neither class nor code; those after which a database answers nothing more begin so. */
const FATAL = 'FATAL Error:';

/**
 * What every call of the store goes through: lets work in until the store closes, knows what is under way, and
 * gives whatever goes wrong in the database its one name.
 */
export class Gate {
  /** Resolves when the database is beyond use; a disk that was full for a moment is enough. Never rejects. */
  readonly broken: Promise<StoreBroken>;
  #breakDown!: (error: StoreBroken) => void;
  #closed = false;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor() {
    this.broken = new Promise((resolve) => {
      this.#breakDown = resolve;
    });
  }

  async run<T>(action: string, work: () => Promise<T>): Promise<T> {
    this.#enter(action);
    try {
      return await work();
    } catch (error) {
      throw this.#named(action, error);
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
      throw this.#named(action, error);
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

  #enter(action: string): void {
    if (this.#closed) throw closed(action);
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    if (this.#running === 0) this.#whenIdle?.();
  }

  /**
   * The database's library, like the file system, throws nothing but plain `Error`. Everything of a class of its own
   * is either a mistake in this program, such as a TypeError, or has its name already: asking again would mend neither.
   */
  #named(action: string, error: unknown): unknown {
    if (error instanceof DataFileGone) return new StoreUnavailable(action, error, error.why);
    const isPlain = error instanceof Error && Object.getPrototypeOf(error) === Error.prototype;
    if (!isPlain) return error;
    if (!error.message.startsWith(FATAL)) return new StoreUnavailable(action, error);
    const broken = new StoreBroken(action, error);
    this.#breakDown(broken);
    return broken;
  }
}

function closed(action: string): StoreUnavailable {
  return new StoreUnavailable(action, new Error('the store is closed'));
}
