import type { Session } from './session.ts';

/** A connection that writes: one piece of work after the other, in the order in which they were asked for. */
export class Writer {
  readonly #session: Session;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  turn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => work(this.#session));
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/**
 * All of `work` or nothing; the session is usable again either way. Errors must leave `work`: the database
 * answers COMMIT after a failed statement with success, and rolls back.
 */
export async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run('BEGIN');
  try {
    const result = await work();
    await session.run('COMMIT');
    return result;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
