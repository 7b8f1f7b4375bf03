import type { Embedding } from './embedding.ts';
import { SCOPE_NAMES, type Scope } from './scopes.ts';

/** What somebody may do, until when. Made once for each key and token, and compared by `group`. */
export class Rights {
  /** Of whom, for logs and limits: never the secret itself. */
  readonly holder: string;
  /** Epoch seconds from which on nothing is allowed any more; null = for good. */
  readonly expiresAtS: number | null;
  /** The key that they come from, which can be revoked; null = none. */
  readonly keyId: string | null;
  /** Askers of one group are given the same answers to the same question. */
  readonly group: string;
  /** Whether it is counted how much they ask. */
  readonly isLimited: boolean;
  /** The frame of another site that they are for; null = none. */
  readonly embedding: Embedding | null;
  readonly #malls: ReadonlySet<string> | 'all';
  readonly #scopes: ReadonlySet<Scope>;

  constructor(options: {
    readonly holder: string;
    readonly malls: Iterable<string> | 'all';
    readonly scopes: Iterable<Scope>;
    readonly expiresAtS?: number | null;
    readonly keyId?: string | null;
    readonly isLimited?: boolean;
    readonly embedding?: Embedding | null;
  }) {
    this.holder = options.holder;
    this.expiresAtS = options.expiresAtS ?? null;
    this.keyId = options.keyId ?? null;
    this.isLimited = options.isLimited ?? true;
    this.embedding = options.embedding ?? null;
    this.#malls = options.malls === 'all' ? 'all' : new Set(options.malls);
    this.#scopes = new Set(options.scopes);
    const malls = this.#malls === 'all' ? '*' : [...this.#malls].sort().join(' ');
    this.group = `${malls}|${[...this.#scopes].sort().join(' ')}`;
  }

  hasScope(scope: Scope): boolean {
    return this.#scopes.has(scope);
  }

  hasMall(mall: string): boolean {
    return this.#malls === 'all' || this.#malls.has(mall);
  }

  may(scope: Scope, mall: string): boolean {
    return this.hasScope(scope) && this.hasMall(mall);
  }
}

/** Of the one token that may do everything, and of everybody where nothing is asked for. */
const EVERYTHING = { malls: 'all', scopes: SCOPE_NAMES, isLimited: false } as const;
export const ALL_RIGHTS = new Rights({ holder: 'token', ...EVERYTHING });
export const OPEN_RIGHTS = new Rights({ holder: 'anybody', ...EVERYTHING });
