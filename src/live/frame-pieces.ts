/** Below every server's limit for a message, with room for what stands before it. */
const PIECE_BYTES_MAX = 480 << 10;
const HEAD_BYTES = 8 + 4 + 4 + 2 + 2;

/** A frame cut into messages, each of which says which frame it is of, and which piece of how many. */
export function piecesOf(epoch: number, number: number, frame: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(frame.length / PIECE_BYTES_MAX));
  return Array.from({ length: count }, (_, i) => {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeDoubleLE(epoch);
    head.writeUInt32LE(number, 8);
    head.writeUInt32LE(frame.length, 12);
    head.writeUInt16LE(i, 16);
    head.writeUInt16LE(count, 18);
    return Buffer.concat([head, frame.subarray(i * PIECE_BYTES_MAX, (i + 1) * PIECE_BYTES_MAX)]);
  });
}

/** Puts frames together again, of one owner in the order in which they were sent; one that lacks a piece is dropped. */
export class PieceJoiner {
  #epoch = 0;
  #number = -1;
  #pieces: Buffer[] = [];

  /** The frame that this piece completes. */
  take(message: Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    if (bytes.length < HEAD_BYTES) return undefined;
    const epoch = bytes.readDoubleLE();
    const number = bytes.readUInt32LE(8);
    const piece = bytes.readUInt16LE(16);
    const count = bytes.readUInt16LE(18);
    if (epoch !== this.#epoch || number !== this.#number) {
      this.#epoch = epoch;
      this.#number = number;
      this.#pieces = [];
    }
    if (piece !== this.#pieces.length) return undefined;
    this.#pieces.push(bytes.subarray(HEAD_BYTES));
    if (this.#pieces.length < count) return undefined;
    const frame = count === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#number = -1;
    return frame.length === bytes.readUInt32LE(12) ? frame : undefined;
  }
}
