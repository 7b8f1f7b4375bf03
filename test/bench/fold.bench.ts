import { CustomerRecord } from '../../src/fold/customer-record.ts';
import { DayFold } from '../../src/fold/day-fold.ts';
import { LastPositions } from '../../src/fold/last-positions.ts';
import { MallFold } from '../../src/fold/mall-fold.ts';
import type { Sightings } from '../../src/terms.ts';
import { compact } from './compact.ts';
import { createSightings, type SightingsOfDay } from './day-sightings.ts';
import type { Figure, Target } from './figure.ts';
import type { Part } from './part.ts';
import { cpuEach, durationOf, medianDuration } from './samples.ts';

const ROUNDS = 3;
const DAY_FOLD: Target = { atLeast: 2e6 };
const RECORDS_PER_DEVICE = 50;
const VISIT_GAP_S = 600;
const LATENESS_S = 60;
/** A settlement lets go of its rows after so many devices; this bounds its memory, and keeps its tables small. */
const DRAIN_DEVICES = 65_536;

/** Sightings in, the answers of a day out: as a settlement folds it, and as the line does, at two sizes. */
export const benchFold: Part = async ({ quick, tell }) => {
  const figures: Figure[] = [];
  for (const records of quick ? [5_000, 20_000] : [1_000_000, 10_000_000]) {
    const size = compact(records);
    tell(`${size} sightings`);
    const devices = records / RECORDS_PER_DEVICE;
    const sightings = createSightings({ devices, recordsPerDevice: RECORDS_PER_DEVICE });
    const rounds = quick ? 1 : ROUNDS;
    const measure = (
      name: string,
      batches: Sightings[],
      fold: (batches: Sightings[]) => void,
      target?: Target,
    ) => {
      const time = medianDuration(rounds, () => durationOf(() => fold(batches)));
      const detail = `${compact(devices)} devices; ${cpuEach(time, records)}`;
      figures.push({
        name: `${size}, ${name}`,
        value: records / time.seconds,
        unit: 'records/s',
        detail,
        ...(target && { target }),
      });
    };
    const byDevice = sightings.byDevice();
    settle(sightings, byDevice);
    measure('a day settles (by device)', byDevice, (batches) => settle(sightings, batches), DAY_FOLD);
    byDevice.length = 0;
    const byTime = sightings.byTime();
    measure('an open day (by time)', byTime, (batches) => foldOpenDay(sightings, batches), DAY_FOLD);
    measure('… with customers, positions and waiting', byTime, (batches) => foldMall(sightings, batches));
  }
  return figures;
};

function settle(sightings: SightingsOfDay, batches: readonly Sightings[]): void {
  const fold = openDay(sightings);
  let device = -1;
  for (const batch of batches) {
    for (let i = 0; i < batch.length; i++) {
      if (batch.device[i] !== device) {
        if (fold.devices >= DRAIN_DEVICES) fold.drain();
        device = batch.device[i]!;
      }
      fold.hear(batch, i);
      fold.place(batch, i);
    }
  }
  fold.drain();
}

function foldOpenDay(sightings: SightingsOfDay, batches: readonly Sightings[]): void {
  const fold = openDay(sightings);
  for (const batch of batches) {
    for (let i = 0; i < batch.length; i++) {
      fold.hear(batch, i);
      fold.place(batch, i);
    }
  }
}

function openDay({ day, calendar, codebook }: SightingsOfDay): DayFold {
  return new DayFold({ day, calendar, codebook, visitGapS: VISIT_GAP_S, newCustomers: () => 0 });
}

function foldMall({ day, calendar, codebook }: SightingsOfDay, batches: readonly Sightings[]): void {
  const customers = new CustomerRecord(calendar);
  const positions = new LastPositions(codebook);
  const fold = new MallFold({
    calendar,
    codebook,
    customers,
    positions,
    latenessS: () => LATENESS_S,
    visitGapS: () => VISIT_GAP_S,
  });
  fold.openDay(day);
  for (const batch of batches) fold.fold(batch, batch.occurredAtS[batch.length - 1]!);
  fold.advance(batches.at(-1)!.occurredAtS[0]! + 86_400);
}
