import type { Calendar } from '../../src/calendar.ts';
import type { Codebook } from '../../src/codebook.ts';
import { CustomerRecord } from '../../src/fold/customer-record.ts';
import type { DayRebuild } from '../../src/fold/day-rebuild.ts';
import { LastPositions } from '../../src/fold/last-positions.ts';
import { MallFold } from '../../src/fold/mall-fold.ts';
import { columnsOf, createCodebook, UTC } from './folding.ts';
import { byPositionRule, type Heard } from './reference.ts';

/** A live fold with all that it is folded into, told in the words of the reference. */
export interface LiveFold {
  readonly fold: MallFold;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly customers: CustomerRecord;
  readonly positions: LastPositions;
  /** Folds a batch. */
  receive(records: readonly Heard[], receivedAtS: number): void;
  /** Records as the store gives them for a rebuild, when they come ordered by device and second. */
  take(rebuild: DayRebuild, records: readonly Heard[]): void;
}

export function createLiveFold(
  options: {
    calendar?: Calendar;
    latenessS?: number;
    visitGapS?: number;
    openDaysMax?: number;
    tracksChanges?: boolean;
  } = {},
): LiveFold {
  const { calendar = UTC, latenessS = 60, visitGapS = 600, openDaysMax = 4, tracksChanges = false } = options;
  const codebook = createCodebook();
  const customers = new CustomerRecord(calendar);
  const positions = new LastPositions(codebook);
  const settings = { latenessS: () => latenessS, visitGapS: () => visitGapS };
  const fold = new MallFold({
    calendar,
    codebook,
    customers,
    positions,
    openDaysMax,
    tracksChanges,
    ...settings,
  });
  return {
    fold,
    calendar,
    codebook,
    customers,
    positions,
    receive: (records, receivedAtS) => fold.fold(columnsOf(records, codebook, calendar), receivedAtS),
    take: (rebuild, records) => rebuild.take(columnsOf(records, codebook, calendar)),
  };
}

/** The last position of every device by the rules, ascending by device. */
export function lastPositionsByTheRules(records: readonly Heard[], watermarkS: number) {
  const last = new Map<number, Heard>();
  for (const record of [...records].sort((a, b) => a.atS - b.atS || byPositionRule(b, a))) {
    last.set(record.device, record);
  }
  return [...last.values()]
    .map((record) => ({ ...record, provisional: record.atS > watermarkS }))
    .sort((a, b) => a.device - b.device);
}

/** The last positions that a fold gives, in the words of the reference. */
export function positionsSince({ positions, codebook }: LiveFold, sinceS: number, watermarkS: number) {
  return positions
    .since(sinceS, watermarkS)
    .map(({ device, atS, shop, accessPoint, signalDbm, provisional }) => ({
      device,
      atS,
      shop: codebook.shopCode(shop),
      accessPoint: accessPoint === 0 ? null : codebook.accessPointMac(accessPoint),
      signalDbm: signalDbm === -128 ? null : signalDbm,
      provisional,
    }))
    .sort((a, b) => a.device - b.device);
}
