import { Calendar } from '../calendar.ts';
import type { MallDirectories } from '../config/mall-directories.ts';
import { openSecret } from '../config/secrets.ts';
import { fingerprint, Pseudonyms } from '../decode/pseudonyms.ts';
import type { Store } from '../store/store.ts';
import type { Mall } from '../terms.ts';
import type { ServedMall } from './answers.ts';

export interface ServedMallsOptions {
  readonly directories: MallDirectories;
  readonly store: Store;
  readonly secretsFolder: string;
  /** A mall is not served, or no longer as its directory describes it. */
  readonly onProblem: (mall: string, error: unknown) => void;
}

/** Every mall that a process answers for which does not fold it: what the directories say, and what the store has. */
export class ServedMalls {
  readonly #options: ServedMallsOptions;
  readonly #served = new Map<string, ReadMall>();
  readonly #opening = new Map<string, Promise<void>>();

  private constructor(options: ServedMallsOptions) {
    this.#options = options;
  }

  /** A mall that cannot be opened is told of, and tried again by `retry` and when its directory changes. */
  static async open(options: ServedMallsOptions): Promise<ServedMalls> {
    const malls = new ServedMalls(options);
    options.directories.onChange((code, mall) => void malls.#take(code, mall));
    await malls.retry();
    return malls;
  }

  find(code: string): ServedMall | undefined {
    return this.#served.get(code);
  }

  codes(): string[] {
    return [...this.#served.keys()].sort();
  }

  /** Malls of the directories that could not be opened so far, ascending. */
  missing(): string[] {
    const known = [...this.#options.directories.current().keys()];
    return known.filter((code) => !this.#served.has(code)).sort();
  }

  /** Opens what is missing. */
  async retry(): Promise<void> {
    const { directories } = this.#options;
    await Promise.all(this.missing().map((code) => this.#take(code, directories.current().get(code)!)));
  }

  async #take(code: string, mall: Mall): Promise<void> {
    const served = this.#served.get(code);
    if (served !== undefined) {
      served.mall = mall;
      return;
    }
    const opening = this.#opening.get(code) ?? this.#open(mall);
    this.#opening.set(code, opening);
    await opening.finally(() => this.#opening.delete(code));
  }

  async #open(mall: Mall): Promise<void> {
    const { store, secretsFolder, directories, onProblem } = this.#options;
    try {
      const kept = await store.openMall(mall.code);
      const { secret } = await openSecret({
        folder: secretsFolder,
        mall: mall.code,
        keptFingerprint: kept.identity?.fingerprint ?? null,
        mayCreate: false,
        fingerprint,
        random: neverAsked,
      });
      const pseudonyms = new Pseudonyms(secret);
      this.#served.set(mall.code, {
        mall: directories.current().get(mall.code) ?? mall,
        calendar: new Calendar(mall.timeZone),
        codebook: kept.codebook,
        forgottenBefore: kept.expired,
        pseudonym: (mac) => pseudonyms.of(mac),
      });
    } catch (error) {
      onProblem(mall.code, error);
    }
  }
}

interface ReadMall extends ServedMall {
  mall: Mall;
}

function neverAsked(): Uint8Array {
  throw new Error('no secret is made where customers are only read');
}
