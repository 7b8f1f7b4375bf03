import type { MallPlan } from './mall-plan.ts';

/** Path loss as indoors: so strong at one metre, so much weaker with every tenfold distance. */
const AT_ONE_METRE_DBM = -38;
const PER_DECADE_DB = 30;
const FAINTEST_DBM = -92;
const HEARERS_MAX = 5;

/**
 * Who else hears a probe request that one access point hears best: its nearest neighbours on the storey, of the
 * same shop and of the next ones. Of access point `a` they are the entries from `from[a]` to before `from[a + 1]`.
 */
export interface Hearing {
  readonly from: Uint32Array;
  readonly accessPoint: Uint16Array;
  readonly meanDbm: Int8Array;
  /** Of 256 requests, so many are heard. */
  readonly chance256: Uint8Array;
}

export function createHearing(plan: MallPlan): Hearing {
  const from = new Uint32Array(plan.accessPoints.length + 1);
  const accessPoint: number[] = [];
  const meanDbm: number[] = [];
  const chance256: number[] = [];
  plan.accessPoints.forEach((best, index) => {
    const hearers = plan.accessPoints
      .map((other, at) => ({ at, dbm: other.floor === best.floor ? loss(best, other) : -Infinity }))
      .filter(({ at, dbm }) => at !== index && dbm >= FAINTEST_DBM)
      .sort((a, b) => b.dbm - a.dbm || a.at - b.at)
      .slice(0, HEARERS_MAX);
    for (const { at, dbm } of hearers) {
      accessPoint.push(at);
      meanDbm.push(Math.round(dbm));
      chance256.push(Math.round(256 * Math.min(0.6, (dbm - FAINTEST_DBM) / 45)));
    }
    from[index + 1] = accessPoint.length;
  });
  return {
    from,
    accessPoint: Uint16Array.from(accessPoint),
    meanDbm: Int8Array.from(meanDbm),
    chance256: Uint8Array.from(chance256),
  };
}

/** How many others hear a request, on the average over the access points of one place. */
export function meanHearers(hearing: Hearing, accessPoints: readonly number[]): number {
  let sum = 0;
  for (const index of accessPoints) {
    for (let at = hearing.from[index]!; at < hearing.from[index + 1]!; at++)
      sum += hearing.chance256[at]! / 256;
  }
  return sum / accessPoints.length;
}

function loss(a: { x: number; y: number }, b: { x: number; y: number }): number {
  const metres = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y) / 100);
  return AT_ONE_METRE_DBM - PER_DECADE_DB * Math.log10(metres);
}
