import { afterEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { OwnedMalls } from '../../src/ingest/owned-malls.ts';
import type { Source, SourceBody } from '../../src/ingest/source.ts';
import { type OpenDayRows, StoreUnavailable } from '../../src/store/store.ts';
import { until } from '../system/until.ts';
import { dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const gone = new StoreUnavailable('commit', new Error('the server is away'));

let running: RunningMalls;
afterEach(() => running.close());

/** A stream: bodies stay, and are handed over again from any position; a reader waits for the next. */
class Stream {
  readonly bodies: string[] = [];
  #wake: () => void = () => undefined;

  add(...lines: string[]): void {
    this.bodies.push(lines.join('\n'));
    this.#wake();
  }

  source(): Source {
    const stream = this;
    let closed = false;
    let reading = 0;
    return {
      name: 'stream',
      async waiting(after) {
        return stream.bodies.length - Number(after ?? 0);
      },
      async *bodies(after): AsyncGenerator<SourceBody> {
        const mine = ++reading;
        for (let next = Number(after ?? 0); !closed && mine === reading; ) {
          if (next === stream.bodies.length) {
            await new Promise<void>((resolve) => {
              stream.#wake = resolve;
            });
            continue;
          }
          const bytes = Buffer.from(stream.bodies[next++]!);
          const pending = stream.bodies.length - next;
          yield { bytes, receivedAtS: NOON_S, position: String(next), firstSlot: next * 1_024, pending };
        }
      },
      async close() {
        closed = true;
        stream.#wake();
      },
    };
  }
}

class Lease {
  readonly #abort = new AbortController();
  readonly epoch: number;
  isOurs = true;
  readonly mayWrite = () => this.isOurs;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  end(): void {
    this.isOurs = false;
    this.#abort.abort();
  }
}

async function openShared() {
  const rows: OpenDayRows[] = [];
  running = await RunningMalls.open({
    presence: {
      keepOpenRows: async (_mall, kept) => {
        rows.push(kept);
      },
    },
  });
  const stream = new Stream();
  const registry = new Registry();
  const seen: string[] = [];
  const owned = new OwnedMalls({
    malls: running.malls,
    sourceOf: () => stream.source(),
    onOpened: (mall) => {
      seen.push(`${mall.code} opened`);
      return () => seen.push(`${mall.code} ended`);
    },
    isFinal: (error) => error === fatal,
    registry,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (_fields, message) => void seen.push(message),
    },
    stopwatchMs: () => 0,
    chance: () => 0,
  });
  return { stream, owned, registry, seen, rows };
}

const fatal = new StoreUnavailable('decide', new Error('records are lost'));
const footfallIs = (devices: number) =>
  until(`${devices} devices`, async () => {
    return running.malls.find(MALL) !== undefined && (await running.footfall(TODAY)).footfall === devices;
  });

describe('a mall that processes share', () => {
  test('is nobody’s until its lease is ours, and then fed from where the store says', async () => {
    const { stream, owned, registry, seen } = await openShared();
    stream.add(probe(1, NOON_S), probe(2, NOON_S));
    expect(running.malls.codes()).toEqual([]);
    const lease = new Lease(7);
    owned.gained(MALL, lease);
    await footfallIs(2);
    stream.add(probe(3, NOON_S));
    await footfallIs(3);
    expect(owned.unfed()).toEqual([]);
    expect(await registry.metrics()).toContain('footfall_malls_owned 1');
    lease.end();
    await owned.close();
    expect(running.malls.codes()).toEqual([]);
    expect(seen).toEqual([`${MALL} opened`, `${MALL} ended`]);
    const moves = await registry.getSingleMetric('footfall_mall_moves_total')!.get();
    expect(moves.values.map(({ labels, value }) => [labels.event, value])).toEqual([
      ['gained', 1],
      ['opened', 1],
      ['lost', 1],
    ]);
  });

  test('that comes back goes on behind what was kept: nothing is missing, nothing is there twice', async () => {
    const { stream, owned } = await openShared();
    stream.add(probe(1, NOON_S));
    const first = new Lease(1);
    owned.gained(MALL, first);
    await footfallIs(1);
    first.end();
    const second = new Lease(2);
    owned.gained(MALL, second);
    stream.add(probe(2, NOON_S));
    await footfallIs(2);
    expect(await running.rawRecords(TODAY)).toBe(2);
    second.end();
    await owned.close();
  });

  test('keeps nothing once it may be another’s, though nobody has said so yet', async () => {
    const { stream, owned, seen } = await openShared();
    stream.add(probe(1, NOON_S));
    const lease = new Lease(1);
    owned.gained(MALL, lease);
    await footfallIs(1);
    lease.isOurs = false;
    stream.add(probe(2, NOON_S));
    await until('the refusal', () => seen.includes('could not keep records of a mall; they are read again'));
    expect(await running.rawRecords(TODAY)).toBe(1);
    lease.end();
    await owned.close();
  });

  test('waits while the store is away, and then misses nothing', async () => {
    const { stream, owned, seen } = await openShared();
    const lease = new Lease(1);
    running.steered.refuse('openMall', gone);
    owned.gained(MALL, lease);
    await until('an attempt', () => seen.includes('could not open a mall; it is tried again'));
    expect(owned.unfed()).toEqual([MALL]);
    running.steered.goOn('openMall');
    await until('the mall', () => running.malls.find(MALL) !== undefined);
    running.steered.refuse('commit', gone);
    stream.add(probe(1, NOON_S));
    stream.add(probe(2, NOON_S));
    await until('a refusal', () => seen.includes('could not keep records of a mall; they are read again'));
    running.steered.goOn('commit');
    await footfallIs(2);
    expect(await running.rawRecords(TODAY)).toBe(2);
    lease.end();
    await owned.close();
  });

  test('is not read on when an operator must decide, and its answers stay', async () => {
    const { stream, owned, seen } = await openShared();
    stream.add(probe(1, NOON_S));
    const lease = new Lease(1);
    owned.gained(MALL, lease);
    await footfallIs(1);
    running.steered.refuse('commit', fatal);
    stream.add(probe(2, NOON_S));
    await until('the end', () => seen.includes('stopped reading records of a mall: an operator must decide'));
    expect(owned.unfed()).toEqual([MALL]);
    await footfallIs(1);
    lease.end();
    await owned.close();
  });

  test('has the rows of its open days written for those that read them', async () => {
    const { stream, owned, rows } = await openShared();
    stream.add(probe(1, NOON_S));
    const lease = new Lease(1);
    owned.gained(MALL, lease);
    await footfallIs(1);
    running.malls.tick();
    await until('the rows', () => rows.length > 0);
    expect([rows[0]!.deviceDays.length, rows[0]!.shopDays.length, rows[0]!.deviceDays.isNew[0]]).toEqual([
      1, 1, 1,
    ]);
    lease.end();
    await owned.close();
  });
});
