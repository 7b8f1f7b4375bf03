import type { Ask, Page } from './answers.ts';
import { drawRows } from './limits.ts';

/** A page of the first rows; `rows` holds one more than that when there is a further page. */
export function pageOf<T>(
  ask: Ask,
  rows: readonly T[],
  first: number,
  cursorOf: (last: T) => string,
): Page<T> {
  const nodes = rows.slice(0, first);
  drawRows(ask, nodes.length, 'ask for smaller pages');
  const last = nodes.at(-1);
  return {
    nodes,
    endCursor: last === undefined ? null : cursorOf(last),
    hasNextPage: rows.length > first,
  };
}
