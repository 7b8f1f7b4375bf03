/** One mistake in a mall directory. */
export interface DirectoryProblem {
  /** Name of the file inside the directory; '' = the directory itself. */
  readonly file: string;
  /** Counted from 1, as an editor does; null = the file as a whole. */
  readonly line: number | null;
  /** What is wrong, and what would be right. */
  readonly reason: string;
}

const SHOWN_MAX = 20;

/** Gathers the mistakes of one directory: the first twenty in words, the rest as a number. */
export class DirectoryProblems {
  readonly #shown: DirectoryProblem[] = [];
  #count = 0;
  #unreadable = false;

  add(file: string, line: number | null, reason: string): void {
    this.#count++;
    if (this.#shown.length < SHOWN_MAX) this.#shown.push({ file, line, reason });
  }

  /** The file is there and the system did not give it out, which may be different the next time. */
  addUnreadable(file: string, cause: unknown): void {
    this.#unreadable = true;
    this.add(file, null, `cannot be read (${(cause as Error).message}); let footfall read it`);
  }

  /** Undefined when there is no mistake. */
  toError(mall: string): MallDirectoryError | undefined {
    if (this.#count === 0) return undefined;
    return new MallDirectoryError(mall, this.#shown, {
      unshown: this.#count - this.#shown.length,
      unreadable: this.#unreadable,
    });
  }
}

/** A mall directory that is not taken, with all its mistakes; the message has one line for each. */
export class MallDirectoryError extends Error {
  override readonly name = 'MallDirectoryError';
  readonly code = 'BAD_MALL_DIRECTORY';
  readonly mall: string;
  readonly problems: readonly DirectoryProblem[];
  /** How many more mistakes there are than `problems` lists. */
  readonly unshown: number;
  /** Reading again may end differently though no file changes. */
  readonly unreadable: boolean;

  constructor(
    mall: string,
    problems: readonly DirectoryProblem[],
    { unshown = 0, unreadable = false }: { unshown?: number; unreadable?: boolean } = {},
  ) {
    const lines = problems.map((problem) => describe(mall, problem));
    if (unshown > 0) lines.push(`${mall}: and ${unshown} more mistakes`);
    super(lines.join('\n'));
    this.mall = mall;
    this.problems = problems;
    this.unshown = unshown;
    this.unreadable = unreadable;
  }
}

/** `shanghai/area_shop.csv line 3: …` */
function describe(mall: string, { file, line, reason }: DirectoryProblem): string {
  const place = file === '' ? mall : `${mall}/${file}`;
  return line === null ? `${place}: ${reason}` : `${place} line ${line}: ${reason}`;
}
