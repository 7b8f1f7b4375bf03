import { Counter, Histogram, type Registry } from 'prom-client';
import { traced } from '../trace.ts';

/** Streams are read at the pace of their reader: their time says nothing of the store. */
const STREAMS: ReadonlySet<string | symbol> = new Set([
  'rawOfDay',
  'rawBetween',
  'lastSecondsBetween',
  'allCustomers',
]);

/** A store whose calls are timed, and counted when they fail, by the name of the call. */
export function measuredStore<S extends object>(store: S, registry: Registry): S {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'footfall_store_seconds',
    help: 'Time that the store took for one call, by its name.',
    labelNames: ['operation'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  });
  const failures = new Counter({
    name: 'footfall_store_failures_total',
    help: 'Calls that the store could not carry out, by name.',
    labelNames: ['operation'],
    registers,
  });
  const measured = (of: object): object =>
    new Proxy(of, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        if (STREAMS.has(name)) return method.bind(target);
        if (name === 'until') return (signal: AbortSignal) => measured(method.call(target, signal));
        return (...given: readonly unknown[]) => {
          const labels = { operation: String(name) };
          const stop = seconds.startTimer(labels);
          const answer = traced(`store.${labels.operation}`, {}, async () => method.apply(target, given));
          answer.then(
            () => stop(),
            () => {
              stop();
              failures.inc(labels);
            },
          );
          return answer;
        };
      },
    });
  return measured(store) as S;
}
