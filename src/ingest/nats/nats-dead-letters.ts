import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { DeadLetter, DropReason } from '../../outcome.ts';
import { type DeadLetters, StoreUnavailable } from '../../store/store.ts';
import type { NatsPublisher } from './nats-publisher.ts';
import { DEAD_LETTERS, deadLettersSubject } from './streams.ts';

/** Letters of one message; each has at most 4 KiB of body, which JSON may write six times as long. */
const MESSAGE_LETTERS = 20;
/** Messages that are read at a time, from the newest back. */
const STEP_MESSAGES = 500;
const NO_MESSAGE = 10_037;

/** Dead letters on the stream `PROBES_DLQ`, some a message, each mall under its own subject. */
export class NatsDeadLetters implements DeadLetters {
  readonly #nats: NatsConnection;
  readonly #publisher: NatsPublisher;
  #manager: Promise<JetStreamManager> | undefined;
  /** The stream forgets by age of its messages; letters received before this are not shown meanwhile. */
  #expiredBeforeS = Number.NEGATIVE_INFINITY;

  constructor(nats: NatsConnection, publisher: NatsPublisher) {
    this.#nats = nats;
    this.#publisher = publisher;
  }

  async add(mall: string, letters: readonly DeadLetter[]): Promise<void> {
    const messages: Promise<void>[] = [];
    for (let from = 0; from < letters.length; from += MESSAGE_LETTERS) {
      const bytes = Buffer.from(JSON.stringify(letters.slice(from, from + MESSAGE_LETTERS)));
      messages.push(this.#publisher.publish(deadLettersSubject(mall), bytes, headers()));
    }
    await this.#named('keep dead letters', () => Promise.all(messages));
  }

  list(mall: string, { reason, limit }: { reason?: DropReason; limit: number }): Promise<DeadLetter[]> {
    return this.#named('list dead letters', async () => {
      const found: DeadLetter[] = [];
      const newest = await this.#newest(mall);
      for (let until = newest; until > 0 && found.length < limit; ) {
        const from = Math.max(1, until - STEP_MESSAGES + 1);
        const letters = await this.#between(mall, from, until);
        found.unshift(...letters.filter((letter) => this.#isWanted(letter, reason)));
        until = from - 1;
      }
      // Ascending as they were added; of one second the last added comes first.
      return found
        .map((letter, place) => ({ letter, place }))
        .sort((a, b) => b.letter.receivedAtS - a.letter.receivedAtS || b.place - a.place)
        .slice(0, limit)
        .map(({ letter }) => letter);
    });
  }

  async expire(beforeS: number): Promise<void> {
    this.#expiredBeforeS = Math.max(this.#expiredBeforeS, beforeS);
  }

  #isWanted(letter: DeadLetter, reason: DropReason | undefined): boolean {
    return letter.receivedAtS >= this.#expiredBeforeS && (reason === undefined || letter.reason === reason);
  }

  /** The sequence of the newest message of a mall; 0 when there is none. */
  async #newest(mall: string): Promise<number> {
    const manager = await this.#jetstream();
    try {
      const message = await manager.streams.getMessage(DEAD_LETTERS, {
        last_by_subj: deadLettersSubject(mall),
      });
      return message?.seq ?? 0;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return 0;
      throw error;
    }
  }

  /** Letters of a mall in messages of a range of sequences, both inside, in the order in which they were added. */
  async #between(mall: string, from: number, until: number): Promise<DeadLetter[]> {
    const manager = await this.#jetstream();
    const { name, num_pending } = await manager.consumers.add(DEAD_LETTERS, {
      filter_subject: deadLettersSubject(mall),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      ack_policy: AckPolicy.None,
      mem_storage: true,
    });
    const letters: DeadLetter[] = [];
    try {
      if (num_pending === 0) return letters;
      const consumer = await jetstream(this.#nats).consumers.get(DEAD_LETTERS, name);
      const max_messages = Math.min(num_pending, until - from + 1);
      for await (const message of await consumer.fetch({ max_messages, expires: 5_000 })) {
        if (message.seq > until) break;
        letters.push(...message.json<DeadLetter[]>());
        if (message.info.pending === 0 || message.seq === until) break;
      }
    } finally {
      manager.consumers.delete(DEAD_LETTERS, name).catch(() => undefined);
    }
    return letters;
  }

  #jetstream(): Promise<JetStreamManager> {
    this.#manager ??= jetstreamManager(this.#nats, { checkAPI: false });
    return this.#manager;
  }

  async #named<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new StoreUnavailable(action, error);
    }
  }
}
