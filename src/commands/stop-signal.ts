import { EXIT } from './terminal.ts';

/** After a signal, what is under way gets so long; then the process ends all the same. */
const DRAIN_MS = 4_500;

/**
 * Aborted by Ctrl-C or SIGTERM, from the call on. Stays deaf to further ones: npm passes on a signal that the
 * terminal has already sent.
 */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    setTimeout(() => process.exit(EXIT.ok), DRAIN_MS).unref();
    stopping.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}
