import { open, stat } from 'node:fs/promises';

/** How the database begins every log that it writes. */
const FIRST_BYTES = Buffer.from([0x64, 0x00, 0x62, 0x65, 0x00]);

/**
 * Rejects when the log beside a database file holds what would be lost by opening: the database deletes a log whose
 * file is missing, and takes one that it cannot read for an empty one, both without a word. A log that is whole up to
 * a point is read up to there: a power cut leaves it so, and what it leaves out was never acknowledged.
 */
export async function refuseLostLog(file: string): Promise<void> {
  const log = `${file}.wal`;
  const beginning = await firstBytes(log);
  if (beginning === undefined || beginning.length === 0) return;
  if (!(await exists(file))) {
    throw new Error(
      `${log} holds records, but the file it belongs to is missing: put ${file} back, or move the log away to begin with nothing`,
    );
  }
  if (!beginning.equals(FIRST_BYTES.subarray(0, beginning.length))) {
    throw new Error(
      `${log} is damaged from its first bytes on: restore it from a backup, or move it away to go on without the newest records`,
    );
  }
}

/** Undefined when there is no such file. */
async function firstBytes(path: string): Promise<Buffer | undefined> {
  if (!(await exists(path))) return undefined;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES.length), 0, FIRST_BYTES.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path, { bigint: true }).catch(() => undefined)) !== undefined;
}
