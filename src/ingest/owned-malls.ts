import { setTimeout as pause } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Log } from './log.ts';
import { feed } from './mall-feed.ts';
import type { Malls } from './malls.ts';
import type { OpenMall } from './open-mall.ts';
import type { Source } from './source.ts';

const AGAIN_MS = 1_000;

/** A lease of one mall: it is ours until the signal, and for sure while `mayWrite` says so. */
export interface MallLease {
  readonly epoch: number;
  readonly signal: AbortSignal;
  readonly mayWrite: () => boolean;
}

export interface OwnedMallsOptions {
  readonly malls: Malls;
  sourceOf(mall: string): Source;
  /** A mall is open and about to be fed: what it gives back ends what others see of it here. */
  onOpened(mall: OpenMall): () => void;
  /** Told of an error after which reading on would be wrong. */
  readonly isFinal: (error: unknown) => boolean;
  readonly registry: Registry;
  readonly log: Log;
  readonly stopwatchMs: () => number;
  /** From 0 up to, and not, 1. */
  readonly chance: () => number;
}

/** Opens, feeds and lets go of malls as their leases come and go. */
export class OwnedMalls {
  readonly #options: OwnedMallsOptions;
  readonly #owning = new Map<string, Promise<void>>();
  readonly #fed = new Set<string>();
  readonly #owned: Gauge;
  readonly #moves: Counter<'mall' | 'event'>;

  constructor(options: OwnedMallsOptions) {
    const registers = [options.registry];
    this.#options = options;
    this.#owned = new Gauge({
      name: 'footfall_malls_owned',
      help: 'Malls that this process folds now.',
      registers,
    });
    this.#moves = new Counter({
      name: 'footfall_mall_moves_total',
      help: 'What became of malls in this process: gained (its lease), opened, lost.',
      labelNames: ['mall', 'event'],
      registers,
    });
  }

  /** Malls whose lease is ours and which are not fed: they are being opened, or an operator must decide. */
  unfed(): string[] {
    return [...this.#owning.keys()].filter((mall) => !this.#fed.has(mall)).sort();
  }

  /** The lease of a mall is ours. It is opened, and tried again while it cannot be. */
  gained(mall: string, lease: MallLease): void {
    const before = this.#owning.get(mall) ?? Promise.resolve();
    this.#moves.inc({ mall, event: 'gained' });
    this.#options.log.info({ mall, epoch: lease.epoch }, 'this process owns a mall; opening it');
    const owning = before
      .then(() => this.#own(mall, lease))
      .finally(() => {
        if (this.#owning.get(mall) === owning) this.#owning.delete(mall);
      });
    this.#owning.set(mall, owning);
  }

  /** Resolves when nothing of any mall is under way; their leases have ended before. */
  async close(): Promise<void> {
    await Promise.all(this.#owning.values());
  }

  async #own(mall: string, lease: MallLease): Promise<void> {
    const { malls, log, sourceOf } = this.#options;
    const source = sourceOf.call(this.#options, mall);
    const closeSource = () => void source.close();
    lease.signal.addEventListener('abort', closeSource);
    try {
      const opened = await this.#open(mall, lease, source);
      if (opened !== undefined) await this.#feed(opened, lease, source);
    } finally {
      lease.signal.removeEventListener('abort', closeSource);
      await source.close();
      await malls.drop(mall);
      this.#moves.inc({ mall, event: 'lost' });
      log.info({ mall, epoch: lease.epoch }, 'let go of a mall');
    }
  }

  async #open(mall: string, lease: MallLease, source: Source): Promise<OpenMall | undefined> {
    const { malls, log, stopwatchMs } = this.#options;
    const { epoch, signal, mayWrite } = lease;
    while (!signal.aborted) {
      const startedMs = stopwatchMs();
      try {
        const opened = await malls.take(mall, { epoch, mayWrite, source });
        const seconds = Math.round(stopwatchMs() - startedMs) / 1_000;
        this.#moves.inc({ mall, event: 'opened' });
        log.info({ mall, epoch, seconds }, 'opened a mall');
        return opened;
      } catch (error) {
        if (signal.aborted) return undefined;
        log.error({ mall, err: error }, 'could not open a mall; it is tried again');
        await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  async #feed(opened: OpenMall, { signal }: MallLease, source: Source): Promise<void> {
    const { log, chance, isFinal, onOpened } = this.#options;
    const mall = opened.code;
    const ended = onOpened.call(this.#options, opened);
    this.#fed.add(mall);
    this.#owned.set(this.#fed.size);
    try {
      await feed({ mall, line: opened.line, source, signal, log, chance, isFinal });
      this.#fed.delete(mall);
      // Its answers stay while an operator decides.
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    } finally {
      this.#fed.delete(mall);
      this.#owned.set(this.#fed.size);
      ended();
    }
  }
}
