import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MALL_FILES } from './mall-directory.ts';

/**
 * A text that changes whenever a file of a mall directory is written, replaced, made or removed. Sizes and times
 * alone: they mean the same on every file system, which inode numbers do not.
 */
export async function stampDirectory(directory: string): Promise<string> {
  const stamps = [directory];
  for (const file of MALL_FILES) {
    try {
      const { size, mtimeNs, ctimeNs } = await stat(join(directory, file), { bigint: true });
      stamps.push(`${size}:${mtimeNs}:${ctimeNs}`);
    } catch (error) {
      stamps.push(String((error as NodeJS.ErrnoException).code));
    }
  }
  return stamps.join('|');
}
