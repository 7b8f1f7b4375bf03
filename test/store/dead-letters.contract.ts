import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DeadLetter } from '../../src/outcome.ts';
import type { OpenedLetters, OpenLetters } from './opened-store.ts';

const MALL = 'nanjing-west_01';

export function describeDeadLetters(open: OpenLetters): void {
  let opened: OpenedLetters;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.dispose());

  const letter = (receivedAtS: number, more: Partial<DeadLetter> = {}): DeadLetter => {
    const detail = `no JSON object: ${receivedAtS}`;
    return { reason: 'malformed', detail, receivedAtS, body: '{', ...more };
  };

  test('letters are listed newest first, of one second the last added first', async () => {
    const letters = [letter(200), letter(300), letter(100), letter(300, { detail: 'later' })];
    await opened.deadLetters.add(MALL, letters);
    await opened.deadLetters.add(MALL, [letter(200, { detail: 'later' })]);
    const newestFirst = [letters[3], letters[1], letter(200, { detail: 'later' }), letters[0], letters[2]];
    expect(await opened.deadLetters.list(MALL, { limit: 10 })).toEqual(newestFirst);
    expect(await opened.deadLetters.list(MALL, { limit: 2 })).toEqual(newestFirst.slice(0, 2));
    opened = await opened.reopen();
    expect(await opened.deadLetters.list(MALL, { limit: 10 })).toEqual(newestFirst);
  });

  test('letters are listed by reason, and each mall has its own, known to the store or not', async () => {
    await opened.deadLetters.add(MALL, [letter(1), letter(2, { reason: 'too_old' }), letter(3)]);
    await opened.deadLetters.add('nowhere', [letter(4, { reason: 'unknown_mall' })]);
    expect(await opened.deadLetters.list(MALL, { reason: 'too_old', limit: 9 })).toEqual([
      letter(2, { reason: 'too_old' }),
    ]);
    expect(await opened.deadLetters.list(MALL, { reason: 'bad_device', limit: 9 })).toEqual([]);
    expect(await opened.deadLetters.list('nowhere', { limit: 9 })).toHaveLength(1);
  });

  test.each([
    ['text of any script', 'ünï 咖啡 😀'],
    ['quotes and backslashes', `{"a":"'\\"\\\\'; DROP TABLE shop; --"}`],
    ['a zero byte in the middle', 'before\0after'],
    ['line ends', 'a\r\nb\n'],
    ['4 KiB', '"'.repeat(4_096)],
    ['nothing', ''],
  ])('a body comes back as it was: %s', async (_, body) => {
    await opened.deadLetters.add(MALL, [letter(1, { body, detail: body })]);
    expect(await opened.deadLetters.list(MALL, { limit: 1 })).toEqual([letter(1, { body, detail: body })]);
  });

  test('letters received before an instant are forgotten, of every mall', async () => {
    for (const mall of [MALL, 'other']) {
      await opened.deadLetters.add(mall, [letter(99), letter(100), letter(101)]);
    }
    await opened.deadLetters.expire(100);
    for (const mall of [MALL, 'other']) {
      const left = await opened.deadLetters.list(mall, { limit: 9 });
      expect(left.map(({ receivedAtS }) => receivedAtS)).toEqual([101, 100]);
    }
  });
}
