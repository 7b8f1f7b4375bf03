import { describe, expect, test } from '@jest/globals';
import { PresencePump } from '../../src/ingest/presence-pump.ts';
import type { OpenDayRows } from '../../src/store/store.ts';
import { columnsOf, DAY, DAY_START_S, heard } from '../fold/folding.ts';
import { createLiveFold } from '../fold/live-fold.ts';
import { dueWork, isPending } from '../query/waiting.ts';

const gone = new Error('the store is away');

/** Keeps the devices of the rows that it is given; the next write can be held back or refused. */
function createPump() {
  const live = createLiveFold({ tracksChanges: true });
  const kept: string[] = [];
  const failures: unknown[] = [];
  let gate: Promise<void> = Promise.resolve();
  const pump = new PresencePump({
    mall: 'm',
    fold: live.fold,
    customers: live.customers,
    codebook: live.codebook,
    onFailure: (error) => failures.push(error),
    presence: {
      async keepOpenRows(_mall, { day, deviceDays, shopDays }: OpenDayRows) {
        await gate;
        const devices = [...deviceDays.device].map(
          (device, i) => `${device}${deviceDays.isNew[i] ? ' new' : ''}`,
        );
        kept.push(`${day - DAY}: ${devices} / ${[...shopDays.device]}`);
      },
    },
  });
  const hear = (device: number, second: number, shop = 'S1', receivedAtS = DAY_START_S + second) => {
    const records = [heard(device, second, shop)];
    live.fold.fold(columnsOf(records, live.codebook), receivedAtS);
  };
  const write = async (nowS: number) => {
    pump.tick(nowS);
    await pump.rest();
  };
  return {
    live,
    pump,
    kept,
    failures,
    hear,
    write,
    setGate: (next: Promise<void>) => {
      next.catch(() => undefined);
      gate = next;
    },
  };
}

describe('rows of open days', () => {
  test('are written when a device is met first, with who is new, and not again while nothing changes', async () => {
    const { live, kept, hear, write } = createPump();
    live.fold.openDay(DAY);
    live.customers.see(2, DAY_START_S - 86_400);
    hear(1, 10);
    hear(2, 10);
    await write(100);
    await write(101);
    expect(kept).toEqual(['0: 1 new,2 / 1,2']);
  });

  test('wait a few seconds with what changes with every record, and then say up to when they are whole', async () => {
    const { live, pump, kept, hear, write } = createPump();
    live.fold.openDay(DAY);
    hear(1, 10);
    await write(100);
    hear(1, 90);
    await write(101);
    expect(kept).toHaveLength(1);
    await write(105);
    expect(kept).toEqual(['0: 1 new / 1', '0: 1 new / 1']);
    expect(pump.keptAsOfS(DAY)).toBe(DAY_START_S + 90);
    live.fold.closeDay(DAY);
    await write(106);
    expect(pump.keptAsOfS(DAY)).toBeUndefined();
  });

  test('of many devices are spread over a round, each is written once in it, and then they are as old as its begin', async () => {
    const { live, pump, kept, hear, write } = createPump();
    live.fold.openDay(DAY);
    const devices = Array.from({ length: 10 }, (_, i) => i + 1);
    for (const device of devices) hear(device, 10);
    await write(100);
    const lines = kept.length;
    for (const device of devices) hear(device, 20);
    await write(105);
    for (let second = 106; second <= 109; second++) {
      for (const device of devices) hear(device, second);
      await write(second);
      expect(pump.keptAsOfS(DAY)).toBe(DAY_START_S + (second < 109 ? 10 : 20));
    }
    const devicesOf = (line: string) => line.replaceAll(' new', '').replace(/^0: (.*) \/.*$/, '$1');
    expect(kept.slice(lines).map(devicesOf)).toEqual(['1,2', '3,4', '5,6', '7,8', '9,10']);
    await write(110);
    expect(devicesOf(kept.at(-1)!)).toBe('1,2');
  });

  test('that could not be written are written again before newer ones, whole', async () => {
    const { live, pump, kept, failures, hear, write, setGate } = createPump();
    live.fold.openDay(DAY);
    hear(1, 10);
    setGate(Promise.reject(gone));
    await write(100);
    await write(101);
    expect([kept, failures]).toEqual([[], [gone, gone]]);
    hear(2, 11);
    setGate(Promise.resolve());
    await write(102);
    expect(kept).toEqual(['0: 1 new / 1', '0: 2 new / 2']);
    expect(pump.keptAsOfS(DAY)).toBe(DAY_START_S + 11);
  });

  test('are left alone while their day settles, and other days are not', async () => {
    const { live, pump, kept, hear, write, setGate } = createPump();
    live.fold.openDay(DAY);
    live.fold.openDay(DAY + 1);
    hear(1, 10);
    let release = (): void => undefined;
    setGate(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    pump.tick(100);
    await dueWork();
    const alone = pump.leaveAlone(DAY);
    expect(await isPending(alone)).toBe(true);
    release();
    const goOn = await alone;
    expect(kept).toEqual(['0: 1 new / 1']);
    hear(2, 20);
    hear(3, 86_400 + 20);
    await write(200);
    expect(kept.slice(1)).toEqual(['1: 3 new / 3']);
    goOn();
    await write(201);
    expect(kept.slice(2)).toEqual(['0: 2 new / 2,1']);
  });
});
