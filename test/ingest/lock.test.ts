import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Lock } from '../../src/ingest/lock.ts';

test('tasks run one at a time, in the order in which they asked, whatever becomes of them', () =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { maxLength: 8 }), async (s, fates) => {
      const lock = new Lock();
      const steps: string[] = [];
      const asked = fates.map((fails, task) =>
        lock.run(async () => {
          steps.push(`${task} begins`);
          await s.schedule(Promise.resolve());
          steps.push(`${task} ends`);
          if (fails) throw new Error(`task ${task}`);
          return task;
        }),
      );
      const ended = Promise.allSettled(asked);
      await s.waitFor(ended);
      expect(steps).toEqual(fates.flatMap((_, task) => [`${task} begins`, `${task} ends`]));
      expect((await ended).map(({ status }) => status === 'rejected')).toEqual(fates);
    }),
  ));

test('what a task gives and what it fails with go to whoever asked for it, and to nobody else', async () => {
  const lock = new Lock();
  const failure = new Error('no');
  const first = lock.run(() => Promise.reject(failure));
  const second = lock.run(async () => 'done');
  await expect(first).rejects.toBe(failure);
  await expect(second).resolves.toBe('done');
});
