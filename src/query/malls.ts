import type { Ask, MallAnswer } from './answers.ts';
import { mall } from './mall.ts';

/** Every mall that is served, by code. */
export function malls(ask: Ask): Promise<MallAnswer[]> {
  return Promise.all(ask.codes().map((code) => mall(ask, code)));
}
