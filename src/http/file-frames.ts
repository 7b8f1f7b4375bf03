import type { ImportFile } from '../ingest/operations.ts';

/**
 * Several files of unknown length in one stream of bytes. A frame is a letter, the length of its payload (4 bytes,
 * big-endian), and the payload:
 *
 *     F name   a file begins            D bytes   the next bytes of that file            E   all files are whole
 *
 * Without the last frame the stream was cut off, and nobody can take a part for the whole.
 */
const FILE = 'F'.charCodeAt(0);
const DATA = 'D'.charCodeAt(0);
const END = 'E'.charCodeAt(0);
const HEADER_BYTES = 5;
const NAME_BYTES_MAX = 4_096;

export const FILE_FRAMES_TYPE = 'application/vnd.footfall.files';

export async function* writeFileFrames(files: AsyncIterable<ImportFile>): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes } of files) {
    const text = Buffer.from(name).subarray(0, NAME_BYTES_MAX);
    yield Buffer.concat([header(FILE, text.byteLength), text]);
    for await (const chunk of bytes) {
      yield header(DATA, chunk.byteLength);
      yield chunk;
    }
  }
  yield header(END, 0);
}

/** The files of such a stream. What is left unread of one is skipped when the next is asked for. */
export async function* readFileFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<ImportFile> {
  const reader = new FrameReader(source);
  for (;;) {
    const { kind, length } = await reader.nextFrame();
    if (kind === END) return;
    if (kind !== FILE || length > NAME_BYTES_MAX) throw new Error('these bytes are not framed files');
    const name = (await reader.read(length)).toString();
    yield { name, bytes: reader.data() };
    for await (const skipped of reader.data()) void skipped;
  }
}

function header(kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

interface FrameHeader {
  readonly kind: number;
  readonly length: number;
}

/**
 * Its state lies here and not in the generators that it hands out, so that one of them may be left at any time. It
 * never ends its source before the end: that would break a connection, which may have an answer to carry yet.
 */
class FrameReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #upcoming: FrameHeader | undefined;
  /** Bytes not read yet of the data frame that is being read. */
  #dataLeft = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async nextFrame(): Promise<FrameHeader> {
    const upcoming = await this.#peek();
    this.#upcoming = undefined;
    return upcoming;
  }

  async *data(): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (this.#dataLeft > 0) {
        const part = await this.#someBytes(this.#dataLeft);
        this.#dataLeft -= part.byteLength;
        yield part;
      }
      const { kind, length } = await this.#peek();
      if (kind !== DATA) return;
      this.#upcoming = undefined;
      this.#dataLeft = length;
    }
  }

  /** A few bytes, copied together. */
  async read(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.#someBytes(left);
      left -= part.byteLength;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async #peek(): Promise<FrameHeader> {
    if (this.#upcoming === undefined) {
      const bytes = await this.read(HEADER_BYTES);
      this.#upcoming = { kind: bytes.readUInt8(0), length: bytes.readUInt32BE(1) };
    }
    return this.#upcoming;
  }

  /** The next bytes, at least one and at most so many, as they lie in the source. */
  async #someBytes(bytesMax: number): Promise<Uint8Array> {
    while (this.#chunk.byteLength === 0) {
      const { done, value } = await this.#source.next();
      if (done) throw new Error('the files were cut off before their end');
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, bytesMax);
    this.#chunk = this.#chunk.subarray(part.byteLength);
    return part;
  }
}
