import type { DeadLetter, DropReason } from '../../outcome.ts';
import type { DeadLetters } from '../store.ts';
import { appendRows } from './append-rows.ts';
import { numbers, texts } from './column-values.ts';
import type { Gate } from './gate.ts';
import type { QuestionPool } from './question-pool.ts';
import { inTransaction, type Writer } from './writer.ts';

/** Letters lie in the order in which they were added, so the newest of one second is the last. */
const NEWEST = `
  SELECT received_at, reason, detail, body FROM dead_letter
  WHERE mall = $1 AND ($2 = '' OR reason = $2) ORDER BY received_at DESC, rowid DESC LIMIT $3::BIGINT`;

/** Dropped records in a table, written by a connection of their own: they never wait for a commit. */
export class DuckDbDeadLetters implements DeadLetters {
  readonly #gate: Gate;
  readonly #writer: Writer;
  readonly #questions: QuestionPool;

  constructor(gate: Gate, writer: Writer, questions: QuestionPool) {
    this.#gate = gate;
    this.#writer = writer;
    this.#questions = questions;
  }

  add(mall: string, letters: readonly DeadLetter[]): Promise<void> {
    return this.#gate.run('keep dead letters', async () => {
      if (letters.length === 0) return;
      const columns = [
        letters.map(() => mall),
        Uint32Array.from(letters, (letter) => letter.receivedAtS),
        letters.map((letter) => letter.reason),
        letters.map((letter) => letter.detail),
        letters.map((letter) => letter.body),
      ];
      await this.#writer.turn((session) =>
        inTransaction(session, () => appendRows(session, 'dead_letter', letters.length, columns)),
      );
    });
  }

  list(mall: string, filter: { reason?: DropReason; limit: number }): Promise<DeadLetter[]> {
    return this.#gate.run('list dead letters', () =>
      this.#questions.ask((session) =>
        session.rows(NEWEST, [mall, filter.reason ?? '', filter.limit], (chunk) => {
          const receivedAt = numbers(chunk, 0);
          const reason = texts(chunk, 1);
          const detail = texts(chunk, 2);
          const body = texts(chunk, 3);
          return (row) => ({
            reason: reason[row] as DropReason,
            detail: detail[row]!,
            receivedAtS: receivedAt[row]!,
            body: body[row]!,
          });
        }),
      ),
    );
  }

  expire(beforeS: number): Promise<void> {
    return this.#gate.run('forget dead letters', () =>
      this.#writer.turn(async (session) => {
        await session.run('DELETE FROM dead_letter WHERE received_at < $1', [beforeS]);
      }),
    );
  }
}
