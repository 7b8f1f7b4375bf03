import { SingleBar } from 'cli-progress';
import type { ImportProgress } from '../ingest/operations.ts';
import type { Terminal } from './terminal.ts';

/** A progress bar on a terminal: records, rate and, where the files' sizes are known, time left. Elsewhere nothing. */
export function createImportProgress(
  terminal: Terminal,
  totalBytes: number | undefined,
): { update(progress: ImportProgress): void; stop(): void } {
  if (terminal.stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined };
  const known = totalBytes !== undefined;
  const bar = new SingleBar({
    stream: terminal.stderr,
    format: known
      ? '{phase} [{bar}] {percentage}% | {records} records | {rate} a second | {eta_formatted} left'
      : '{phase} | {records} records | {rate} a second | {duration_formatted}',
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
  });
  const startedMs = performance.now();
  bar.start(totalBytes ?? 1, 0, { phase: 'reading ', records: 0, rate: 0 });
  return {
    update: ({ phase, records, bytes }) => {
      const rate = Math.round(records / Math.max(0.001, (performance.now() - startedMs) / 1000));
      const value = phase === 'settling' ? (totalBytes ?? 0) : Math.min(bytes, totalBytes ?? 0);
      const texts = { records: records.toLocaleString('en'), rate: rate.toLocaleString('en') };
      bar.update(value, { phase: phase.padEnd(8), ...texts });
    },
    stop: () => bar.stop(),
  };
}
