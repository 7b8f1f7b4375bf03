import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CustomerRecord } from '../../src/fold/customer-record.ts';
import { DayFold } from '../../src/fold/day-fold.ts';
import { LastPositions } from '../../src/fold/last-positions.ts';
import { compact } from './compact.ts';
import { createSightings } from './day-sightings.ts';
import type { Part } from './part.ts';

const RECORDS_PER_DEVICE = 50;
const VISIT_GAP_S = 600;

/**
 * What the process that folds a mall holds in memory: the growth of heap and array buffers, after a collection,
 * around filling one structure. Tables grow by steps, so that a device costs up to half more just after one.
 */
export const benchMemory: Part = async ({ quick }) => {
  const collect = collector();
  const devices = quick ? 500 : 100_000;
  const customers = quick ? 500 : 1_000_000;
  const sightings = createSightings({ devices, recordsPerDevice: RECORDS_PER_DEVICE });
  const { day, calendar, codebook } = sightings;
  const batches = sightings.byTime();
  let shopDays = 0;
  const openDay = await grownBy(collect, () => {
    const fold = new DayFold({ day, calendar, codebook, visitGapS: VISIT_GAP_S, newCustomers: () => 0 });
    for (const batch of batches) {
      for (let i = 0; i < batch.length; i++) {
        fold.hear(batch, i);
        fold.place(batch, i);
      }
    }
    shopDays = fold.shops().reduce((sum, { footfall }) => sum + footfall, 0);
    return fold;
  });
  const positions = await grownBy(collect, () => {
    const last = new LastPositions(codebook);
    for (const batch of batches) {
      for (let i = 0; i < batch.length; i++) last.hear(batch, i);
    }
    last.takeMoved(0);
    return last;
  });
  const record = await grownBy(collect, () => {
    const known = new CustomerRecord(calendar);
    for (let i = 0; i < customers; i++)
      known.see(((i + 1) * 0x9e3779b1) % 2 ** 46, 1_718_362_800 + (i % 1_000));
    known.takeChanges();
    return known;
  });
  const method = 'growth of heap and array buffers after a collection';
  return [
    {
      name: 'a device of an open day',
      value: openDay / devices,
      unit: 'bytes',
      detail: `${compact(devices)} devices, ${(shopDays / devices).toFixed(1)} shops each; ${method}`,
    },
    {
      name: 'the last position of a device',
      value: positions / devices,
      unit: 'bytes',
      detail: `${compact(devices)} devices`,
    },
    {
      name: 'a customer of the customer record',
      value: record / customers,
      unit: 'bytes',
      detail: `${compact(customers)} customers`,
    },
  ];
};

/** Bytes that stay in use once `fill` has run and its result is still held. */
async function grownBy(collect: () => void, fill: () => object): Promise<number> {
  const before = await bytesLeft(collect);
  const held = [fill()];
  const grown = (await bytesLeft(collect)) - before;
  held.length = 0;
  return grown;
}

/** Memory of arrays is let go of a moment after the collection that found them unused. */
async function bytesLeft(collect: () => void): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await nextTurn();
  }
  return bytesInUse();
}

function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
