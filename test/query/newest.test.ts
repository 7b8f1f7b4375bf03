import { describe, expect, test } from '@jest/globals';
import { FrameFeed } from '../../src/live/frame-feed.ts';
import type { LiveMall } from '../../src/live/live.ts';
import { type News, newest, type Tell } from '../../src/query/newest.ts';
import { dueWork } from './waiting.ts';

/** A mall of which only the frames are looked at. */
class Frames {
  readonly #feed = new FrameFeed();
  listeners = 0;
  readonly live = {
    onFrame: (listener: Parameters<LiveMall['onFrame']>[0]) => {
      this.listeners++;
      const stop = this.#feed.listen(listener);
      return () => {
        this.listeners--;
        stop();
      };
    },
  } as LiveMall;

  publish(atS: number): void {
    this.#feed.publish({ atS, changedDays: [], moved: [], left: [] });
  }
}

/** Tells the second of the frame, and whether any was missed. */
const seconds: Tell<readonly [number | undefined, boolean]> = ({ frame, missed }) => [frame?.atS, missed];

describe('answers at the pace of their reader', () => {
  test('the first comes at once, then one a frame', async () => {
    const frames = new Frames();
    const answers = newest(frames.live, seconds);
    expect(await answers.next()).toEqual({ done: false, value: [undefined, true] });
    for (const atS of [10, 11, 12]) {
      const next = answers.next();
      frames.publish(atS);
      expect(await next).toEqual({ done: false, value: [atS, false] });
    }
  });

  test('a frame that came before the reader asked is told at once', async () => {
    const frames = new Frames();
    const answers = newest(frames.live, seconds);
    await answers.next();
    frames.publish(10);
    expect((await answers.next()).value).toEqual([10, false]);
  });

  test('a reader that stalls is told the newest frame and that it missed some, and nothing queues', async () => {
    const frames = new Frames();
    let told = 0;
    const answers = newest(frames.live, (news) => {
      told++;
      return seconds(news);
    });
    await answers.next();
    for (let atS = 0; atS < 100_000; atS++) frames.publish(atS);
    expect(told).toBe(1);
    expect((await answers.next()).value).toEqual([99_999, true]);
    const next = answers.next();
    await dueWork();
    expect(told).toBe(2);
    frames.publish(100_000);
    expect((await next).value).toEqual([100_000, false]);
  });

  test('a gap in the numbers of the frames is a frame that was missed', async () => {
    let hear: Parameters<LiveMall['onFrame']>[0] = () => undefined;
    const live = {
      onFrame: (listener) => {
        hear = listener;
        return () => undefined;
      },
    } as LiveMall;
    const answers = newest(live, seconds);
    await answers.next();
    const frame = { changedDays: [], moved: [], left: [] };
    for (const [number, missed] of [
      [7, false],
      [8, false],
      [10, true],
      [11, false],
    ] as const) {
      hear({ ...frame, number, atS: number });
      expect((await answers.next()).value).toEqual([number, missed]);
    }
  });

  test('what is undefined is not told: the reader goes on waiting', async () => {
    const frames = new Frames();
    const answers = newest(frames.live, ({ frame }) => (frame?.atS === 12 ? 'twelve' : undefined));
    const next = answers.next();
    for (const atS of [10, 11, 12]) {
      await dueWork();
      frames.publish(atS);
    }
    expect(await next).toEqual({ done: false, value: 'twelve' });
  });

  test('frames that come while an answer is made wait, as one', async () => {
    const frames = new Frames();
    const made: News[] = [];
    let finish = () => {};
    const answers = newest(frames.live, (news) => {
      made.push(news);
      return new Promise<number>((resolve) => {
        finish = () => resolve(made.length);
      });
    });
    const first = answers.next();
    const second = answers.next();
    for (const atS of [10, 11, 12]) frames.publish(atS);
    expect(made).toHaveLength(1);
    finish();
    expect((await first).value).toBe(1);
    await dueWork();
    finish();
    expect((await second).value).toBe(2);
    expect(made[1]).toMatchObject({ frame: { atS: 12 }, missed: true });
  });
});

describe('the end', () => {
  test('comes with return, even while next waits; nobody listens any longer', async () => {
    const frames = new Frames();
    const answers = newest(frames.live, seconds);
    expect(frames.listeners).toBe(0);
    await answers.next();
    expect(frames.listeners).toBe(1);
    const waiting = [answers.next(), answers.next()];
    expect(await answers.return!()).toEqual({ done: true, value: undefined });
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(frames.listeners).toBe(0);
    expect(await answers.next()).toEqual({ done: true, value: undefined });
    expect(frames.listeners).toBe(0);
  });

  test('comes with return, even while an answer is made; whatever becomes of it', async () => {
    for (const outcome of ['made', 'failed']) {
      const frames = new Frames();
      let finish = () => {};
      const answers = newest(
        frames.live,
        () =>
          new Promise<string>((resolve, reject) => {
            finish = () => (outcome === 'made' ? resolve('late') : reject(new Error('late')));
          }),
      );
      const next = answers.next();
      await answers.return!();
      expect(await next).toEqual({ done: true, value: undefined });
      finish();
      await dueWork();
      expect(frames.listeners).toBe(0);
    }
  });

  test('comes with an answer that cannot be made: next rejects, and the next one is done', async () => {
    const frames = new Frames();
    const answers = newest(frames.live, ({ frame }) => {
      if (frame !== undefined) throw new Error('no answer');
      return 'first';
    });
    await answers.next();
    const waiting = [answers.next(), answers.next()];
    frames.publish(10);
    await expect(waiting[0]).rejects.toThrow('no answer');
    expect(await waiting[1]).toEqual({ done: true, value: undefined });
    expect(frames.listeners).toBe(0);
  });

  test('comes after the first answer where nobody is known to fold the mall', async () => {
    const values: unknown[] = [];
    for await (const value of newest(undefined, seconds)) values.push(value);
    expect(values).toEqual([[undefined, true]]);
  });
});
