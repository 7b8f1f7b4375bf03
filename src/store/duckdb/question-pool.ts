import type { Session } from './session.ts';

/** A few connections that answer questions; a question waits while all are taken, in order of arrival. */
export class QuestionPool {
  readonly #idle: Session[];
  readonly #waiting: ((session: Session) => void)[] = [];

  constructor(sessions: readonly Session[]) {
    this.#idle = [...sessions];
  }

  async ask<T>(question: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#idle.pop() ?? (await this.#next());
    try {
      return await question(session);
    } finally {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#idle.push(session);
      else waiting(session);
    }
  }

  #next(): Promise<Session> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
