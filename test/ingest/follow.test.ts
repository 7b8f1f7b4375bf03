import { afterEach, describe, expect, test } from '@jest/globals';
import type { Source, SourceBody } from '../../src/ingest/source.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { until } from '../system/until.ts';
import { dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const YESTERDAY_S = NOON_S - 86_400;
const gone = new StoreUnavailable('commit', new Error('disk full'));
const LAST = 'last';

let running: RunningMalls;
afterEach(() => running.close());

const counted = async () => (await running.footfall(TODAY)).footfall;
const commits = () => running.steered.writes.filter((write) => write === 'commit').length;

/** Bodies by number from 0; the position is the number of the next one. */
class Numbered implements Source {
  readonly name = 'numbered';
  readonly begun: (string | undefined)[] = [];
  readonly #bodies: readonly Partial<SourceBody>[];
  /** Bodies handed over. */
  handed = 0;

  constructor(bodies: number | readonly Partial<SourceBody>[]) {
    this.#bodies =
      typeof bodies === 'number'
        ? Array.from({ length: bodies }, (_, i) => ({ bytes: Buffer.from(probe(i, NOON_S)) }))
        : bodies;
  }

  async waiting(after: string | undefined): Promise<number> {
    return this.#bodies.length - Number(after ?? 0);
  }

  async *bodies(after: string | undefined): AsyncGenerator<SourceBody> {
    this.begun.push(after);
    for (let i = Number(after ?? 0); i < this.#bodies.length; i++) {
      this.handed++;
      const pending = this.#bodies.length - i - 1;
      yield { bytes: Buffer.of(), receivedAtS: NOON_S, position: String(i + 1), pending, ...this.#bodies[i] };
    }
  }

  async close(): Promise<void> {}
}

describe('a source that is followed', () => {
  test('is kept whole, goes on behind its last body after a restart, and knows nothing of other sources', async () => {
    running = await RunningMalls.open();
    await running.mall.line.follow(new Numbered(3));
    expect(running.mall.line.checkpoint('numbered')).toBe('3');
    running = await running.reopen();
    const source = new Numbered(5);
    await running.mall.line.follow(source);
    expect(source.begun).toEqual(['3']);
    expect(await running.rawRecords(TODAY)).toBe(5);
    expect(running.mall.line.checkpoint('other')).toBeUndefined();
  });

  test('is read on while a batch is committed, and what was read meanwhile shares the next commit', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const source = new Numbered(50);
    const followed = running.mall.line.follow(source);
    await committing;
    await until('the bodies to be read', () => source.handed === 50);
    running.steered.goOn('commit');
    await followed;
    expect(commits()).toBe(2);
    expect(await counted()).toBe(50);
  });

  test('is not read on while more wait than share a commit', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => probe(i, NOON_S)).join('\n'));
    const source = new Numbered(Array.from({ length: 300 }, () => ({ bytes })));
    const followed = running.mall.line.follow(source);
    await committing;
    await until('the bodies to be read', () => source.handed >= 101);
    running.steered.goOn('commit');
    running.steered.refuse('commit', gone);
    await expect(followed).rejects.toBe(gone);
    expect(source.handed).toBeLessThan(210);
  });

  test('is left when a batch cannot be kept, with what was read behind it, and followed again goes on there', async () => {
    running = await RunningMalls.open();
    await running.mall.line.follow(new Numbered(2));
    const committing = running.steered.hold('commit');
    const source = new Numbered(40);
    const followed = running.mall.line.follow(source);
    await committing;
    await until('the bodies to be read', () => source.handed === 38);
    running.steered.fail('commit', gone);
    await expect(followed).rejects.toBe(gone);
    expect(running.mall.line.checkpoint('numbered')).toBe('2');
    expect(await counted()).toBe(2);
    await running.mall.line.follow(source);
    expect(source.begun).toEqual(['2', '2']);
    expect(await running.rawRecords(TODAY)).toBe(40);
    expect(await counted()).toBe(40);
  });

  test('says about how many records wait behind the newest body', async () => {
    running = await RunningMalls.open();
    expect(running.mall.line.behind).toBeUndefined();
    await running.mall.line.follow(
      new Numbered([{ bytes: Buffer.from(`${probe(1, NOON_S)}\n{}`), pending: 7 }]),
    );
    expect(running.mall.line.behind).toEqual({ records: 14, receivedAtS: NOON_S });
  });

  test('counts what was dropped where its bodies came in, once', async () => {
    running = await RunningMalls.open();
    const bytes = Buffer.from(probe(1, NOON_S));
    const source = new Numbered([{ bytes, dropped: { malformed: 3 } }, { dropped: { too_old: 2 } }]);
    await running.mall.line.follow(source);
    const [books] = await running.store.ingestDays(MALL, { from: 0, to: 40_000 });
    expect([books!.kept, books!.dropped]).toEqual([1, { malformed: 3, too_old: 2 }]);
  });

  test('has its records in slots that follow on one another, dropped ones counted, and round the second', async () => {
    running = await RunningMalls.open();
    const slots: number[] = [];
    const commit = running.store.commit.bind(running.store);
    running.store.commit = (given) => {
      slots.push(...given.sightings.slot!.subarray(0, given.sightings.length));
      return commit(given);
    };
    const bytes = Buffer.from([probe(1, NOON_S), '{}', probe(2, NOON_S), probe(3, NOON_S)].join('\n'));
    await running.mall.line.follow(new Numbered([{ bytes, firstSlot: 999_999_998 }]));
    await running.mall.line.follow(new Numbered([{}, { bytes, firstSlot: 5 }]));
    expect(slots).toEqual([999_999_998, 0, 1, 5, 7, 8]);
  });

  test('may hold 1,024 records a message: those beyond are malformed', async () => {
    running = await RunningMalls.open();
    const lines = Array.from({ length: 1_030 }, (_, i) => probe(i, NOON_S));
    const bytes = Buffer.from(lines.join('\n'));
    await running.mall.line.follow(new Numbered([{ bytes, firstSlot: 0 }, { bytes: Buffer.from(LAST) }]));
    const [books] = await running.store.ingestDays(MALL, { from: 0, to: 40_000 });
    expect([books!.kept, books!.dropped]).toEqual([1_024, { malformed: 7 }]);
  });
});

describe('an import that comes by a source', () => {
  const imported = (device: number, atS: number): Partial<SourceBody> => {
    return { bytes: Buffer.from(probe(device, atS)), imported: true };
  };

  test('is kept and not folded, while the live records around it are', async () => {
    running = await RunningMalls.open();
    const live = { bytes: Buffer.from(probe(9, NOON_S)) };
    await running.mall.line.follow(
      new Numbered([
        live,
        imported(1, YESTERDAY_S),
        imported(2, YESTERDAY_S),
        live,
        imported(3, NOON_S),
        live,
      ]),
    );
    expect(await counted()).toBe(1);
    expect(await running.rawRecords(dateOf(YESTERDAY_S))).toBe(2);
    expect(await running.rawRecords(TODAY)).toBe(4);
  });
});

describe('what a stopped line may have written without a checkpoint', () => {
  test('is kept again before the open days are folded, so that it is folded once', async () => {
    running = await RunningMalls.open();
    const source = new Numbered(4);
    await running.mall.line.recover(source);
    expect([await running.rawRecords(TODAY), await counted()]).toEqual([4, 0]);
    expect(running.mall.line.checkpoint('numbered')).toBe('4');
    await running.mall.line.recover(source);
    expect(source.begun).toEqual([undefined]);
  });
});
