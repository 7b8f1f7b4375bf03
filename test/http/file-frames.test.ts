import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileFrames, writeFileFrames } from '../../src/http/file-frames.ts';
import type { ImportFile } from '../../src/ingest/operations.ts';

interface File {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

const file = fc.record({
  name: fc.string(),
  chunks: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
});
const files = fc.array(file, { maxLength: 4 });
const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 20 }));

test('files come out as they went in, however the stream is cut on its way', () =>
  fc.assert(
    fc.asyncProperty(files, cuts, async (sent, sizes) => {
      const bytes = await framed(sent);
      const received: { name: string; bytes: Buffer }[] = [];
      for await (const { name, bytes: content } of readFileFrames(cut(bytes, sizes))) {
        received.push({ name, bytes: await whole(content) });
      }
      expect(received).toEqual(sent.map(({ name, chunks }) => ({ name, bytes: Buffer.concat(chunks) })));
    }),
  ));

test('a stream that is cut off is never taken for a whole one', () =>
  fc.assert(
    fc.asyncProperty(files, fc.nat(), cuts, async (sent, at, sizes) => {
      const bytes = await framed(sent);
      const part = bytes.subarray(0, at % bytes.byteLength);
      const reading = async () => {
        for await (const { bytes: content } of readFileFrames(cut(part, sizes))) await whole(content);
      };
      await expect(reading()).rejects.toThrow('cut off');
    }),
  ));

test('what is left unread of a file is skipped', async () => {
  const bytes = await framed([
    { name: 'a', chunks: [Buffer.from('aaaa'), Buffer.from('aaaa')] },
    { name: 'b', chunks: [Buffer.from('bbbb')] },
    { name: 'c', chunks: [Buffer.from('cc')] },
  ]);
  const received: string[] = [];
  for await (const { name, bytes: content } of readFileFrames(cut(bytes, [1000].values()))) {
    if (name === 'b') continue;
    for await (const chunk of content) {
      received.push(`${name}: ${Buffer.from(chunk)}`);
      break;
    }
  }
  expect(received).toEqual(['a: aaaa', 'c: cc']);
});

test.each([
  ['an unknown kind', 'X\0\0\0\0'],
  ['data before any file', 'D\0\0\0\x01a'],
  ['a name beyond all measure', 'F\0\x01\0\0'],
])('%s is refused', async (_what, text) => {
  const reading = readFileFrames(cut(Buffer.from(text, 'latin1'), [5].values()));
  await expect(reading.next()).rejects.toThrow('not framed files');
});

async function framed(sent: readonly File[]): Promise<Buffer> {
  return whole(writeFileFrames(asImportFiles(sent)));
}

async function* asImportFiles(sent: readonly File[]): AsyncGenerator<ImportFile> {
  for (const { name, chunks } of sent) yield { name, bytes: inOrder(chunks) };
}

async function* inOrder<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

/** The same bytes in pieces of these sizes, the last size for all that follow. */
async function* cut(bytes: Buffer, sizes: Iterator<number>): AsyncGenerator<Buffer> {
  let size = 1;
  for (let at = 0; at < bytes.byteLength; at += size) {
    size = sizes.next().value ?? size;
    yield bytes.subarray(at, at + size);
  }
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}
