import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Gate } from '../../src/store/duckdb/gate.ts';
import { StoreBroken, StoreUnavailable } from '../../src/store/store.ts';

async function* untilTold(end: Promise<void>): AsyncGenerator<number> {
  yield 1;
  await end;
}

async function readAll(rows: AsyncIterable<number>): Promise<void> {
  for await (const row of rows) expect(row).toBe(1);
}

test.each<[string, (gate: Gate, end: Promise<void>) => Promise<unknown>]>([
  ['work', (gate, end) => gate.run('work', () => end)],
  ['a stream', (gate, end) => readAll(gate.stream('read', () => untilTold(end)))],
])('closing resolves once %s that is under way has ended, and lets nothing in', async (_, start) => {
  const gate = new Gate();
  let tell = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const work = start(gate, end);
  const happened: string[] = [];
  await nextTurn();
  const closing = gate.close().then(() => happened.push('closed'));
  await nextTurn();
  await expect(gate.run('late', async () => undefined)).rejects.toThrow(StoreUnavailable);
  expect(happened).toEqual([]);
  tell();
  await work;
  await closing;
  expect(happened).toEqual(['closed']);
});

test('work that fails rejects with what was asked, and why it was not done', async () => {
  const cause = new Error('disk full');
  const failed = new Gate().run('keep a batch', () => Promise.reject(cause));
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('keep a batch'), cause });
});

test('an error after which the database answers nothing more breaks the store, and everybody is told once', async () => {
  const gate = new Gate();
  const cause = new Error(
    'FATAL Error: Failed to create checkpoint because of error: No space left on device',
  );
  const failed = gate.run('keep a batch', () => Promise.reject(cause));
  await expect(failed).rejects.toBe(await gate.broken);
  await expect(gate.run('answer', () => Promise.reject(cause))).rejects.toThrow(StoreBroken);
  expect(await gate.broken).toMatchObject({ code: 'STORE_UNAVAILABLE', cause });
});

test('an error that passes does not break the store', async () => {
  const gate = new Gate();
  const cause = new Error('TransactionContext Error: Failed to commit: No space left on device');
  await expect(gate.run('keep a batch', () => Promise.reject(cause))).rejects.not.toBeInstanceOf(StoreBroken);
  expect(await Promise.race([gate.broken, 'whole'])).toBe('whole');
});

class Conflict extends Error {}

test.each([
  ['a mistake of the program', new TypeError('undefined is no function')],
  ['what has a name already', new Conflict('another secret')],
])('%s goes through as it is: to ask again would not mend it', async (_, cause) => {
  await expect(new Gate().run('keep a batch', () => Promise.reject(cause))).rejects.toBe(cause);
  const rows = async function* () {
    yield 1;
    throw cause;
  };
  await expect(readAll(new Gate().stream('read', rows))).rejects.toBe(cause);
});
