/** Copies a column into a longer one, whose further rows stay as they are. */
export function grown<A extends { set(from: A): void }>(into: A, from: A): A {
  into.set(from);
  return into;
}

/** Room for at least `rows`: by doubling while small, by half above, so that large tables do not lie half empty. */
export function grownCapacity(capacity: number, rows: number): number {
  const next = capacity < 1_048_576 ? capacity * 2 : Math.ceil(capacity * 1.5);
  return Math.max(next, rows);
}
