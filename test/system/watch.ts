import { openClient } from '../api/graphql-over-socket.ts';
import { until } from './until.ts';

/** A subscription over a WebSocket of its own, and everything that it has answered so far. */
export interface Watched<T> {
  readonly answers: readonly T[];
  /** The next answer that was not asked for yet, in order. */
  next(): Promise<T>;
  close(): Promise<void>;
}

/** Watches the one field of a subscription, as a client would. */
export function watch<T>(url: string, selection: string): Watched<T> {
  const client = openClient(url);
  const answers: T[] = [];
  let failed: unknown;
  let taken = 0;
  client.subscribe<Record<string, T>>(
    { query: `subscription { ${selection} }` },
    {
      next: ({ data, errors }) => {
        if (data) answers.push(Object.values(data)[0]!);
        else failed = errors;
      },
      error: (error) => {
        failed = error;
      },
      complete: () => undefined,
    },
  );
  return {
    answers,
    next: async () => {
      await until(`answer ${taken + 1} to ${selection}`, () => {
        if (failed !== undefined) throw new Error(`${selection} ended: ${JSON.stringify(failed)}`);
        return answers.length > taken;
      });
      return answers[taken++]!;
    },
    close: async () => {
      await client.dispose();
    },
  };
}
