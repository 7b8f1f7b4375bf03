import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from './line.ts';
import type { Log } from './log.ts';
import type { Source } from './source.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Feeds a line from a source until the signal: what could not be kept is read again from the last checkpoint, after a
 * pause that doubles up to 15 s. While a store is away, the source holds what comes.
 */
export async function feed(options: {
  readonly mall: string;
  readonly line: Pick<Line, 'follow' | 'checkpoint'>;
  readonly source: Source;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** From 0 up to, and not, 1. */
  readonly chance: () => number;
  /** Told of an error after which reading on would be wrong; feeding ends. */
  readonly isFinal: (error: unknown) => boolean;
}): Promise<void> {
  const { mall, line, source, signal, log, chance, isFinal } = options;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const before = line.checkpoint(source.name);
    try {
      await line.follow(source);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) {
        log.error({ mall, err: error }, 'stopped reading records of a mall: an operator must decide');
        return;
      }
      if (line.checkpoint(source.name) !== before) pauseMs = FIRST_PAUSE_MS;
      const againInMs = Math.round(pauseMs * (0.5 + chance() / 2));
      log.error({ mall, err: error, againInMs }, 'could not keep records of a mall; they are read again');
      await pause(againInMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}
