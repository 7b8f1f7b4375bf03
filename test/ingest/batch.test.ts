import { describe, expect, test } from '@jest/globals';
import { Batch } from '../../src/ingest/batch.ts';
import type { Receipt } from '../../src/ingest/operations.ts';
import { line, RECEIVED_AT_S, setUp } from '../decode/decoding.ts';

const { decoder, calendar } = setUp();
const TODAY = calendar.dayOf(RECEIVED_AT_S);

const NAMELESS = line({ user_device_mac: 'somebody' });
const TIMELESS = line({ occur_time: 'now' });

function take(batch: Batch, body: string, receivedAtS = RECEIVED_AT_S): Receipt {
  const bytes = Buffer.from(body);
  return batch.take(receivedAtS, calendar.dayOf(receivedAtS), (into) =>
    decoder.decode(bytes, receivedAtS, into),
  );
}

describe('a body taken', () => {
  test('is told what became of its own records, not of those before it', () => {
    const batch = new Batch();
    expect(take(batch, `${line()}\n${NAMELESS}\n${line()}`)).toEqual({
      kind: 'received',
      kept: 2,
      dropped: { bad_device: 1 },
    });
    expect(take(batch, `${NAMELESS}\n${TIMELESS}`)).toEqual({
      kind: 'received',
      kept: 0,
      dropped: { bad_device: 1, bad_time: 1 },
    });
    expect(take(batch, line())).toEqual({ kind: 'received', kept: 1, dropped: {} });
    expect(batch.decoded.lines).toBe(6);
  });

  test('has its dropped records booked on the day of its receipt', () => {
    const batch = new Batch();
    take(batch, `${line()}\n${NAMELESS}`);
    take(batch, NAMELESS, RECEIVED_AT_S + 86_400);
    take(batch, `${TIMELESS}\n${NAMELESS}`);
    expect([...batch.droppedByDay]).toEqual([
      [TODAY, { bad_device: 2, bad_time: 1 }],
      [TODAY + 1, { bad_device: 1 }],
    ]);
  });

  test('received earlier than the one before it leaves the newest receipt', () => {
    const batch = new Batch();
    take(batch, line(), RECEIVED_AT_S + 5);
    take(batch, line(), RECEIVED_AT_S);
    expect(batch.receivedAtS).toBe(RECEIVED_AT_S + 5);
  });
});

describe('those who wait', () => {
  test('each get their own receipt, and the batch is as new', async () => {
    const batch = new Batch();
    const first = batch.wait(take(batch, line()));
    const second = batch.wait(take(batch, NAMELESS));
    batch.checkpoints.set('stream', '7');
    batch.acknowledge();
    await expect(first).resolves.toMatchObject({ kept: 1, dropped: {} });
    await expect(second).resolves.toMatchObject({ kept: 0, dropped: { bad_device: 1 } });
    expectAsNew(batch);
  });

  test('all get the error, and the batch is as new', async () => {
    const batch = new Batch();
    const waiting = [line(), NAMELESS].map((body) => batch.wait(take(batch, body)));
    batch.checkpoints.set('stream', '7');
    const error = new Error('full');
    batch.refuse(error);
    for (const receipt of waiting) await expect(receipt).rejects.toBe(error);
    expectAsNew(batch);
  });

  test('for a body without a record are waited for too', () => {
    const batch = new Batch();
    void batch.wait(take(batch, ' \n'));
    expect(batch.decoded.lines).toBe(0);
    expect(batch.isEmpty).toBe(false);
    batch.acknowledge();
    expect(batch.isEmpty).toBe(true);
  });
});

test('a batch filled again keeps its columns', () => {
  const batch = new Batch();
  take(batch, Array.from({ length: 3_000 }, () => line()).join('\n'));
  const { device } = batch.decoded.sightings;
  batch.clear();
  take(batch, Array.from({ length: 3_000 }, () => line()).join('\n'));
  expect(batch.decoded.sightings.device).toBe(device);
});

function expectAsNew(batch: Batch): void {
  const { decoded, droppedByDay, checkpoints, receivedAtS, isEmpty } = batch;
  expect({ ...decoded, sightings: decoded.sightings.length }).toEqual({
    sightings: 0,
    dropped: {},
    deadLetters: [],
    lines: 0,
  });
  expect([droppedByDay.size, checkpoints.size, receivedAtS, isEmpty]).toEqual([0, 0, 0, true]);
}
