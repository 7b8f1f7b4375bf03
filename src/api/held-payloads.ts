import { randomUUID } from 'node:crypto';
import type { FormattedExecutionResult } from 'graphql';

/** Nobody outside of this process knows it, so no client can have it in an id. */
const MARK = randomUUID();
const NUMBER_DIGITS = 9;
const NUMBERS = 10 ** NUMBER_DIGITS;
const BEFORE = `{"held":"${MARK}`;
const AFTER = '"}}';
const TAIL_LENGTH = BEFORE.length + NUMBER_DIGITS + AFTER.length;
const END = Buffer.from('}');
/** Shorter ones are cheaper to copy than to send in parts. */
const PARTS_BYTES_MIN = 16 << 10;

/**
 * Payloads of one socket that are bytes already. The protocol writes each message as JSON around its payload, which would
 * serialise an answer once for every reader: so a short stand-in goes through it, and is changed for the bytes.
 */
export class HeldPayloads {
  readonly #held = new Map<string, Buffer>();
  #next = 0;

  /** Gives the stand-in of a payload that is about to be sent. */
  hold(bytes: Buffer): FormattedExecutionResult {
    const number = String(this.#next).padStart(NUMBER_DIGITS, '0');
    this.#next = (this.#next + 1) % NUMBERS;
    this.#held.set(number, bytes);
    return { held: `${MARK}${number}` } as FormattedExecutionResult;
  }

  /**
   * The message with the payload itself, where it ends with a stand-in. A long payload is a part of its own, so that all
   * sockets that wait to be read hold on to the same bytes.
   */
  put(message: string): readonly (string | Buffer)[] {
    const at = message.length - TAIL_LENGTH;
    if (this.#held.size === 0 || !message.startsWith(BEFORE, at)) return [message];
    const number = message.slice(at + BEFORE.length, -AFTER.length);
    const bytes = this.#held.get(number);
    if (bytes === undefined) return [message];
    this.#held.delete(number);
    const parts = [Buffer.from(message.slice(0, at)), bytes, END];
    return bytes.byteLength < PARTS_BYTES_MIN ? [Buffer.concat(parts)] : parts;
  }
}
