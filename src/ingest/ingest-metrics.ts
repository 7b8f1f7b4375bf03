import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DROP_REASONS, type DropCounts } from '../outcome.ts';

/** Counters of the line, for Prometheus. One per process; `of` gives the part of one mall. */
export class LineMetrics {
  readonly records: Counter<'mall' | 'result'>;
  readonly #refused: Counter<'mall'>;
  readonly #commitSeconds: Histogram<'mall'>;
  readonly #settleSeconds: Histogram<'mall'>;
  readonly #failures: Counter<'mall' | 'action'>;
  readonly #overflowed: Gauge<'mall' | 'kind'>;
  readonly #lagRecords: Gauge<'mall'>;
  readonly #lagSeconds: Gauge<'mall'>;
  readonly #waiting: Gauge<'mall'>;
  readonly #daysToSettle: Gauge<'mall'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.records = new Counter({
      name: 'footfall_records_total',
      help: 'Probe records received, by result: kept, or the reason they were dropped for.',
      labelNames: ['mall', 'result'],
      registers,
    });
    this.#refused = new Counter({
      name: 'footfall_bodies_refused_total',
      help: 'Bodies refused because too many records waited to be kept (503).',
      labelNames: ['mall'],
      registers,
    });
    this.#commitSeconds = new Histogram({
      name: 'footfall_commit_seconds',
      help: 'Time to keep one batch of records.',
      labelNames: ['mall'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
      registers,
    });
    this.#settleSeconds = new Histogram({
      name: 'footfall_settle_seconds',
      help: 'Time to settle one day.',
      labelNames: ['mall'],
      buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60],
      registers,
    });
    this.#failures = new Counter({
      name: 'footfall_failures_total',
      help: 'Work that failed and is tried again, by what it was: commit, names (of a day, read back), settle, directory, presence (rows of open days, for other processes).',
      labelNames: ['mall', 'action'],
      registers,
    });
    this.#overflowed = new Gauge({
      name: 'footfall_unknown_names_overflowed',
      help: 'Records whose unknown shop code or access point came after the daily limit of 2,000. Should be 0.',
      labelNames: ['mall', 'kind'],
      registers,
    });
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['mall'], registers });
    this.#lagRecords = gauge(
      'footfall_lag_records',
      'Records that wait in the stream to be read, as estimated.',
    );
    this.#lagSeconds = gauge(
      'footfall_lag_seconds',
      'Age of the newest record read while more wait; 0 = none waits.',
    );
    this.#waiting = gauge('footfall_waiting_records', 'Records that were read and wait to be kept.');
    this.#daysToSettle = gauge(
      'footfall_days_to_settle',
      'Days that are over and have records no settlement counts.',
    );
  }

  /** Nothing is told of a mall any more: another process owns it. */
  forget(mall: string): void {
    for (const kind of ['shop', 'access_point']) this.#overflowed.remove({ mall, kind });
    for (const gauge of [this.#lagRecords, this.#lagSeconds, this.#waiting, this.#daysToSettle])
      gauge.remove({ mall });
  }

  of(mall: string): IngestMetrics {
    return {
      received: (kept, dropped) => {
        if (kept > 0) this.records.inc({ mall, result: 'kept' }, kept);
        for (const reason of DROP_REASONS) {
          const count = dropped[reason];
          if (count) this.records.inc({ mall, result: reason }, count);
        }
      },
      refused: () => this.#refused.inc({ mall }),
      timeCommit: () => this.#commitSeconds.startTimer({ mall }),
      timeSettle: () => this.#settleSeconds.startTimer({ mall }),
      failed: (action) => this.#failures.inc({ mall, action }),
      overflowed: (kind, count) => this.#overflowed.set({ mall, kind }, count),
      state: ({ lagRecords, lagS, waiting, daysToSettle }) => {
        this.#lagRecords.set({ mall }, lagRecords);
        this.#lagSeconds.set({ mall }, lagS);
        this.#waiting.set({ mall }, waiting);
        this.#daysToSettle.set({ mall }, daysToSettle);
      },
    };
  }
}

/** What one mall's line counts. */
export interface IngestMetrics {
  received(kept: number, dropped: DropCounts): void;
  refused(): void;
  timeCommit(): () => void;
  timeSettle(): () => void;
  failed(action: 'commit' | 'names' | 'settle' | 'directory' | 'presence'): void;
  overflowed(kind: 'shop' | 'access_point', count: number): void;
  /** How the mall stands now. */
  state(now: MallStateNow): void;
}

export interface MallStateNow {
  readonly lagRecords: number;
  readonly lagS: number;
  /** Records read, not kept yet. */
  readonly waiting: number;
  readonly daysToSettle: number;
}
