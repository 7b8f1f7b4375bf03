import type { ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { parseDay } from '../calendar.ts';
import type { Ask } from '../query/answers.ts';
import type { ApiContext } from './api-context.ts';

/**
 * What a question costs: the values that its answer may have, rows times the fields of each. Rows are worked out from the
 * arguments, so that a question is turned away before it is asked.
 */
type Cost = (asked: ComplexityEstimatorArgs) => number;

type Arguments = Readonly<Record<string, unknown>>;

const HOURS_OF_A_DAY = 25;
/** Of what nobody can know before: customers in view, cells of a plan, access points. A busy mall has about as many. */
const CUSTOMERS = 5_000;
const CELLS = 2_000;
/** Of a day, with a position of one customer. */
const SECONDS = 5_000;
const ACCESS_POINTS = 500;
const SHOPS = 250;

export const aRowADay = rows(daysOf);
export const aRowAnHour = rows((args) => HOURS_OF_A_DAY * daysOf(args));
export const hoursOfToday = rows(() => HOURS_OF_A_DAY);
export const aRowAShopAndDay = rows((args, ask) => daysOf(args) * shopsOf(args, ask));
export const aRowAShop = rows((args, ask) => shopsOf(args, ask));
export const upToLimit = rows(({ limit }) => limit);
export const aPage = rows(({ first }) => first);
export const aRowAMall = rows((_args, ask) => ask.codes().length);
export const aRowACustomer = rows(() => CUSTOMERS);
export const aRowASecond = rows(() => SECONDS);
export const aRowACell = rows(() => CELLS);
export const aRowAnAccessPoint = rows(() => ACCESS_POINTS);
export const aRowAShopOfTheMall = rows(() => SHOPS);

function rows(count: (args: Arguments, ask: Ask) => unknown): Cost {
  return ({ args, childComplexity, context }) => {
    const counted = count(args, (context as unknown as ApiContext).ask);
    // What is no number is refused by the question itself.
    const expected = typeof counted === 'number' && counted > 0 ? counted : 1;
    return expected * Math.max(1, childComplexity);
  };
}

function daysOf({ from, to }: Arguments): number {
  const first = parseDay(String(from));
  const last = parseDay(String(to));
  return first === undefined || last === undefined ? 1 : Math.max(1, last - first + 1);
}

function shopsOf({ shops, mall }: Arguments, ask: Ask): number {
  if (Array.isArray(shops)) return shops.length;
  return ask.served(String(mall))?.mall.shops.size ?? 1;
}
