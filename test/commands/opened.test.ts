import { expect, test } from '@jest/globals';
import { Opened } from '../../src/commands/opened.ts';

test('what was opened is closed in reverse order, each once, though one of them fails', async () => {
  const closed: string[] = [];
  const opened = new Opened();
  opened.add(async () => void closed.push('first'));
  opened.add(() => Promise.reject(new Error('the second cannot be closed')));
  opened.add(async () => void closed.push('third'));
  await expect(opened.close()).rejects.toThrow('the second cannot be closed');
  await opened.close();
  expect(closed).toEqual(['third', 'first']);
});
