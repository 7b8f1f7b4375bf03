import type { Session } from './session.ts';

type Waiting = (session: Session) => void;

/** A few connections that answer questions; a question waits while all are taken, in order of arrival. */
export class QuestionPool {
  readonly #idle: Session[];
  readonly #waiting = new Set<Waiting>();

  constructor(sessions: readonly Session[]) {
    this.#idle = [...sessions];
  }

  /** With `signal`: once that is aborted the question is given up, and rejects with the signal's reason. */
  async ask<T>(question: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const session = this.#idle.pop() ?? (await this.#next(signal));
    const giveUp = () => session.connection.interrupt();
    signal?.addEventListener('abort', giveUp);
    try {
      return await question(session);
    } catch (error) {
      // What the database says of it then is that it was interrupted.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.#handOn(session);
    }
  }

  #next(signal: AbortSignal | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(take);
        reject(signal!.reason);
      };
      const take: Waiting = (session) => {
        signal?.removeEventListener('abort', leave);
        resolve(session);
      };
      this.#waiting.add(take);
      signal?.addEventListener('abort', leave);
    });
  }

  #handOn(session: Session): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#idle.push(session);
    } else {
      this.#waiting.delete(next);
      next(session);
    }
  }
}
