import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Mall } from '../terms.ts';
import { MallDirectoryError } from './mall-directory-error.ts';
import { WatchedMall } from './watched-mall.ts';

/** The malls of all folders, as their directories describe them; changed files are taken up while running. */
export interface MallDirectories {
  /** Malls in force by code, ordered by code. */
  current(): ReadonlyMap<string, Mall>;

  /**
   * What is wrong now, by mall code (by path, where a whole folder cannot be read). The mall of a directory
   * with a mistake stays the last good one; without a good one it is not served. No mall's mistake touches
   * another mall.
   */
  problems(): ReadonlyMap<string, MallDirectoryError>;

  /** Folders that were looked into and do not exist. */
  missingFolders(): readonly string[];

  /** Calls the listener for every mall that is new or changed, until the returned function is called. */
  onChange(listener: (code: string, mall: Mall) => void): () => void;

  /** Looks now. A change is taken up by the second look that finds it the same, so never while it is written. */
  check(): Promise<void>;

  /** Stops looking; no listener is called any more. */
  close(): void;
}

export interface MallDirectoriesOptions {
  /** Each holds one folder a mall, named by its code. Where two have the same code, the first one counts. */
  readonly folders: readonly string[];
  /** The zones that malls are known in, by code: a directory that names another has a mistake. */
  readonly timeZones?: ReadonlyMap<string, string>;
  /** From the end of one look to the beginning of the next. */
  readonly pollMs?: number;
  /** Called for every problem once, those of the first look included, and again when it becomes another. */
  readonly onProblem?: (code: string, problem: MallDirectoryError) => void;
}

const POLL_MS = 2_000;

/** Resolves once every directory was read. Polls by a timer that does not keep the process alive. */
export async function openMallDirectories(options: MallDirectoriesOptions): Promise<MallDirectories> {
  const directories = new PolledMallDirectories(options);
  await directories.open();
  return directories;
}

class PolledMallDirectories implements MallDirectories {
  readonly #folders: readonly string[];
  readonly #timeZones: ReadonlyMap<string, string>;
  readonly #pollMs: number;
  readonly #onProblem: (code: string, problem: MallDirectoryError) => void;
  readonly #malls = new Map<string, WatchedMall>();
  /** Names of mall folders by folder, as last read. */
  readonly #names = new Map<string, readonly string[]>();
  readonly #unreadable = new Map<string, MallDirectoryError>();
  readonly #missing = new Set<string>();
  readonly #reported = new Map<string, string>();
  readonly #listeners = new Set<(code: string, mall: Mall) => void>();
  #looking: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MallDirectoriesOptions) {
    this.#folders = [...new Set(options.folders.map((folder) => resolve(folder)))];
    this.#timeZones = options.timeZones ?? new Map();
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#onProblem = options.onProblem ?? (() => undefined);
  }

  async open(): Promise<void> {
    await this.#look({ firstLook: true });
    this.#pollLater();
  }

  current(): ReadonlyMap<string, Mall> {
    const current = new Map<string, Mall>();
    for (const [code, { mall }] of this.#inOrder()) if (mall !== undefined) current.set(code, mall);
    return current;
  }

  problems(): ReadonlyMap<string, MallDirectoryError> {
    const problems = new Map(this.#unreadable);
    for (const [code, { problem }] of this.#inOrder()) if (problem !== undefined) problems.set(code, problem);
    return problems;
  }

  missingFolders(): readonly string[] {
    return [...this.#missing];
  }

  onChange(listener: (code: string, mall: Mall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  check(): Promise<void> {
    const look = this.#looking.then(() => this.#look({ firstLook: false }));
    this.#looking = look.catch(() => undefined);
    return look;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.check().then(() => this.#pollLater()), this.#pollMs).unref();
  }

  async #look({ firstLook }: { firstLook: boolean }): Promise<void> {
    for (const folder of this.#folders) await this.#list(folder);
    const found = this.#directoriesByCode(this.#folders);
    const hidden = this.#directoriesByCode([...this.#unreadable.keys()]);
    for (const code of found.keys()) {
      if (!this.#malls.has(code)) this.#malls.set(code, new WatchedMall(code, this.#timeZones.get(code)));
    }
    for (const [code, watched] of this.#inOrder()) {
      if (this.#closed) return;
      if (hidden.has(code)) continue;
      const changed = await watched.look(found.get(code) ?? [], { firstLook });
      if (watched.isForgotten) this.#malls.delete(code);
      if (changed && !this.#closed) for (const listener of this.#listeners) listener(code, watched.mall!);
    }
    this.#report();
  }

  #inOrder(): [string, WatchedMall][] {
    return [...this.#malls].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #directoriesByCode(folders: readonly string[]): Map<string, string[]> {
    const directories = new Map<string, string[]>();
    for (const folder of folders) {
      for (const name of this.#names.get(folder) ?? []) {
        directories.set(name, [...(directories.get(name) ?? []), join(folder, name)]);
      }
    }
    return directories;
  }

  /** A folder that cannot be read is taken to hold what it last did; its malls are not looked at. */
  async #list(folder: string): Promise<void> {
    this.#missing.delete(folder);
    this.#unreadable.delete(folder);
    try {
      this.#names.set(folder, await subfolders(folder));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        this.#missing.add(folder);
        this.#names.delete(folder);
        return;
      }
      const reason = `cannot be read (${message}); its malls stay as they are`;
      this.#unreadable.set(folder, new MallDirectoryError(folder, [{ file: '', line: null, reason }]));
    }
  }

  #report(): void {
    const problems = this.problems();
    for (const code of this.#reported.keys()) if (!problems.has(code)) this.#reported.delete(code);
    for (const [code, problem] of problems) {
      if (this.#closed || this.#reported.get(code) === problem.message) continue;
      this.#reported.set(code, problem.message);
      this.#onProblem(code, problem);
    }
  }
}

/** Names beginning with a dot are the system's and its tools': they are no malls. */
async function subfolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.name.startsWith('.') && (await isFolder(folder, entry))) names.push(entry.name);
  }
  return names;
}

async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return (await stat(join(parent, entry.name))).isDirectory();
  } catch {
    return false;
  }
}
