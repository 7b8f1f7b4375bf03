import type { ImportResult } from '../ingest/operations.ts';
import { printLine, type Terminal } from './terminal.ts';

/** An import that kept nothing did what it was asked, and hardly what was meant: says why, below its result. */
export async function explainNothingKept(
  { lines, kept, dropped }: ImportResult,
  mall: string,
  terminal: Terminal,
): Promise<void> {
  if (kept > 0) return;
  const reasons = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  const why = `all ${lines} were dropped (${reasons.join(', ')}); footfall dead-letters --mall ${mall} shows them`;
  const text = lines === 0 ? 'there was none in the input' : why;
  await printLine(terminal.stderr, `footfall: no record was kept: ${text}`);
}
