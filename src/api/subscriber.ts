import type { ApiContext } from './api-context.ts';

/** What `subscribe` of a subscription is called with: it answers with an async iterable made for this execution alone. */
export interface Subscriber<Args> {
  readonly args: Args;
  readonly context: ApiContext;
}
