import type { ApiKey, ApiKeys } from '../store/store.ts';
import { Rights } from './rights.ts';
import { isScope } from './scopes.ts';
import { digestOf, isSecretOf } from './secret.ts';

/** A key as its holder has it: an id to find it by, and a secret, of which a hash alone is kept. */
const KEY = /^ffk_([0-9a-z]{12})_([\w-]{43})$/;
const ID_BYTES = 8;
const SECRET_BYTES = 32;
const ID_SIGNS = 12;

export interface KeyWish {
  readonly name: string;
  readonly malls: readonly string[] | 'all';
  readonly scopes: readonly string[];
  readonly expiresAtS: number | null;
}

/** Every key in memory, as it is kept now, by whichever process it was made or revoked. */
export class KeyBook {
  readonly #keys = new Map<string, { readonly key: ApiKey; readonly rights: Rights }>();
  #stopWatching: () => void = () => undefined;

  private constructor() {}

  /** Resolves once the keys that are there are known. */
  static async open(kept: ApiKeys): Promise<KeyBook> {
    const book = new KeyBook();
    book.#stopWatching = await kept.watch((key) => book.#take(key));
    for (const key of await kept.list()) book.#take(key);
    return book;
  }

  /** Whose key this is; undefined for a text that is none, a wrong one, and a revoked one. */
  rightsOf(text: string): Rights | undefined {
    const [, id = '', secret = ''] = KEY.exec(text) ?? [];
    const found = this.#keys.get(id);
    if (found === undefined || found.key.revokedAtS !== null) return undefined;
    return isSecretOf(secret, Buffer.from(found.key.hash, 'hex')) ? found.rights : undefined;
  }

  isRevoked(id: string): boolean {
    return this.#keys.get(id)?.key.revokedAtS !== null;
  }

  close(): void {
    this.#stopWatching();
  }

  #take(key: ApiKey): void {
    const known = this.#keys.get(key.id)?.key;
    // What was revoked stays so, in whatever order the news come.
    if (known !== undefined && known.revokedAtS !== null) return;
    const { id, name, malls, expiresAtS } = key;
    const scopes = key.scopes.filter(isScope);
    this.#keys.set(id, {
      key,
      rights: new Rights({ holder: `key ${id} (${name})`, malls, scopes, expiresAtS, keyId: id }),
    });
  }
}

/** A new key: what is kept of it, and the text that is shown once. */
export function makeKey(
  wish: KeyWish,
  { random, nowS }: { readonly random: (bytes: number) => Buffer; readonly nowS: number },
): { readonly key: ApiKey; readonly text: string } {
  const id = BigInt(`0x${random(ID_BYTES).toString('hex')}`)
    .toString(36)
    .padStart(13, '0')
    .slice(-ID_SIGNS);
  const secret = random(SECRET_BYTES).toString('base64url');
  const key = { ...wish, id, hash: digestOf(secret).toString('hex'), createdAtS: nowS, revokedAtS: null };
  return { key, text: `ffk_${id}_${secret}` };
}
