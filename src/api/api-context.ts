import type { Ask } from '../query/answers.ts';

/** What every resolver is called with, over HTTP and WebSocket alike. */
export interface ApiContext {
  readonly ask: Ask;
}
