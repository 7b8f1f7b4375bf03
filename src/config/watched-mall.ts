import type { Mall } from '../terms.ts';
import { stampDirectory } from './directory-stamp.ts';
import { readMallDirectory } from './mall-directory.ts';
import { type DirectoryProblem, MallDirectoryError } from './mall-directory-error.ts';
import { quoted } from './quoted.ts';

const GONE = 'gone';

/**
 * One mall across the looks at its directory. A change is taken up by the look that finds it resting: as it was
 * at the look before, and still so after it was read. Until then, and while it has a mistake, the last good
 * mall stays in force.
 */
export class WatchedMall {
  readonly #code: string;
  /** The zone that the mall is known in from earlier starts. */
  readonly #keptTimeZone: string | undefined;
  #mall: Mall | undefined;
  /** Where the mall is read from. */
  #directory = '';
  /** Other directories that claim the same code. */
  #rivals: readonly string[] = [];
  #seenStamp = '';
  /** What `#mall` and `#mistakes` stand for. */
  #readStamp = '';
  #mistakes: MallDirectoryError | undefined;
  #gone = false;

  constructor(code: string, keptTimeZone?: string) {
    this.#code = code;
    this.#keptTimeZone = keptTimeZone;
  }

  get mall(): Mall | undefined {
    return this.#mall;
  }

  /** Its directory was removed before it ever was in force. */
  get isForgotten(): boolean {
    return this.#gone && this.#mall === undefined;
  }

  get problem(): MallDirectoryError | undefined {
    const problems: DirectoryProblem[] = [...(this.#mistakes?.problems ?? [])];
    const add = (reason: string) => problems.push({ file: '', line: null, reason });
    if (this.#gone) {
      add(`${this.#directory} is gone; the mall stays as it was until the next start, put the folder back`);
    }
    for (const rival of this.#rivals) {
      add(`${rival} is ignored, because the mall is read from ${this.#directory}; remove one of the two`);
    }
    if (problems.length === 0) return undefined;
    return new MallDirectoryError(this.#code, problems, { unshown: this.#mistakes?.unshown ?? 0 });
  }

  /**
   * Looks at the directories that have this code now. Resolves with whether another mall is in force. With
   * `firstLook`, takes what is there without waiting for a second look.
   */
  async look(directories: readonly string[], { firstLook }: { firstLook: boolean }): Promise<boolean> {
    if (directories.length > 0 && !directories.includes(this.#directory)) {
      this.#directory = directories[0]!;
      this.#mistakes = undefined;
    }
    this.#rivals = directories.filter((directory) => directory !== this.#directory);
    const stamp = directories.length === 0 ? GONE : await stampDirectory(this.#directory);
    const resting = firstLook || stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    if (!resting) return false;
    this.#gone = stamp === GONE;
    if (this.#gone || (stamp === this.#readStamp && !this.#mistakes?.unreadable)) return false;
    return this.#read(stamp);
  }

  async #read(stamp: string): Promise<boolean> {
    const read = await this.#readOrMistakes();
    if ((await stampDirectory(this.#directory)) !== stamp) {
      if (this.#mall === undefined)
        this.#mistakes = this.#mistake('', 'is being written; it is read once it rests');
      return false;
    }
    this.#readStamp = stamp;
    if (read instanceof MallDirectoryError) {
      this.#mistakes = read;
      return false;
    }
    const zone = this.#mall?.timeZone ?? this.#keptTimeZone ?? read.timeZone;
    if (read.timeZone !== zone) {
      const change = `timeZone was ${quoted(zone)} and is now ${quoted(read.timeZone)}`;
      const reason = `${change}; change it back, or describe the mall under a new code`;
      this.#mistakes = this.#mistake('mall.json', reason);
      return false;
    }
    this.#mistakes = undefined;
    this.#mall = read;
    return true;
  }

  async #readOrMistakes(): Promise<Mall | MallDirectoryError> {
    try {
      return await readMallDirectory(this.#directory, this.#code);
    } catch (error) {
      if (error instanceof MallDirectoryError) return error;
      throw error;
    }
  }

  #mistake(file: string, reason: string): MallDirectoryError {
    return new MallDirectoryError(this.#code, [{ file, line: null, reason }]);
  }
}
