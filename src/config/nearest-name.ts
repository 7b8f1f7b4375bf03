/** People leave letters out more often than they write others. */
const LEFT_OUT = 0.5;

/** The known name that takes the fewest edits to reach; upper and lower case count as the same. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editsBetween(name, candidate, LEFT_OUT);
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** The known names that so many edits are enough to reach. */
export function namesWithin(edits: number, name: string, known: readonly string[]): string[] {
  return known.filter((candidate) => editsBetween(name, candidate, 1) <= edits);
}

function editsBetween(name: string, candidate: string, leftOut: number): number {
  const from = name.toLowerCase();
  const to = candidate.toLowerCase();
  let above = Array.from({ length: to.length + 1 }, (_, column) => column * leftOut);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + leftOut));
    }
    above = current;
  }
  return above[to.length]!;
}
