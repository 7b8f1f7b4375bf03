import type { Session } from './session.ts';

/** A connection that writes: one piece of work after the other, in the order in which they were asked for. */
export class Writer {
  readonly #session: Session;
  readonly #check: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  /** `check` runs before each piece of work, which is not begun when it rejects. */
  constructor(session: Session, check: () => Promise<void>) {
    this.#session = session;
    this.#check = check;
  }

  turn<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const turn = this.#last.then(this.#check).then(() => work(this.#session));
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
