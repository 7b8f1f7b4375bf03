import type { Clock } from '../terms.ts';
import { AccessRefused } from './access-refused.ts';
import type { KeyBook } from './key-book.ts';
import { ALL_RIGHTS, OPEN_RIGHTS, type Rights } from './rights.ts';
import { bearerOf, digestOf, isSecretOf } from './secret.ts';
import type { TokenVerifier } from './token-verifier.ts';

const BRING =
  'bring the header "authorization: Bearer <token>", with an API key, a signed token, or the token of FOOTFALL_TOKEN';

/** Knows who asks: by the one token, by API keys, and by signed tokens. */
export class Doorkeeper {
  /** Nobody needs to bring anything. */
  readonly isOpen: boolean;
  readonly #token: Buffer | null;
  readonly #keys: KeyBook | undefined;
  readonly #tokens: TokenVerifier | undefined;
  readonly #clock: Clock;

  /** `token`: the one with all rights; null and no `tokens` = whoever brings nothing may do everything. */
  constructor(options: {
    readonly token: string | null;
    readonly clock: Clock;
    readonly keys?: KeyBook | undefined;
    readonly tokens?: TokenVerifier | undefined;
  }) {
    this.isOpen = options.token === null && options.tokens === undefined;
    this.#token = options.token === null ? null : digestOf(options.token);
    this.#keys = options.keys;
    this.#tokens = options.tokens;
    this.#clock = options.clock;
  }

  /**
   * What the bringer of an `Authorization` header, or of the same name in `connection_init`, may do. Throws, or rejects
   * with, AccessRefused. A promise only for signed tokens.
   */
  admit(authorization: unknown): Rights | Promise<Rights> {
    if (authorization === undefined || authorization === null) {
      if (this.isOpen) return OPEN_RIGHTS;
      throw new AccessRefused('UNAUTHENTICATED', BRING);
    }
    const brought = bearerOf(authorization);
    if (brought === undefined) throw new AccessRefused('UNAUTHENTICATED', BRING);
    if (this.#token !== null && isSecretOf(brought, this.#token)) return ALL_RIGHTS;
    const ofKey = this.#keys?.rightsOf(brought);
    if (ofKey !== undefined) return this.#lasting(ofKey);
    if (this.#tokens !== undefined && brought.split('.').length === 3) {
      return this.#tokens.verify(brought).then((rights) => this.#lasting(rights));
    }
    // Where everybody may do everything, a token that is not known takes nothing away.
    if (this.isOpen) return OPEN_RIGHTS;
    throw new AccessRefused('UNAUTHENTICATED', `the token that was brought is not known here; ${BRING}`);
  }

  /** Whether they still hold: neither expired nor revoked. */
  holds({ expiresAtS, keyId }: Rights): boolean {
    if (expiresAtS !== null && this.#clock.nowS() >= expiresAtS) return false;
    return keyId === null || this.#keys?.isRevoked(keyId) === false;
  }

  #lasting(rights: Rights): Rights {
    if (this.holds(rights)) return rights;
    throw new AccessRefused('UNAUTHENTICATED', 'the token that was brought has expired; get a new one');
  }
}
