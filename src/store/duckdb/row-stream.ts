import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Database } from './database.ts';
import { type Parameter, Session } from './session.ts';

/**
 * The chunks of a large answer, on a connection of its own. One chunk is fetched ahead while the reader works on
 * the one before. A reader that stops early ends the question, and so does the signal.
 */
export async function* streamChunks(
  database: Database,
  sql: string,
  parameters: readonly Parameter[],
  signal?: AbortSignal,
): AsyncGenerator<DuckDBDataChunk> {
  signal?.throwIfAborted();
  const session = new Session(await database.connect());
  const giveUp = () => session.connection.interrupt();
  signal?.addEventListener('abort', giveUp);
  let ahead: Promise<DuckDBDataChunk | null> | undefined;
  try {
    const result = await session.stream(sql, parameters);
    ahead = result.fetchChunk();
    for (;;) {
      const chunk = await ahead;
      ahead = undefined;
      signal?.throwIfAborted();
      // A last chunk without rows may come, whose columns cannot be read.
      if (chunk === null || chunk.rowCount === 0) return;
      ahead = result.fetchChunk();
      // Its failure is met where it is awaited; it may come before that.
      ahead.catch(() => undefined);
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    if (ahead !== undefined) await endEarly(session, ahead);
    session.close();
  }
}

/** The open stream holds a transaction until another statement ends it. */
async function endEarly(session: Session, ahead: Promise<unknown>): Promise<void> {
  session.connection.interrupt();
  await ahead.catch(() => undefined);
  await session.run('SELECT 1').catch(() => undefined);
}
