import type { ApiKey, ApiKeys } from '../store.ts';
import { numbers, numbersOrNull, texts } from './column-values.ts';
import type { Gate } from './gate.ts';
import type { QuestionPool } from './question-pool.ts';
import { inTransaction, type Writer } from './writer.ts';

const ALL_MALLS = '*';
const ALL = `
  SELECT id, name, hash, malls, scopes, created_at, expires_at, revoked_at FROM api_key ORDER BY created_at, id`;

/** Keys in a table; lists in them are texts with blanks, which no code and no scope has. */
export class DuckDbApiKeys implements ApiKeys {
  readonly #gate: Gate;
  readonly #writer: Writer;
  readonly #questions: QuestionPool;
  readonly #watchers = new Set<(key: ApiKey) => void>();

  constructor(gate: Gate, writer: Writer, questions: QuestionPool) {
    this.#gate = gate;
    this.#writer = writer;
    this.#questions = questions;
  }

  list(): Promise<ApiKey[]> {
    return this.#gate.run('list API keys', () =>
      this.#questions.ask((session) =>
        session.rows(ALL, [], (chunk) => {
          const [id, name, hash, malls, scopes] = [0, 1, 2, 3, 4].map((column) => texts(chunk, column));
          const createdAt = numbers(chunk, 5);
          const expiresAt = numbersOrNull(chunk, 6);
          const revokedAt = numbersOrNull(chunk, 7);
          return (row) => ({
            id: id![row]!,
            name: name![row]!,
            hash: hash![row]!,
            malls: malls![row] === ALL_MALLS ? 'all' : malls![row]!.split(' '),
            scopes: scopes![row]!.split(' '),
            createdAtS: createdAt[row]!,
            expiresAtS: expiresAt[row]!,
            revokedAtS: revokedAt[row]!,
          });
        }),
      ),
    );
  }

  put(key: ApiKey): Promise<void> {
    return this.#gate.run('keep an API key', async () => {
      const { id, name, hash, malls, scopes, createdAtS, expiresAtS, revokedAtS } = key;
      await this.#writer.turn((session) =>
        inTransaction(session, async () => {
          await session.run('DELETE FROM api_key WHERE id = $1', [id]);
          await session.run('INSERT INTO api_key VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
            ...[id, name, hash, malls === 'all' ? ALL_MALLS : malls.join(' '), scopes.join(' ')],
            ...[createdAtS, expiresAtS, revokedAtS],
          ]);
        }),
      );
      for (const watcher of this.#watchers) watcher(key);
    });
  }

  async watch(onPut: (key: ApiKey) => void): Promise<() => void> {
    this.#watchers.add(onPut);
    return () => this.#watchers.delete(onPut);
  }
}
