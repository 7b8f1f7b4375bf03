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
  if (out === '-') return pipeline(bytes, terminal.stdout, { end: false });
  const file = await open(out, 'w').catch((error: unknown) => {
    throw new CommandFailed(`${out} cannot be written: ${reasonOf(error)}; choose another --out`);
  });
  if (out.endsWith('.gz')) await pipeline(bytes, createGzip(), file.createWriteStream());
  else await pipeline(bytes, file.createWriteStream());
}
