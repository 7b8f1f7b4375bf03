import { hash } from 'node:crypto';

/**
 * Which member each mall belongs to, the same for everybody who knows the same malls and members: a mall goes to the
 * member that ranks highest for it (rendezvous hashing) and has not its fair share yet. So shares differ by one at
 * most, and few malls move when a member comes or goes.
 */
export function assignMalls(malls: readonly string[], members: readonly string[]): Map<string, string> {
  const assigned = new Map<string, string>();
  const shareMax = Math.ceil(malls.length / Math.max(1, members.length));
  const shares = new Map(members.map((member) => [member, 0]));
  for (const mall of [...malls].sort()) {
    const ranked = members
      .filter((member) => shares.get(member)! < shareMax)
      .map((member) => ({ member, rank: hash('sha1', `${mall} ${member}`) }))
      .sort((a, b) => (a.rank < b.rank ? 1 : -1));
    const [first] = ranked;
    if (first === undefined) continue;
    assigned.set(mall, first.member);
    shares.set(first.member, shares.get(first.member)! + 1);
  }
  return assigned;
}
