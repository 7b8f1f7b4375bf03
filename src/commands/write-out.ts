import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { reasonOf } from './system-reason.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

/** Writes to a file, compressed when its name ends in `.gz`, or with `-` to standard output. */
export async function writeOut(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  out: string,
  terminal: Terminal,
): Promise<void> {
  if (out === '-') return writeToReader(bytes, terminal.stdout);
  const file = await open(out, 'w').catch((error: unknown) => {
    throw new CommandFailed(`${out} cannot be written: ${reasonOf(error)}; choose another --out`);
  });
  if (out.endsWith('.gz')) await pipeline(bytes, createGzip(), file.createWriteStream());
  else await pipeline(bytes, file.createWriteStream());
}

/** A reader that has seen enough, as `head` has, ends it: that is no mistake. */
async function writeToReader(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  stdout: NodeJS.WritableStream,
): Promise<void> {
  try {
    await pipeline(bytes, stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
