import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Calendar } from '../calendar.ts';
import { FileDecoder } from '../decode/file-decoder.ts';
import type { RecordDecoder } from '../decode/record-decoder.ts';
import { addDropped, type DropCounts, totalDropped } from '../outcome.ts';
import type { EpochDay } from '../terms.ts';
import { Batch } from './batch.ts';
import { type ImportFile, type ImportProgress, OperationRefused } from './operations.ts';

/** Rows of one commit: whole row groups go past the database's log, and fewer than 200k keep its memory small. */
const COMMIT_RECORDS = 180_000;
const COMMIT_LETTERS = 10_000;

/** Where the records of files go: a line, or a stream. */
export interface ImportTarget {
  readonly calendar: Calendar;
  readonly decoder: RecordDecoder;
  /** Told of every batch before anything is decoded into it. */
  prepare?(batch: Batch): void;
  /** Resolves once the batch is kept; then it is used again. */
  append(batch: Batch): Promise<void>;
}

export interface Imported {
  lines: number;
  kept: number;
  readonly dropped: DropCounts;
  readonly days: Set<EpochDay>;
}

/**
 * Appends the records of whole files to a mall, without folding them: their days settle afterwards. The next
 * batch is decoded while the one before is committed.
 */
export async function appendFiles(
  target: ImportTarget,
  files: AsyncIterable<ImportFile>,
  receivedAtS: number,
  onProgress: (progress: ImportProgress) => void,
  imported: Imported,
): Promise<void> {
  const receiptDay = target.calendar.dayOf(receivedAtS);
  let filling = new Batch();
  let spare = new Batch();
  for (const batch of [filling, spare]) target.prepare?.(batch);
  let committing: Promise<void> = Promise.resolve();
  let bytesRead = 0;

  const commit = async () => {
    await committing;
    const batch = filling;
    filling = spare;
    spare = batch;
    book(batch, imported);
    committing = target.append(batch).finally(() => batch.clear());
    committing.catch(() => undefined);
    onProgress({ phase: 'reading', records: imported.lines, bytes: bytesRead });
  };

  const readFile = async (file: ImportFile) => {
    const decoder = new FileDecoder(target.decoder, receivedAtS);
    const counted = count(file.bytes, (length) => {
      bytesRead += length;
    });
    for await (const chunk of inflated(file.name, counted)) {
      filling.take(receivedAtS, receiptDay, (into) => decoder.push(chunk, into));
      const { sightings, deadLetters } = filling.decoded;
      if (sightings.length >= COMMIT_RECORDS || deadLetters.length >= COMMIT_LETTERS) await commit();
    }
    filling.take(receivedAtS, receiptDay, (into) => decoder.end(into));
    if (file.checkpoint !== undefined) {
      filling.checkpoints.set(file.checkpoint.source, file.checkpoint.position);
    }
  };

  try {
    for await (const file of files) await readFile(file);
  } finally {
    // After a mistake in a file, too: what was read before it is kept.
    await commit();
    await committing;
  }
}

function book(batch: Batch, imported: Imported): void {
  const { sightings, lines, dropped } = batch.decoded;
  imported.lines += lines;
  imported.kept += lines - totalDropped(dropped);
  addDropped(imported.dropped, dropped);
  let day = Number.NaN;
  for (let i = 0; i < sightings.length; i++) {
    if (sightings.day[i] !== day) {
      day = sightings.day[i]!;
      imported.days.add(day);
    }
  }
}

async function* count(bytes: AsyncIterable<Uint8Array>, add: (length: number) => void) {
  for await (const chunk of bytes) {
    add(chunk.byteLength);
    yield chunk;
  }
}

/** The bytes of a file, inflated when they begin as gzip does. */
async function* inflated(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  const head = await firstBytes(chunks, 2);
  const whole = (async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const source = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    const message = `${name} is not whole gzip: it cannot be inflated to its end. Mend it and import it again; what was read before is kept, and repeating it changes no answer`;
    throw new OperationRefused('BAD_FILE', message);
  } finally {
    source.destroy();
  }
}

/** The first chunks joined, until they are so many bytes; a pipe may hand over one byte at a time. */
async function firstBytes(chunks: AsyncIterator<Uint8Array>, bytes: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  while (head.byteLength < bytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = head.byteLength === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}
