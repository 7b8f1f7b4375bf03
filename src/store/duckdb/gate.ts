import { Gate as AnyGate } from '../gate.ts';
import { StoreBroken, StoreUnavailable } from '../store.ts';
import { DataFileGone } from './data-file-gone.ts';

/** The library gives its errors neither class nor code; those after which a database answers nothing more begin so. */
const FATAL = 'FATAL Error:';

/** The gate of a data file, which can break. */
export class Gate extends AnyGate {
  /** Resolves when the database is beyond use; a disk that was full for a moment is enough. Never rejects. */
  readonly broken: Promise<StoreBroken>;

  constructor() {
    let breakDown = (_error: StoreBroken): void => undefined;
    super((action, error) => named(action, error, (broken) => breakDown(broken)));
    this.broken = new Promise((resolve) => {
      breakDown = resolve;
    });
  }
}

/**
 * The database's library, like the file system, throws nothing but plain `Error`. Everything of a class of its own is
 * either a mistake in this program, such as a TypeError, or has its name already: asking again would mend neither.
 */
function named(action: string, error: unknown, onBroken: (error: StoreBroken) => void): unknown {
  if (error instanceof DataFileGone) return new StoreUnavailable(action, error, error.why);
  const isPlain = error instanceof Error && Object.getPrototypeOf(error) === Error.prototype;
  if (!isPlain) return error;
  if (!error.message.startsWith(FATAL)) return new StoreUnavailable(action, error);
  const broken = new StoreBroken(action, error);
  onBroken(broken);
  return broken;
}
