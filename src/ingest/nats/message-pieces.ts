import { MESSAGE_RECORDS_MAX } from '../source.ts';

/** Small enough for every server's limit, with its headers. */
const MESSAGE_BYTES_MAX = 512 << 10;
const LINE_FEED = 0x0a;

/** Kept records, as they came, cut into messages of NDJSON. */
export class MessagePieces {
  readonly #messages: Buffer[] = [];
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #records = 0;

  /** Of a body that is overwritten, the record is copied. */
  add(bytes: Uint8Array, from: number, until: number): void {
    const length = until - from + 1;
    if (this.#records === MESSAGE_RECORDS_MAX || this.#bytes + length > MESSAGE_BYTES_MAX) this.#cut();
    const line = Buffer.allocUnsafe(length);
    for (let at = from; at < until; at++) {
      // A record of an array may stand on several lines; between its fields a space is as good as a line feed.
      const byte = bytes[at]!;
      line[at - from] = byte === LINE_FEED || byte === 0x0d ? 0x20 : byte;
    }
    line[length - 1] = LINE_FEED;
    this.#pieces.push(line);
    this.#bytes += length;
    this.#records++;
  }

  /** What was added since the last call. */
  take(): Buffer[] {
    this.#cut();
    return this.#messages.splice(0);
  }

  #cut(): void {
    if (this.#records === 0) return;
    this.#messages.push(Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#bytes = 0;
    this.#records = 0;
  }
}
