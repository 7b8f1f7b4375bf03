import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BodyBudget } from '../../src/http/body-budget.ts';
import { isTooSlow } from '../../src/http/body-pace.ts';
import { receiveBody } from '../../src/http/receive-body.ts';

const KIB = 1 << 10;
const MIB = 1 << 20;

function receive(stream: PassThrough, options: { budget?: BodyBudget; announcedBytes?: number } = {}) {
  const share = (options.budget ?? new BodyBudget(64 * MIB)).share();
  const { announcedBytes } = options;
  return { share, body: receiveBody(stream, { bytesMax: 8 * MIB, announcedBytes, share }) };
}

describe('a body', () => {
  test.each([
    ['in one piece', [10]],
    ['in many pieces', Array(700).fill(1_000)],
    ['in pieces that grow', [1, 70 * KIB, 3 * MIB, 4 * MIB]],
  ])('that comes %s is the same bytes', async (_, lengths) => {
    const stream = new PassThrough();
    const { body } = receive(stream);
    const sent = lengths.map((length, i) => Buffer.alloc(length, i));
    for (const piece of sent) stream.write(piece);
    stream.end();
    expect((await body).equals(Buffer.concat(sent))).toBe(true);
  });

  test('takes memory for what has come, at most twice as much, and all of it back', async () => {
    const budget = new BodyBudget(300 * KIB);
    const stream = new PassThrough();
    const { share, body } = receive(stream, { budget, announcedBytes: 8 * MIB });
    stream.end(Buffer.alloc(100 * KIB));
    await body;
    expect([budget.share().take(201 * KIB), budget.share().take(100 * KIB)]).toEqual([false, true]);
    share.giveBack();
    expect(budget.share().take(200 * KIB)).toBe(true);
  });

  test('takes no more than it announced', async () => {
    const budget = new BodyBudget(10);
    const stream = new PassThrough();
    const { body } = receive(stream, { budget, announcedBytes: 10 });
    stream.end(Buffer.alloc(10));
    expect(await body).toHaveLength(10);
  });

  test.each([
    ['does not fit into the memory for bodies', 2 * MIB, 503, 'OVERLOADED'],
    ['is larger than any may be', 8 * MIB + 1, 413, 'PAYLOAD_TOO_LARGE'],
  ])('that %s is refused', async (_, length, status, code) => {
    const stream = new PassThrough();
    const { body } = receive(stream, { budget: new BodyBudget(length > 8 * MIB ? 64 * MIB : MIB) });
    stream.write(Buffer.alloc(length));
    await expect(body).rejects.toMatchObject({ status, code });
  });

  test('that breaks off is refused', async () => {
    const stream = new PassThrough();
    const { body } = receive(stream);
    stream.destroy(new Error('aborted'));
    await expect(body).rejects.toMatchObject({ status: 400 });
  });
});

describe('the pace of a body', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('when it is too slow ends it, with a sentence that says what is enough', async () => {
    const { body } = receive(new PassThrough());
    jest.advanceTimersByTime(60_000);
    const early = await Promise.race([body, Promise.resolve('waits')]);
    expect(early).toBe('waits');
    const ended = expect(body).rejects.toMatchObject({
      status: 408,
      code: 'TOO_SLOW',
      headers: { connection: 'close' },
      message: expect.stringContaining('128 KiB a second'),
    });
    jest.advanceTimersByTime(1_000);
    await ended;
  });

  test.each([
    [60, 0, false],
    [61, 0, true],
    [60, 64 * KIB, false],
    [10, 64 * KIB + 1, false],
    [11, 64 * KIB + 1, true],
    [18, MIB, false],
    [19, MIB, true],
    [60, 7 * MIB, false],
    [61, 8 * MIB, true],
  ])('after %d s and %d bytes is too slow: %s', (seconds, bytes, expected) => {
    expect(isTooSlow(seconds, bytes)).toBe(expected);
  });
});
