import { isDeepStrictEqual } from 'node:util';
import { formatDay } from '../calendar.ts';
import type { Frame } from '../live/live.ts';
import type { EpochDay } from '../terms.ts';
import type { Ask } from './answers.ts';
import { servedMall } from './asked-mall.ts';
import { newest } from './newest.ts';

/**
 * The answers to a question about the mall's own today: at once, and again whenever it differs, at most once a
 * second; from local midnight on it is asked of the new day. An unknown mall is refused at the call, not by
 * `next`; an answer is never undefined.
 */
export function dayUpdates<T>(
  ask: Ask,
  mallCode: string,
  question: (today: string) => Promise<T>,
  same: (a: T, b: T) => boolean = isDeepStrictEqual,
): AsyncIterableIterator<T> {
  const { calendar } = servedMall(ask, mallCode);
  let last: { readonly answer: T } | undefined;
  let askedDay: EpochDay | undefined;
  let askedAtS: number | undefined;
  let due = false;
  return newest(ask.live.mall(mallCode), async ({ frame, missed }) => {
    const nowS = ask.clock.nowS();
    const today = calendar.dayOf(nowS);
    const turned = today !== askedDay;
    due ||= missed || turned || (frame !== undefined && concerns(frame, today));
    if (!due || nowS === askedAtS) return undefined;
    due = false;
    askedDay = today;
    askedAtS = nowS;
    const answer = await question(formatDay(today));
    if (!turned && last !== undefined && same(last.answer, answer)) return undefined;
    last = { answer };
    return answer;
  });
}

/** Who is present changes without a record too: when somebody was last heard ten minutes ago. */
function concerns({ changedDays, left }: Frame, today: EpochDay): boolean {
  return left.length > 0 || changedDays.includes(today);
}
