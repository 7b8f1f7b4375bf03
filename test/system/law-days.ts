import fc from 'fast-check';
import { ACCESS_POINTS, DAY_S, DEVICES, KNOWN_SHOPS, type LawMalls, type LawRun } from './law-malls.ts';
import type { Probe } from './probe.ts';

/** The default settings, which the malls have. */
export const LATENESS_S = 60;
export const VISIT_GAP_S = 600;

/** A record of one of a run's devices, so many seconds after the first of its two days begins. */
export interface Told extends Omit<Probe, 'mac' | 'atS'> {
  readonly device: number;
  readonly afterS: number;
  readonly shop: string;
}

const device = fc.nat(DEVICES - 1);

/** Around noon, before midnight and after it: often the same seconds, and pauses around the visit gap. */
const told: fc.Arbitrary<Told> = fc
  .record({
    momentS: fc.constantFrom(DAY_S / 2, DAY_S - 700, DAY_S),
    afterMomentS: fc.oneof(
      { weight: 3, arbitrary: fc.nat(2) },
      { weight: 3, arbitrary: fc.constantFrom(VISIT_GAP_S, VISIT_GAP_S + 1, VISIT_GAP_S + 2) },
      { weight: 1, arbitrary: fc.nat(1_400) },
    ),
    device,
    shop: fc.constantFrom('', 'X1', ...KNOWN_SHOPS),
    accessPoint: fc.option(fc.constantFrom(...ACCESS_POINTS)),
    rssi: fc.option(fc.constantFrom(-80, -60)),
  })
  .map(({ momentS, afterMomentS, accessPoint, rssi, ...named }) => ({
    ...named,
    afterS: momentS + afterMomentS,
    ...(accessPoint === null ? {} : { accessPoint }),
    ...(rssi === null ? {} : { rssi }),
  }));

/** What is heard on two days. */
export const days = fc.array(told, { minLength: 20, maxLength: 50 });

/** Devices that come into shops, without end. */
export const visits = fc.infiniteStream(fc.record({ device, shop: fc.constantFrom(...KNOWN_SHOPS) }));

export const probesOf = (records: readonly Told[], { macs, fromS }: LawRun): Probe[] =>
  records.map(({ device, afterS, ...said }) => ({ ...said, mac: macs[device]!, atS: fromS + afterS }));

export const everyOrder = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

/** How long after its second a record arrives, in turn: before any of its seconds is decided. */
export const delays = fc.array(fc.nat(LATENESS_S - 1), { minLength: 1, maxLength: 10 });

interface Body {
  readonly records: Probe[];
  receivedAtS: number;
}

/** Records in bodies, in the order in which they arrive, each received before any of its seconds is decided. */
function inTime(records: readonly Probe[], delaysS: readonly number[]): Body[] {
  const arrivals = records
    .map((record, i) => ({ record, arrivedAtS: record.atS + delaysS[i % delaysS.length]! }))
    .sort((a, b) => a.arrivedAtS - b.arrivedAtS);
  const bodies: Body[] = [];
  for (const { record, arrivedAtS } of arrivals) {
    const body = bodies.at(-1);
    if (body?.records.every(({ atS }) => arrivedAtS - atS < LATENESS_S)) {
      body.records.push(record);
      body.receivedAtS = arrivedAtS;
    } else {
      bodies.push({ records: [record], receivedAtS: arrivedAtS });
    }
  }
  return bodies;
}

/**
 * Posts the records of two days to a mall, each in time, and lets the last of their seconds be decided. Returns
 * when that was.
 */
export async function live(
  malls: LawMalls,
  mall: string,
  records: readonly Probe[],
  delaysS: readonly number[],
): Promise<number> {
  let decidedAtS = 0;
  for (const body of inTime(records, delaysS)) {
    await malls.post(mall, body.records, body.receivedAtS);
    decidedAtS = body.receivedAtS + 2 * LATENESS_S;
  }
  malls.passUntil(decidedAtS);
  return decidedAtS;
}

/** Settles both days of a run in a mall. */
export async function settle(malls: LawMalls, mall: string, { fromS }: LawRun): Promise<void> {
  malls.passUntil(fromS + 2 * DAY_S + 60);
  await malls.settle(mall);
}
