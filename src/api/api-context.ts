import type { Rights } from '../access/rights.ts';
import type { Ask } from '../query/answers.ts';
import { RowBudget } from '../query/row-budget.ts';
import type { Deadline } from './deadline.ts';

/** What every resolver is called with, over HTTP and WebSocket alike. */
export interface ApiContext {
  /** Knows no mall but those that the asker has a right to. */
  readonly ask: Ask;
  readonly rights: Rights;
  /** Of one request; a subscription has none. */
  readonly deadline?: Deadline;
  readonly progress: Progress;
}

/** What is found out about an operation while it is run. */
export interface Progress {
  /** Everything that it asks for is made of days alone. */
  fromDays: boolean;
  failed: boolean;
}

/** Of one request: all its answers draw on one budget of rows, and on one deadline, however many questions it asks. */
export function contextOfRequest(ask: Ask, rights: Rights, deadline: Deadline): ApiContext {
  const store = ask.store.until(deadline.signal);
  return {
    ask: { ...askWithin(ask, rights), store, rows: new RowBudget() },
    rights,
    deadline,
    progress: { fromDays: false, failed: false },
  };
}

/** Of a subscription: one question, answered again and again, so each answer has the limit to itself. */
export function contextOfSubscription(ask: Ask, rights: Rights): ApiContext {
  return { ask: askWithin(ask, rights), rights, progress: { fromDays: false, failed: false } };
}

function askWithin(ask: Ask, rights: Rights): Ask {
  return {
    ...ask,
    codes: () => ask.codes().filter((code) => rights.hasMall(code)),
    served: (code) => (rights.hasMall(code) ? ask.served(code) : undefined),
  };
}
