import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { StoreUnavailable } from '../store.ts';
import { DataFileGone } from './data-file-gone.ts';
import { StoreInUse } from './store-in-use.ts';
import { refuseLostLog } from './write-ahead-log.ts';

export interface DatabaseOptions {
  /** A path, or `:memory:` for a database of its own that ends with the process. */
  readonly file: string;
  readonly memoryLimitMb?: number;
  readonly threads?: number;
}

const IN_MEMORY = ':memory:';

/** The library gives its errors neither class nor code; this is how it words a lock that it did not get. */
const LOCK_REFUSED = 'Could not set lock on file';

/** Files open in this process: the library would open one a second time, and silently lose rows of both. */
const openFiles = new Set<string>();

/** One database file, held by this process alone until it is closed. */
export class Database {
  readonly #instance: DuckDBInstance;
  readonly #file: string;
  /** Which file was opened, whatever it is called now; undefined in memory. */
  readonly #identity: string | undefined;

  private constructor(instance: DuckDBInstance, file: string, identity?: string) {
    this.#instance = instance;
    this.#file = file;
    this.#identity = identity;
  }

  /** Rejects with StoreInUse when the file is open already, otherwise with StoreUnavailable. */
  static async open(options: DatabaseOptions): Promise<Database> {
    if (options.file === IN_MEMORY) return new Database(await open(IN_MEMORY, options), IN_MEMORY);
    const file = await canonicalPath(options.file);
    if (openFiles.has(file)) throw new StoreInUse(file, 'this process');
    openFiles.add(file);
    try {
      return new Database(await open(file, options), file, await identityOf(file));
    } catch (error) {
      openFiles.delete(file);
      throw error;
    }
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /**
   * Rejects with DataFileGone when the file is no longer in its place. The database would not notice: it goes on
   * writing into a file that has no name any more.
   */
  async checkFile(): Promise<void> {
    if (this.#identity === undefined || (await identityOf(this.#file)) === this.#identity) return;
    throw new DataFileGone(this.#file);
  }

  /** Every connection must be closed already. */
  close(): void {
    this.#instance.closeSync();
    openFiles.delete(this.#file);
  }
}

async function open(file: string, options: DatabaseOptions): Promise<DuckDBInstance> {
  const settings: Record<string, string> = { autoinstall_known_extensions: 'false' };
  if (file === IN_MEMORY) settings.temp_directory = '';
  if (options.memoryLimitMb !== undefined) settings.memory_limit = `${options.memoryLimitMb}MiB`;
  if (options.threads !== undefined) settings.threads = String(options.threads);
  try {
    if (file !== IN_MEMORY) await refuseLostLog(file);
    return await DuckDBInstance.create(file, settings);
  } catch (error) {
    if (String(error).includes(LOCK_REFUSED)) {
      throw new StoreInUse(file, 'another process', error);
    }
    throw new StoreUnavailable(`open ${file}`, error);
  }
}

/** Tells a file from every other one; undefined when nothing is there. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** One name for one file, through symbolic links, before the file exists too. */
async function canonicalPath(file: string): Promise<string> {
  const path = resolve(file);
  try {
    return await realpath(path);
  } catch {
    try {
      return join(await realpath(dirname(path)), basename(path));
    } catch (error) {
      throw new StoreUnavailable(`open ${path}`, error);
    }
  }
}
