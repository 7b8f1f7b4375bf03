import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../log.ts';
import type { MallLease } from '../owned-malls.ts';
import { assignMalls } from './assign-malls.ts';

export const LEASES_BUCKET = 'FOOTFALL_LEASES';

/** A lease holds so long after the request that renewed it was sent; others leave it alone for longer than that. */
const LEASE_MS = 5_000;
const LEFT_ALONE_MS = 7_000;
const RENEW_MS = 1_500;
const LOOK_MS = 250;
/** A member that has just come or gone may be back in a moment: malls move once the others stayed the same so long. */
const SETTLED_MS = 1_000;

const mallKey = (mall: string) => `mall.${mall}`;
const memberKey = (id: string) => `member.${id}`;

export interface MallLeasesOptions {
  readonly nats: NatsConnection;
  /** Of this process, like none before it. Letters, digits, `-` and `_`. */
  readonly id: string;
  /** Codes of the malls to share. */
  readonly malls: () => readonly string[];
  readonly onGained: (mall: string, lease: MallLease) => void;
  readonly log: Log;
  /** Milliseconds from any start that never go back, and stand still with nobody. */
  readonly stopwatchMs: () => number;
}

interface Seen {
  readonly revision: number;
  readonly gone: boolean;
  /** When this revision was first seen here. */
  readonly atMs: number;
}

class Held implements MallLease {
  readonly epoch: number;
  readonly #abort = new AbortController();
  readonly #stopwatchMs: () => number;
  revision: number;
  validUntilMs: number;
  /** A renewal is under way. */
  renewing = false;
  renewedMs: number;

  constructor(revision: number, sentMs: number, stopwatchMs: () => number) {
    this.epoch = revision;
    this.revision = revision;
    this.renewedMs = sentMs;
    this.validUntilMs = sentMs + LEASE_MS;
    this.#stopwatchMs = stopwatchMs;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  readonly mayWrite = (): boolean => !this.signal.aborted && this.#stopwatchMs() < this.validUntilMs;

  end(): void {
    this.#abort.abort();
  }
}

/**
 * Shares malls among processes by leases in a key-value bucket. A lease is a key that its holder writes again and again;
 * whoever sees it stand still for seven seconds, by a clock of his own, may take it, by a write that succeeds only on the
 * revision that stood still. The holder counts five seconds from when it sent its last renewal, so it has stopped before
 * that, however long the network took or the process slept; no two clocks are ever compared.
 */
export class MallLeases {
  readonly #options: MallLeasesOptions;
  readonly #kv: KV;
  readonly #seen = new Map<string, Seen>();
  readonly #held = new Map<string, Held>();
  readonly #taking = new Set<string>();
  #member: { writtenMs: number; writing: boolean } | undefined;
  #members = '';
  #membersSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopWatch: () => void = () => undefined;
  #closing = false;

  private constructor(options: MallLeasesOptions, kv: KV) {
    this.#options = options;
    this.#kv = kv;
  }

  static async open(options: MallLeasesOptions): Promise<MallLeases> {
    const kv = await new Kvm(options.nats).create(LEASES_BUCKET, { history: 1 });
    const leases = new MallLeases(options, kv);
    const watch = await kv.watch();
    leases.#stopWatch = () => watch.stop();
    void leases.#follow(watch);
    leases.#timer = setInterval(() => leases.#tick(), LOOK_MS);
    return leases;
  }

  /** Malls that are surely ours. */
  owned(): string[] {
    return [...this.#held]
      .filter(([, held]) => held.mayWrite())
      .map(([mall]) => mall)
      .sort();
  }

  /**
   * Gives every lease up: the signals are aborted first, then `whenStopped` is waited for, and then others may take the
   * malls at once.
   */
  async close(whenStopped: () => Promise<void>): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    const held = [...this.#held];
    for (const [, lease] of held) lease.end();
    await whenStopped();
    await Promise.all(held.map(([mall, lease]) => this.#giveUp(mall, lease)));
    if (this.#member !== undefined) await this.#kv.delete(memberKey(this.#options.id)).catch(() => undefined);
    this.#stopWatch();
  }

  async #follow(watch: AsyncIterable<KvEntry>): Promise<void> {
    for await (const entry of watch) this.#see(entry);
  }

  #see({ key, revision, operation }: Pick<KvEntry, 'key' | 'revision' | 'operation'>): void {
    const before = this.#seen.get(key);
    if (before !== undefined && before.revision >= revision) return;
    this.#seen.set(key, { revision, gone: operation !== 'PUT', atMs: this.#options.stopwatchMs() });
  }

  #tick(): void {
    const { stopwatchMs } = this.#options;
    const nowMs = stopwatchMs();
    for (const [mall, held] of this.#held) {
      if (!held.mayWrite()) this.#lose(mall, held, 'its lease ran out before it could be renewed');
      else if (nowMs - held.renewedMs >= RENEW_MS && !held.renewing) void this.#renew(mall, held);
    }
    this.#announce(nowMs);
    const members = this.#aliveMembers(nowMs);
    const text = members.join(' ');
    if (text !== this.#members) {
      this.#members = text;
      this.#membersSinceMs = nowMs;
    }
    if (nowMs - this.#membersSinceMs < SETTLED_MS || !members.includes(this.#options.id)) return;
    const assigned = assignMalls(this.#options.malls(), members);
    for (const [mall, held] of this.#held) {
      if (assigned.get(mall) !== this.#options.id) void this.#handOver(mall, held);
    }
    for (const [mall, member] of assigned) {
      if (member === this.#options.id && !this.#held.has(mall) && this.#isFree(mall, nowMs))
        void this.#take(mall);
    }
  }

  /** Written while we live, so that the others know how many share. */
  #announce(nowMs: number): void {
    const member = this.#member;
    if (member?.writing || nowMs - (member?.writtenMs ?? Number.NEGATIVE_INFINITY) < RENEW_MS) return;
    const next = { writtenMs: nowMs, writing: true };
    this.#member = next;
    this.#kv.put(memberKey(this.#options.id), 'here').then(
      () => {
        next.writing = false;
      },
      () => {
        next.writing = false;
      },
    );
  }

  #aliveMembers(nowMs: number): string[] {
    const prefix = memberKey('');
    return [...this.#seen]
      .filter(([key, { gone, atMs }]) => key.startsWith(prefix) && !gone && nowMs - atMs < LEFT_ALONE_MS)
      .map(([key]) => key.slice(prefix.length))
      .sort();
  }

  #isFree(mall: string, nowMs: number): boolean {
    const seen = this.#seen.get(mallKey(mall));
    return seen === undefined || seen.gone || nowMs - seen.atMs >= LEFT_ALONE_MS;
  }

  async #take(mall: string): Promise<void> {
    const { id, stopwatchMs, onGained, log } = this.#options;
    if (this.#taking.has(mall) || this.#closing) return;
    this.#taking.add(mall);
    const key = mallKey(mall);
    try {
      // What we see may be old news, when a connection has just come back: the newest is asked for.
      const newest = await this.#kv.get(key);
      if (newest !== null) this.#see(newest);
      const seen = this.#seen.get(key);
      if (!this.#isFree(mall, stopwatchMs())) return;
      const sentMs = stopwatchMs();
      const revision =
        seen === undefined ? await this.#kv.create(key, id) : await this.#kv.update(key, id, seen.revision);
      const held = new Held(revision, sentMs, stopwatchMs);
      if (this.#closing || !held.mayWrite()) return void this.#giveUp(mall, held);
      this.#held.set(mall, held);
      onGained(mall, held);
    } catch (error) {
      // Mostly another was quicker. If not, the next look tries again.
      log.info({ mall, why: (error as Error).message }, 'did not get the lease of a mall');
    } finally {
      this.#taking.delete(mall);
    }
  }

  async #renew(mall: string, held: Held): Promise<void> {
    held.renewing = true;
    const sentMs = this.#options.stopwatchMs();
    try {
      held.revision = await this.#kv.update(mallKey(mall), this.#options.id, held.revision);
      held.renewedMs = sentMs;
      held.validUntilMs = sentMs + LEASE_MS;
    } catch {
      // Refused, or not answered: in the second case it may have been written all the same.
      const newest = await this.#kv.get(mallKey(mall)).catch(() => null);
      if (newest !== null && newest.operation === 'PUT' && newest.string() === this.#options.id) {
        held.revision = newest.revision;
      } else if (newest !== null) {
        this.#lose(mall, held, 'another process took it');
      }
    } finally {
      held.renewing = false;
    }
  }

  async #handOver(mall: string, held: Held): Promise<void> {
    if (held.signal.aborted) return;
    this.#options.log.info({ mall }, 'hands a mall over to another process');
    this.#lose(mall, held, 'another process shares the malls');
    await this.#giveUp(mall, held);
  }

  #lose(mall: string, held: Held, why: string): void {
    if (this.#held.get(mall) === held) this.#held.delete(mall);
    if (held.signal.aborted) return;
    this.#options.log.warn({ mall, why }, 'owns a mall no longer');
    held.end();
  }

  /** The key goes, if it still is ours: whoever is next need not wait. */
  async #giveUp(mall: string, held: Held): Promise<void> {
    await this.#kv.delete(mallKey(mall), { previousSeq: held.revision }).catch(() => undefined);
  }
}
