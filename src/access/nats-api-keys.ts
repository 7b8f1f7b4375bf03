import { type DirectBatchOptions, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ApiKey, ApiKeys } from '../store/store.ts';

export const KEYS_BUCKET = 'FOOTFALL_KEYS';

const STREAM = `KV_${KEYS_BUCKET}`;
const SUBJECTS = `$KV.${KEYS_BUCKET}.>`;
const LOOK_EVERY_MS = 1_000;
const BATCH_KEYS = 1_000;
/** Nothing was put behind that sequence; or nobody has made the bucket yet, as before the first ingester starts. */
const NONE: readonly unknown[] = [404, 503];

/**
 * Keys in a bucket. Whoever watches looks for newer ones every second, with the one request that a process outside the
 * account of the streams may send: what was missed while the connection was gone is found by the next look.
 */
export class NatsApiKeys implements ApiKeys {
  readonly #nats: NatsConnection;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /** Makes the bucket, where there is none and this process may. */
  static async open(nats: NatsConnection): Promise<NatsApiKeys> {
    await new Kvm(nats).create(KEYS_BUCKET, { history: 1 });
    return new NatsApiKeys(nats);
  }

  async list(): Promise<ApiKey[]> {
    const keys: ApiKey[] = [];
    await this.#after(0, (key) => keys.push(key));
    return keys.sort((a, b) => a.createdAtS - b.createdAtS || (a.id < b.id ? -1 : 1));
  }

  async put(key: ApiKey): Promise<void> {
    const bucket = await new Kvm(this.#nats).open(KEYS_BUCKET);
    await bucket.put(key.id, JSON.stringify(key));
  }

  async watch(onPut: (key: ApiKey) => void): Promise<() => void> {
    let last = 0;
    let isLooking = false;
    const look = async () => {
      if (isLooking) return;
      isLooking = true;
      try {
        last = await this.#after(last, onPut);
      } catch {
        // While NATS is away the keys that are known stay as they are; the process says elsewhere that it is.
      }
      isLooking = false;
    };
    await look();
    const timer = setInterval(look, LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  /** Every key that was put behind a sequence; gives the newest sequence. */
  async #after(sequence: number, take: (key: ApiKey) => void): Promise<number> {
    const manager = await jetstreamManager(this.#nats, { checkAPI: false });
    let last = sequence;
    for (;;) {
      const options: DirectBatchOptions = { seq: last + 1, batch: BATCH_KEYS, next_by_subj: SUBJECTS };
      let found = 0;
      try {
        for await (const message of await manager.direct.getBatch(STREAM, options)) {
          if (message.data.length > 0) take(message.json<ApiKey>());
          last = message.seq;
          found++;
        }
      } catch (error) {
        if (!NONE.includes((error as { readonly code?: unknown }).code)) throw error;
      }
      if (found < BATCH_KEYS) return last;
    }
  }
}
