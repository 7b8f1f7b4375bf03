import type { Ask } from '../query/answers.ts';
import { RowBudget } from '../query/row-budget.ts';

/** What every resolver is called with, over HTTP and WebSocket alike. */
export interface ApiContext {
  readonly ask: Ask;
}

/** Of one request: all its answers draw on one budget of rows, however many questions it asks. */
export function contextOfRequest(ask: Ask): ApiContext {
  return { ask: { ...ask, rows: new RowBudget() } };
}
