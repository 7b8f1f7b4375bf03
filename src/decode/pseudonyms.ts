import { createHmac, hash } from 'node:crypto';
import { AddressTable } from './address-table.ts';

/** Addresses remembered; with 16 bytes a slot the table never exceeds 64 MiB. */
const REMEMBERED_MAX = 2 ** 21;
const HALF = 2 ** 24;
const BLOCK_BYTES = 64;
const ADDRESS_BYTES = 6;
const DIGEST_BYTES = 32;
const RANDOMIZED_BIT = 0x02;

/**
 * The pseudonyms of one mall. A customer's is the HMAC-SHA-256 of the six address bytes under the mall's secret,
 * its first 45 bits, and after them one bit that says whether the address is randomised. Nobody without the secret
 * can go from one to the other.
 *
 * A table remembers what was hashed, so the keyed hash is paid once per device, not once per record.
 */
export class Pseudonyms {
  readonly #known = new AddressTable(REMEMBERED_MAX);
  /** HMAC written out, H(key ^ opad · H(key ^ ipad · address)): half the time of `createHmac` (1.1 µs, not 2.1). */
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** The secret is 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#inner = padded(secret, 0x36, ADDRESS_BYTES);
    this.#outer = padded(secret, 0x5c, DIGEST_BYTES);
  }

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#known.size;
  }

  get bytes(): number {
    return this.#known.bytes;
  }

  /** The pseudonym of a 48-bit address. */
  of(mac: number): number {
    const high = Math.floor(mac / HALF);
    return this.at(this.find(high, mac - high * HALF));
  }

  /** `of` for the hot path: takes the address in 24-bit halves, answers where the pseudonym lies, for `at`. */
  find(high: number, low: number): number {
    const slot = this.#known.find(high, low);
    return slot >= 0 ? slot : this.#known.set(high, low, this.#hash(high, low));
  }

  /** Valid until the next `find`. */
  at(slot: number): number {
    return this.#known.at(slot);
  }

  #hash(high: number, low: number): number {
    const inner = this.#inner;
    inner.writeUIntBE(high, BLOCK_BYTES, 3);
    inner.writeUIntBE(low, BLOCK_BYTES + 3, 3);
    this.#outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'binary');
    const digest = hash('sha256', this.#outer, 'binary');
    let first45 = 0;
    for (let i = 0; i < 5; i++) first45 = first45 * 256 + digest.charCodeAt(i);
    first45 = first45 * 32 + (digest.charCodeAt(5) >>> 3);
    return first45 * 2 + ((high >>> 16) & RANDOMIZED_BIT ? 1 : 0);
  }
}

/** The secret as HMAC prepares it, with room for a message after it. */
function padded(secret: Uint8Array, pad: number, messageBytes: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES + messageBytes);
  for (let i = 0; i < BLOCK_BYTES; i++) bytes[i] = (secret[i] ?? 0) ^ pad;
  return bytes;
}

/** What a store may keep of a secret: tells whether two are the same, and is of no use to hash addresses. */
export function fingerprint(secret: Uint8Array): string {
  return createHmac('sha256', secret).update('footfall: fingerprint of a secret').digest('hex');
}
