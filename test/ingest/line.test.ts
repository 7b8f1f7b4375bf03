import { afterEach, describe, expect, test } from '@jest/globals';
import type { Receipt } from '../../src/ingest/operations.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { isPending } from '../query/waiting.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const BROKEN = '{"user_device_mac":"somebody"}';
const gone = new StoreUnavailable('commit', new Error('disk full'));

let running: RunningMalls;
afterEach(() => running.close());

const counted = async () => (await running.footfall(TODAY)).footfall;
const kept = (receipt: Receipt) => (receipt.kind === 'received' ? receipt.kept : receipt.kind);
const commits = () => running.steered.writes.filter((write) => write === 'commit').length;

describe('a body', () => {
  test('is counted and acknowledged once it is kept, not before', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const sent = running.send(probe(1, NOON_S));
    await committing;
    expect(await isPending(sent)).toBe(true);
    expect(await counted()).toBe(0);
    expect(await running.mall.live.customer(running.mall.pseudonym(0xa4c361000001))).toBeUndefined();
    expect(running.mall.ledger.lastCommit).toBe(0);
    running.steered.goOn('commit');
    expect(await sent).toEqual({ kind: 'received', kept: 1, dropped: {} });
    expect(await counted()).toBe(1);
    expect(await running.rawRecords(TODAY)).toBe(1);
    expect(running.mall.ledger.lastCommit).toBe(1);
  });

  test('has its dropped records in the dead letters before its kept ones are committed', async () => {
    running = await RunningMalls.open();
    await running.send(probe(1, NOON_S), BROKEN);
    expect(running.steered.writes).toEqual(['add', 'commit']);
    expect(await running.malls.deadLetters(MALL, { limit: 10 })).toMatchObject([{ reason: 'bad_device' }]);
  });

  test('that comes while another is committed shares the next commit, and gets its own receipt', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const first = running.send(probe(1, NOON_S));
    await committing;
    const others = [
      running.send(probe(2, NOON_S), probe(3, NOON_S)),
      running.send(BROKEN),
      running.send(probe(4, NOON_S)),
    ];
    running.steered.goOn('commit');
    expect(kept(await first)).toBe(1);
    expect((await Promise.all(others)).map(kept)).toEqual([2, 0, 1]);
    expect(commits()).toBe(2);
    expect(await counted()).toBe(4);
  });

  test.each([
    ['nothing', ''],
    ['a picture', '\u0089PNG'],
    ['text', 'hello'],
  ])('that holds %s is no body of records, and nothing is counted', async (_, body) => {
    running = await RunningMalls.open();
    expect(await running.send(body)).toMatchObject({ kind: 'not_records' });
    expect(running.steered.writes).toEqual([]);
  });

  test('for a mall that nobody knows is told so', async () => {
    running = await RunningMalls.open();
    expect(await running.malls.receive('other', Buffer.from(probe(1, NOON_S)), NOON_S)).toEqual({
      kind: 'unknown_mall',
    });
  });
});

describe('a commit that fails', () => {
  test('is told to every sender, and leaves the answers where they were', async () => {
    running = await RunningMalls.open();
    await running.send(probe(1, NOON_S));
    running.steered.refuse('commit', gone);
    const sent = [running.send(probe(2, NOON_S)), running.send(probe(3, NOON_S))];
    for (const body of sent) await expect(body).rejects.toBe(gone);
    expect(await counted()).toBe(1);
    expect(await running.rawRecords(TODAY)).toBe(1);
    expect(await running.mall.live.customer(running.mall.pseudonym(0xa4c361000002))).toBeUndefined();
    expect(running.malls.troubles()).toEqual([`the newest records of mall ${MALL} could not be kept`]);
  });

  test('costs nothing: sent again, the same records count as if it had not been', async () => {
    running = await RunningMalls.open();
    const lines = [probe(1, NOON_S), probe(2, NOON_S - DAY_S), BROKEN];
    running.steered.refuse('commit', gone);
    await expect(running.send(...lines)).rejects.toBe(gone);
    running.steered.goOn('commit');
    expect(await running.send(...lines)).toEqual({ kind: 'received', kept: 2, dropped: { bad_device: 1 } });
    expect(running.malls.troubles()).toEqual([]);
    expect(await counted()).toBe(1);
    const books = await running.store.ingestDays(MALL, { from: 0, to: 40_000 });
    expect(books.map((day) => [day.kept, day.dropped])).toEqual([
      [1, {}],
      [1, { bad_device: 1 }],
    ]);
    const again = await running.reopen();
    running = again;
    expect(await counted()).toBe(1);
  });

  test('of the dead letters keeps nothing of the body', async () => {
    running = await RunningMalls.open();
    running.steered.refuse('add', gone);
    await expect(running.send(probe(1, NOON_S), BROKEN)).rejects.toBe(gone);
    expect(commits()).toBe(0);
    expect(await counted()).toBe(0);
    running.steered.goOn('add');
    expect(kept(await running.send(probe(1, NOON_S), BROKEN))).toBe(1);
  });

  test('does not take the next body with it', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const first = running.send(probe(1, NOON_S));
    await committing;
    const second = running.send(probe(2, NOON_S));
    running.steered.fail('commit', gone);
    await expect(first).rejects.toBe(gone);
    expect(kept(await second)).toBe(1);
    expect(await counted()).toBe(1);
  });

  test('because the database is closed is told with its cause', async () => {
    running = await RunningMalls.open();
    await running.store.close();
    await expect(running.send(probe(1, NOON_S))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    running = await running.reopen();
    expect(await counted()).toBe(0);
  });
});

describe('more than can be kept', () => {
  const bodyOf = (lines: number, text: string) => Array.from({ length: lines }, () => text).join('\n');

  test.each([
    ['records', 100_000, 400_000, probe(1, NOON_S)],
    ['dead letters', 5_000, 20_000, BROKEN],
  ])('is refused, so that waiting %s stay bounded, until there is room', async (_, each, most, text) => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const first = running.send(text);
    await committing;
    const body = Buffer.from(bodyOf(each, text));
    const taken: Promise<Receipt>[] = [];
    const refused: Receipt[] = [];
    for (let sent = 0; sent < most + 2 * each; sent += each) {
      const receipt = running.malls.receive(MALL, body, NOON_S);
      if (await isPending(receipt)) taken.push(receipt);
      else refused.push(await receipt);
    }
    expect(taken).toHaveLength(most / each);
    expect(refused).toEqual([
      { kind: 'overloaded', retryAfterS: 2 },
      { kind: 'overloaded', retryAfterS: 2 },
    ]);
    // Whatever becomes of those that wait, it makes room; that they cannot be kept is the quickest.
    running.steered.fail('commit', gone);
    running.steered.refuse('commit', gone);
    const ended = await Promise.allSettled([first, ...taken]);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    running.steered.goOn('commit');
    expect(await running.send(probe(2, NOON_S))).toMatchObject({ kept: 1 });
    const refusals = await running.registry.getSingleMetric('footfall_bodies_refused_total')!.get();
    expect(refusals.values).toMatchObject([{ labels: { mall: MALL }, value: 2 }]);
  });
});

describe('a line that closes', () => {
  test('takes nothing more, and ends when what it took is kept', async () => {
    running = await RunningMalls.open();
    const committing = running.steered.hold('commit');
    const first = running.send(probe(1, NOON_S));
    await committing;
    const second = running.send(probe(2, NOON_S));
    const closed = running.mall.line.close();
    expect(await running.send(probe(3, NOON_S))).toMatchObject({ kind: 'overloaded' });
    expect(await isPending(closed)).toBe(true);
    running.steered.goOn('commit');
    await closed;
    expect(kept(await first)).toBe(1);
    expect(kept(await second)).toBe(1);
    expect(await running.rawRecords(TODAY)).toBe(2);
  });
});
