import type { Page } from './answers.ts';

/** A page of the first rows; `rows` holds one more than that when there is a further page. */
export function pageOf<T>(rows: readonly T[], first: number, cursorOf: (last: T) => string): Page<T> {
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  return {
    nodes,
    endCursor: last === undefined ? null : cursorOf(last),
    hasNextPage: rows.length > first,
  };
}
