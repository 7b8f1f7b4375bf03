import type { Rights } from '../access/rights.ts';
import type { Ask } from '../query/answers.ts';
import { RowBudget } from '../query/row-budget.ts';

/** What every resolver is called with, over HTTP and WebSocket alike. */
export interface ApiContext {
  /** Knows no mall but those that the asker has a right to. */
  readonly ask: Ask;
  readonly rights: Rights;
}

/** Of one request: all its answers draw on one budget of rows, however many questions it asks. */
export function contextOfRequest(ask: Ask, rights: Rights): ApiContext {
  return { ask: { ...askWithin(ask, rights), rows: new RowBudget() }, rights };
}

/** Of a subscription: one question, answered again and again, so each answer has the limit to itself. */
export function contextOfSubscription(ask: Ask, rights: Rights): ApiContext {
  return { ask: askWithin(ask, rights), rights };
}

function askWithin(ask: Ask, rights: Rights): Ask {
  return {
    ...ask,
    codes: () => ask.codes().filter((code) => rights.hasMall(code)),
    served: (code) => (rights.hasMall(code) ? ask.served(code) : undefined),
  };
}
