import { describe, expect, test } from '@jest/globals';
import { FrameFeed } from '../../src/live/frame-feed.ts';
import type { Frame } from '../../src/live/live.ts';

const content = (atS: number) => ({ atS, changedDays: [19_888], moved: [], left: [7] });

describe('frames', () => {
  test('are numbered one after the other, whether or not somebody listens', () => {
    const feed = new FrameFeed();
    feed.publish(content(100));
    const heard: Frame[] = [];
    feed.listen((frame) => heard.push(frame));
    feed.publish(content(101));
    feed.publish(content(102));
    expect(heard).toEqual([
      { number: 2, ...content(101) },
      { number: 3, ...content(102) },
    ]);
  });

  test('reach every listener, until it stops listening', () => {
    const feed = new FrameFeed();
    const first: number[] = [];
    const second: number[] = [];
    const stop = feed.listen(({ number }) => first.push(number));
    feed.listen(({ number }) => second.push(number));
    feed.publish(content(100));
    stop();
    stop();
    feed.publish(content(101));
    expect([first, second]).toEqual([[1], [1, 2]]);
  });

  test('of a mall that is quiet still come: they are its heartbeat', () => {
    const feed = new FrameFeed();
    const heard: Frame[] = [];
    feed.listen((frame) => heard.push(frame));
    const quiet = { changedDays: [], moved: [], left: [] };
    for (const atS of [100, 101]) feed.publish({ atS, ...quiet });
    expect(heard.map(({ number, atS }) => [number, atS])).toEqual([
      [1, 100],
      [2, 101],
    ]);
  });

  test('go to those who begin to listen while one is handed out, and to no one who stopped meanwhile', () => {
    const feed = new FrameFeed();
    const heard: string[] = [];
    const stops: (() => void)[] = [];
    feed.listen(({ number }) => {
      heard.push(`a${number}`);
      if (number > 1) return;
      stops[0]!();
      feed.listen((frame) => heard.push(`c${frame.number}`));
    });
    stops.push(feed.listen(({ number }) => heard.push(`b${number}`)));
    feed.publish(content(100));
    feed.publish(content(101));
    expect(heard.filter((text) => text.startsWith('b'))).toEqual([]);
    expect(heard).toEqual(expect.arrayContaining(['a1', 'a2', 'c2']));
  });
});
