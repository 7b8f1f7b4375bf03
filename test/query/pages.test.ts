import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Page } from '../../src/query/answers.ts';
import { densityHistory } from '../../src/query/density-history.ts';
import { favoriteShops } from '../../src/query/favorite-shops.ts';
import { repeatShops } from '../../src/query/repeat-shops.ts';
import { type Heard, MALL, secondsOf, TestMall } from './test-mall.ts';

const OPEN = '2024-06-14';
const SETTLED = '2024-06-13';
const DEVICES = 40;
const CODES = ['A', 'B', 'C', 'X', 'Y'];

/** Every device of the day visits some shops, more than once some of them: all of it follows from its number. */
function dayOf(date: string, devices: number): Heard[] {
  const heard: Heard[] = [];
  for (let device = 1; device <= devices; device++) {
    for (const [place, code] of CODES.entries()) {
      const visits = (device * 7 + place * 5) % 4;
      for (let visit = 0; visit < visits; visit++) {
        const at = `${date} ${String(1 + place * 2).padStart(2, '0')}:${String(visit * 15 + (device % 10)).padStart(2, '0')}:00`;
        heard.push([device, at, code, 1 + ((device + place) % 4), -50]);
      }
    }
  }
  return heard;
}

let mall: TestMall;
beforeAll(async () => {
  mall = await TestMall.open({ now: `${OPEN} 12:00:00` });
  await mall.hear(...dayOf(SETTLED, DEVICES), ...dayOf(OPEN, DEVICES));
  mall.tick(60);
  await mall.settle(SETTLED);
});
afterAll(() => mall.close());

type Question = (first: number, after?: string) => Promise<Page<object>>;

const given = (after: string | undefined) => (after === undefined ? {} : { after });
const minutesOf =
  (from: string, to: string): Question =>
  (first, after) =>
    densityHistory(mall.ask, {
      mall: MALL,
      fromS: secondsOf(from),
      untilS: secondsOf(to),
      first,
      ...given(after),
    });

const QUESTIONS: [string, Question][] = [
  ...[OPEN, SETTLED].flatMap((date): [string, Question][] => [
    [
      `favoriteShops of ${date}`,
      (first, after) => favoriteShops(mall.ask, { mall: MALL, date, first, ...given(after) }),
    ],
    [
      `repeatShops of ${date}`,
      (first, after) => repeatShops(mall.ask, { mall: MALL, date, first, ...given(after) }),
    ],
  ]),
  ['densityHistory of a day', minutesOf(`${SETTLED} 00:00:00`, `${OPEN} 00:00:00`)],
  ['densityHistory of 25 hours', minutesOf(`${SETTLED} 02:30:00`, `${OPEN} 03:30:00`)],
];

async function walk(question: Question, first: number): Promise<Page<object>[]> {
  const pages: Page<object>[] = [];
  let after: string | undefined;
  do {
    if (pages.length > 1_000) throw new Error('the walk does not end');
    const page = await question(first, after);
    pages.push(page);
    after = page.hasNextPage ? page.endCursor! : undefined;
  } while (after !== undefined);
  return pages;
}

describe.each(QUESTIONS)('%s', (_name, question) => {
  test('a walk lists everything once, whatever the length of its pages', async () => {
    const whole = await question(1_000);
    expect(whole.nodes.length).toBeGreaterThan(20);
    expect(whole.hasNextPage).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.nodes.length + 2 }), async (first) => {
        const pages = await walk(question, first);
        expect(pages.flatMap((page) => page.nodes)).toEqual(whole.nodes);
        for (const page of pages.slice(0, -1)) expect(page.nodes).toHaveLength(first);
        expect(pages.at(-1)!.nodes.length).toBeGreaterThan(0);
      }),
      { numRuns: 8, examples: [[1], [whole.nodes.length], [whole.nodes.length - 1]] },
    );
  });

  test('the last cursor is followed by an empty page', async () => {
    const { endCursor } = await question(1_000);
    expect(await question(10, endCursor!)).toEqual({ nodes: [], endCursor: null, hasNextPage: false });
  });
});

test('a page has all its nodes although some customers visited unknown shops alone', async () => {
  const { nodes } = await favoriteShops(mall.ask, { mall: MALL, date: OPEN, first: 1_000 });
  expect(nodes.length).toBeLessThanOrEqual(DEVICES);
  const ordered = nodes.map(({ device }) => device);
  expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
});

test('nothing is listed twice when customers arrive between the pages', async () => {
  const plaza = await TestMall.open({ now: `${OPEN} 12:00:00` });
  try {
    await plaza.hear(...dayOf(OPEN, 20));
    plaza.tick(60);
    const args = { mall: MALL, date: OPEN, first: 5 };
    const before = (await favoriteShops(plaza.ask, { ...args, first: 1_000 })).nodes.map(
      ({ device }) => device,
    );
    const seen: number[] = [];
    let after: string | undefined;
    let devices = 20;
    do {
      const page = await favoriteShops(plaza.ask, { ...args, ...given(after) });
      seen.push(...page.nodes.map(({ device }) => device));
      after = page.hasNextPage ? page.endCursor! : undefined;
      devices += 3;
      await plaza.hear(...dayOf(OPEN, devices));
      if (devices === 26) await plaza.settle(OPEN);
    } while (after !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(before));
  } finally {
    await plaza.close();
  }
});
