import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Codebook } from '../codebook.ts';
import type { Customer, EpochDay, ShopDays, ShopDaysPage } from '../terms.ts';
import { PieceJoiner } from './frame-pieces.ts';
import { decodeFrame } from './frame-wire.ts';
import type { Live, LiveMall } from './live.ts';
import { MirroredMall } from './mirrored-mall.ts';
import { CUSTOMER_SUBJECT, NOW_SUBJECT } from './nats-frames.ts';

const CUSTOMER_MS = 1_000;
/** Between two questions for the full frame of a mall. */
const ASK_AGAIN_MS = 1_000;
const LOOK_MS = 500;

export interface MirrorOptions {
  readonly nats: NatsConnection;
  /** Rows of an open day, as its owner has kept them. */
  readonly shopDays: (mall: string, day: EpochDay, page: ShopDaysPage) => Promise<ShopDays>;
  /** Of every mall that this process answers for; undefined for others. */
  readonly codebook: (mall: string) => Codebook | undefined;
  readonly malls: () => readonly string[];
  readonly stopwatchMs: () => number;
}

/** What other processes fold, as their frames tell it. */
export interface Mirror extends Live {
  /** Malls whose owner cannot be heard. */
  stale(): string[];
  close(): void;
}

export function openMirror(options: MirrorOptions): Mirror {
  return new NatsMirror(options);
}

interface Mirrored {
  readonly live: MirroredMall;
  readonly frames: PieceJoiner;
  readonly answers: PieceJoiner;
  askedMs: number;
}

class NatsMirror implements Mirror {
  readonly #options: MirrorOptions;
  readonly #malls = new Map<string, Mirrored>();
  readonly #inbox = createInbox();
  readonly #subscriptions: Subscription[];
  readonly #timer: NodeJS.Timeout;

  constructor(options: MirrorOptions) {
    const { nats } = options;
    this.#options = options;
    this.#subscriptions = [
      nats.subscribe('live.*', {
        callback: (error, message) => void (error ?? this.#take(message, 'frames')),
      }),
      nats.subscribe(`${this.#inbox}.*`, {
        callback: (error, message) => void (error ?? this.#take(message, 'answers')),
      }),
    ];
    this.#timer = setInterval(() => this.#askWhereSilent(), LOOK_MS).unref();
    this.#askWhereSilent();
  }

  mall(code: string): LiveMall | undefined {
    const live = this.#malls.get(code)?.live;
    return live?.isKnown ? live : undefined;
  }

  stale(): string[] {
    const { malls } = this.#options;
    return malls().filter((code) => this.mall(code)?.stale ?? true);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #take(message: Msg, from: 'frames' | 'answers'): void {
    const code = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const mirrored = this.#of(code);
    if (mirrored === undefined) return;
    const bytes = mirrored[from].take(message.data);
    if (bytes === undefined) return;
    if (!mirrored.live.take(decodeFrame(bytes))) this.#askNow(code, mirrored);
  }

  /** A mall of which nothing is known, or whose owner has changed without a frame of ours: somebody may answer. */
  #askWhereSilent(): void {
    for (const code of this.#options.malls()) {
      const mirrored = this.#of(code);
      if (mirrored?.live.stale) this.#askNow(code, mirrored);
    }
  }

  #askNow(code: string, mirrored: Mirrored): void {
    const { nats, stopwatchMs } = this.#options;
    const nowMs = stopwatchMs();
    if (nowMs - mirrored.askedMs < ASK_AGAIN_MS || nats.isClosed()) return;
    mirrored.askedMs = nowMs;
    nats.publish(NOW_SUBJECT(code), undefined, { reply: `${this.#inbox}.${code}` });
  }

  #of(code: string): Mirrored | undefined {
    const known = this.#malls.get(code);
    const codebook = this.#options.codebook(code);
    if (known !== undefined || codebook === undefined) return known;
    const { stopwatchMs, shopDays } = this.#options;
    const live = new MirroredMall({
      codebook,
      stopwatchMs,
      shopDays: (day, page) => shopDays(code, day, page),
      customer: (device) => this.#customer(code, device),
    });
    const mirrored = {
      live,
      frames: new PieceJoiner(),
      answers: new PieceJoiner(),
      askedMs: Number.NEGATIVE_INFINITY,
    };
    this.#malls.set(code, mirrored);
    return mirrored;
  }

  async #customer(code: string, device: number): Promise<Customer | undefined> {
    const { nats } = this.#options;
    try {
      const answer = await nats.request(CUSTOMER_SUBJECT(code), String(device), { timeout: CUSTOMER_MS });
      return answer.json<Customer | null>() ?? undefined;
    } catch {
      // Nobody answers: the store knows what the last settlement did.
      return undefined;
    }
  }
}
