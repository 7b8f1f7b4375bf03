import type { Ask, MallAnswer } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { drawRows } from './limits.ts';

/** One mall, with the shops of its list by code. */
export async function mall(ask: Ask, code: string): Promise<MallAnswer> {
  const { mall, calendar } = servedMall(ask, code);
  drawRows(ask, mall.shops.size + 1, 'ask for one mall at a time');
  return {
    code: mall.code,
    name: mall.name,
    timeZone: mall.timeZone,
    today: calendar.dayOf(ask.clock.nowS()),
    shops: Array.from(mall.shops, ([code, name]) => ({ code, name })),
  };
}
