import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { dayByTheRules } from '../fold/reference.ts';
import { type Answers, answersOf } from './law-answers.ts';
import {
  days,
  delays,
  everyOrder,
  LATENESS_S,
  live,
  probesOf,
  settle,
  type Told,
  VISIT_GAP_S,
  visits,
} from './law-days.ts';
import { FITTING, keyOf } from './law-fits.ts';
import { ACCESS_POINTS, DAY_S, LawMalls, MALLS } from './law-malls.ts';

/** A run takes a second on a busy machine, so one that fails is not tried again with less. */
const RUNS = { numRuns: 4, endOnFailure: true };
const [MALL, OTHER] = MALLS;

jest.setTimeout(120_000);

let malls: LawMalls;
beforeAll(async () => {
  malls = await LawMalls.open();
});
afterAll(() => malls.close());

/** Answers without what says how final they are. */
const numbersOf = (answers: readonly Answers[]) =>
  answers.map(({ mallFootfall: [{ settled: _settled, ...totals }], ...rest }) => ({ totals, ...rest }));

/** What is a set of devices, so that it follows arrival at once. */
const setsOf = (answers: readonly Answers[]) =>
  answers.map(({ mallFootfall, newCustomers, hours, peakHour, shops, topShops, shopHours, customers }) => ({
    ...{ mallFootfall, newCustomers, hours, peakHour, topShops, shopHours, customers },
    shops: shops.map(({ shop, footfall }) => [shop.code, footfall]),
  }));

const isSettled = (answers: readonly Answers[]) => answers.map(({ mallFootfall: [{ settled }] }) => settled);

test('order and duplicates change nothing', () =>
  fc.assert(
    fc.asyncProperty(
      days.chain((records) => fc.tuple(fc.constant(records), everyOrder([...records, ...records]))),
      fc.integer({ min: 20, max: 60 }),
      async ([records, disordered], bodySize) => {
        const run = malls.nextRun();
        malls.passUntil(run.fromS + DAY_S + 3_000);
        await malls.post(
          MALL,
          probesOf(records, run).sort((a, b) => a.atS - b.atS),
        );
        for (let at = 0; at < disordered.length; at += bodySize) {
          await malls.post(OTHER, probesOf(disordered.slice(at, at + bodySize), run));
        }
        expect(setsOf(await answersOf(malls, OTHER, run))).toEqual(setsOf(await answersOf(malls, MALL, run)));
        for (const mall of MALLS) await settle(malls, mall, run);
        const settled = await answersOf(malls, MALL, run);
        expect(isSettled(settled)).not.toContain(false);
        expect(await answersOf(malls, OTHER, run)).toEqual(settled);
      },
    ),
    RUNS,
  ));

test('of records that come in time, the answers of an open day are those of the settled day, by the rules', () =>
  fc.assert(
    fc.asyncProperty(days, delays, async (records, delaysS) => {
      const run = malls.nextRun();
      await live(malls, MALL, probesOf(records, run), delaysS);
      const open = await answersOf(malls, MALL, run);
      expect(isSettled(open)).not.toContain(true);
      await settle(malls, MALL, run);
      const settled = await answersOf(malls, MALL, run);
      expect(isSettled(settled)).not.toContain(false);
      expect(numbersOf(settled)).toEqual(numbersOf(open));
      for (const [day, { mallFootfall, hours, shops }] of settled.entries()) {
        const heard = shops.filter(({ footfall }) => footfall > 0);
        expect({
          footfall: mallFootfall[0].footfall,
          hours: hours.map(({ footfall }) => footfall),
          shops: heard.map(({ shop: { code }, dwellSeconds, ...row }) => ({
            ...row,
            shop: code,
            dwellS: dwellSeconds,
          })),
        }).toEqual(byTheRules(records, day));
      }
    }),
    RUNS,
  ));

/** What the rules say of the first or the second day, in seconds from the beginning of the first. */
function byTheRules(told: readonly Told[], day: number) {
  const records = told
    .filter(({ afterS }) => Math.floor(afterS / DAY_S) === day)
    .map(({ device, afterS, shop, accessPoint, rssi = null }) => ({
      ...{ device, shop, atS: afterS, signalDbm: rssi },
      accessPoint: accessPoint === undefined ? null : ACCESS_POINTS.indexOf(accessPoint),
    }));
  const hourStartsS = Array.from({ length: 24 }, (_, hour) => day * DAY_S + hour * 3_600);
  const { footfall, hours, shops } = dayByTheRules(records, records, { visitGapS: VISIT_GAP_S, hourStartsS });
  return {
    footfall,
    hours: hourStartsS.map((_, hour) => hours.find(([slot]) => slot === hour)?.[1] ?? 0),
    shops: shops.map(({ hours: _hours, ...totals }) => totals),
  };
}

test('the numbers of a day fit together, open and settled', () =>
  fc.assert(
    fc.asyncProperty(days, delays, async (records, delaysS) => {
      const run = malls.nextRun();
      await live(malls, MALL, probesOf(records, run), delaysS);
      const open = await answersOf(malls, MALL, run);
      await settle(malls, MALL, run);
      const settled = await answersOf(malls, MALL, run);
      for (const answers of [open, settled]) {
        for (const [day, ofDay] of answers.entries()) {
          for (const [law, holds] of FITTING) {
            try {
              holds(ofDay, run.dates[day]!);
            } catch (cause) {
              throw new Error(`it does not hold that ${law}`, { cause });
            }
          }
        }
      }
    }),
    RUNS,
  ));

interface Node {
  readonly customer: string;
  readonly shop: { readonly code: string };
}

interface Page {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

/** What comes page by page, and what it is ordered by. */
const PAGED: readonly (readonly [field: string, keyOf: (node: Node) => string])[] = [
  ['favoriteShops', ({ customer }) => customer],
  ['repeatShops', keyOf],
];

async function pageOf(field: string, asked: { mall: string; date: string; first: number; after?: string }) {
  const answer = await malls.ask<{ page: Page }>(
    `query ($mall: String!, $date: LocalDate!, $first: Int!, $after: String) {
      page: ${field}(mall: $mall, date: $date, first: $first, after: $after) {
        nodes { customer shop { code } } pageInfo { endCursor hasNextPage }
      }
    }`,
    asked,
  );
  return answer.page;
}

/** The nodes of every page; between two of them something else may happen. */
async function walk(
  field: string,
  asked: { mall: string; date: string; first: number },
  between?: () => Promise<void>,
): Promise<Node[]> {
  const nodes: Node[] = [];
  let page = await pageOf(field, asked);
  for (;;) {
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    expect(page.nodes).toHaveLength(asked.first);
    await between?.();
    page = await pageOf(field, { ...asked, after: page.pageInfo.endCursor! });
  }
}

const first = fc.integer({ min: 1, max: 3 });
const inOrder = (keys: readonly string[]) => [...new Set(keys)].sort();

test('a walk through pages lists everything once and in order, of an open day and of a settled one', () =>
  fc.assert(
    fc.asyncProperty(days, delays, first, async (records, delaysS, first) => {
      const run = malls.nextRun();
      await live(malls, MALL, probesOf(records, run), delaysS);
      for (const state of ['open', 'settled']) {
        if (state === 'settled') await settle(malls, MALL, run);
        for (const [field, keyOf] of PAGED) {
          const asked = { mall: MALL, date: run.dates[0], first };
          const keys = (await walk(field, asked)).map(keyOf);
          const whole = await pageOf(field, { ...asked, first: 1_000 });
          expect(keys).toEqual(whole.nodes.map(keyOf));
          expect(keys).toEqual(inOrder(keys));
        }
      }
    }),
    RUNS,
  ));

test('a walk lists everything that was there once and in order, though records come between its pages', () =>
  fc.assert(
    fc.asyncProperty(days, delays, first, visits, async (records, delaysS, first, visits) => {
      const run = malls.nextRun();
      const decidedAtS = await live(malls, MALL, probesOf(records, run), delaysS);
      let nowS = Math.max(decidedAtS, run.fromS + DAY_S);
      const asked = { mall: MALL, date: run.dates[1], first };
      const visit = async () => {
        nowS += VISIT_GAP_S + 1;
        const come = [...visits.take(4)].map((visit) => ({ ...visit, afterS: nowS - run.fromS }));
        await malls.post(MALL, probesOf(come, run), nowS);
        nowS += LATENESS_S;
        malls.passUntil(nowS);
      };
      await visit();
      for (const [field, keyOf] of PAGED) {
        const all = async () => (await pageOf(field, { ...asked, first: 1_000 })).nodes.map(keyOf);
        const before = await all();
        const keys = (await walk(field, asked, visit)).map(keyOf);
        expect(keys).toEqual(inOrder(keys));
        expect(keys).toEqual(expect.arrayContaining(before));
        expect(await all()).toEqual(expect.arrayContaining(keys));
      }
    }),
    RUNS,
  ));
