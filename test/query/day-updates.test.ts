import { afterEach, expect, test } from '@jest/globals';
import { formatDay } from '../../src/calendar.ts';
import { dayUpdates } from '../../src/query/day-updates.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { presentNow } from '../../src/query/present-now.ts';
import { MALL, TestMall } from './test-mall.ts';
import { dueWork, isPending } from './waiting.ts';

let mall: TestMall;
afterEach(() => mall.close());

function footfallToday() {
  return dayUpdates(mall.ask, MALL, async (today) => {
    const [row] = await mallFootfall(mall.ask, { mall: MALL, from: today, to: today });
    return [formatDay(row!.day), row!.footfall];
  });
}

function newToday() {
  return dayUpdates(mall.ask, MALL, async (today) => {
    const [row] = await mallFootfall(mall.ask, { mall: MALL, from: today, to: today });
    return row!.newCustomers;
  });
}

test('today’s answer comes at once, then whenever it changes', async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-14 11:00:00']);
  mall.tick();
  const updates = footfallToday();
  expect((await updates.next()).value).toEqual(['2024-06-14', 1]);
  const next = updates.next();
  mall.tick();
  await mall.hear([1, '2024-06-14 11:00:01']);
  mall.tick();
  expect(await isPending(next)).toBe(true);
  await mall.hear([2, '2024-06-14 11:00:02']);
  mall.tick();
  expect((await next).value).toEqual(['2024-06-14', 2]);
  await updates.return!();
});

test('a frame without a record of today asks nothing', async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-13 10:00:00'], [1, '2024-06-14 12:00:00']);
  mall.tick();
  let asked = 0;
  const updates = dayUpdates(mall.ask, MALL, async () => ++asked);
  await updates.next();
  const next = updates.next();
  mall.tick();
  await dueWork();
  await mall.hear([1, '2024-06-13 11:00:00']);
  mall.tick();
  expect(await isPending(next)).toBe(true);
  expect(asked).toBe(1);
  await updates.return!();
});

test('a record of another day that changes who is new today is news of today', async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-14 11:00:00']);
  mall.tick();
  const updates = newToday();
  expect((await updates.next()).value).toBe(1);
  const next = updates.next();
  await mall.hear([1, '2024-06-13 11:00:00']);
  mall.tick();
  expect((await next).value).toBe(0);
  await updates.return!();
});

test('is told at most once a second, and what changed meanwhile in the next', async () => {
  mall = await TestMall.open();
  const updates = footfallToday();
  await updates.next();
  await mall.hear([1, '2024-06-14 11:00:00']);
  mall.tick(0);
  const next = updates.next();
  expect(await isPending(next)).toBe(true);
  mall.tick();
  expect((await next).value).toEqual(['2024-06-14', 1]);
  await updates.return!();
});

test('a reader that stalls is told the newest answer alone', async () => {
  mall = await TestMall.open();
  let asked = 0;
  const updates = dayUpdates(mall.ask, MALL, async (today) => {
    asked++;
    return (await mallFootfall(mall.ask, { mall: MALL, from: today, to: today }))[0]!.footfall;
  });
  await updates.next();
  for (let device = 1; device <= 20; device++) {
    await mall.hear([device, '2024-06-14 11:00:00']);
    mall.tick();
  }
  expect(asked).toBe(1);
  expect((await updates.next()).value).toBe(20);
  expect(asked).toBe(2);
  await updates.return!();
});

test('at the mall’s own midnight the new day’s answer comes, zeros and all', async () => {
  mall = await TestMall.open({ timeZone: 'Asia/Tokyo', now: '2024-06-14 14:59:58' });
  await mall.hear([1, '2024-06-14 14:59:58']);
  mall.tick(0);
  const updates = footfallToday();
  expect((await updates.next()).value).toEqual(['2024-06-14', 1]);
  const next = updates.next();
  mall.tick();
  expect(await isPending(next)).toBe(true);
  mall.tick();
  expect((await next).value).toEqual(['2024-06-15', 0]);
  const first = updates.next();
  await mall.hear([2, '2024-06-14 15:00:00']);
  mall.tick();
  expect((await first).value).toEqual(['2024-06-15', 1]);
  await updates.return!();
});

test('the new day is told even where answers count as the same', async () => {
  mall = await TestMall.open({ now: '2024-06-14 23:59:59' });
  const updates = dayUpdates(
    mall.ask,
    MALL,
    async (today) => today,
    () => true,
  );
  expect((await updates.next()).value).toBe('2024-06-14');
  const next = updates.next();
  mall.tick();
  expect((await next).value).toBe('2024-06-15');
  await updates.return!();
});

test('who is present is told again when somebody has been silent for ten minutes', async () => {
  mall = await TestMall.open();
  await mall.hear([1, '2024-06-14 12:00:00'], [2, '2024-06-14 11:55:00']);
  mall.tick(0);
  const updates = dayUpdates(
    mall.ask,
    MALL,
    () => presentNow(mall.ask, { mall: MALL }),
    (a, b) => a.footfall === b.footfall,
  );
  expect((await updates.next()).value.footfall).toBe(2);
  const next = updates.next();
  mall.tick(60);
  mall.tick(60);
  mall.tick(179);
  expect(await isPending(next)).toBe(true);
  mall.tick();
  expect((await next).value.footfall).toBe(1);
  await updates.return!();
});

test('a question that fails ends the updates', async () => {
  mall = await TestMall.open();
  const updates = dayUpdates(mall.ask, MALL, () => Promise.reject(new Error('no answer')));
  await expect(updates.next()).rejects.toThrow('no answer');
  expect(await updates.next()).toEqual({ done: true, value: undefined });
});
