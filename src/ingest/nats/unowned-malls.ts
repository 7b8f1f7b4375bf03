import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Counter } from 'prom-client';
import { maskedBody } from '../../decode/mask.ts';
import type { DeadLetter } from '../../outcome.ts';
import type { DeadLetters } from '../../store/store.ts';
import { LEASES_BUCKET } from '../leases/mall-leases.ts';
import type { Log } from '../log.ts';
import { RECEIVED, receivedOf } from './message-headers.ts';
import { PROBES } from './streams.ts';

/** Where the reading of unowned malls goes on, in the bucket of the leases. */
const POSITION_KEY = 'unowned-position';
const PREFIX = 'probes.';
const BATCH_MESSAGES = 500;
const IDLE_MS = 2_000;
const LETTERS_MAX = 10_000;
const LINE_FEED = 0x0a;

export interface UnownedMallsOptions {
  readonly nats: NatsConnection;
  readonly deadLetters: DeadLetters;
  /** Whether a directory knows the mall. */
  readonly isKnown: (mall: string) => boolean;
  readonly records: Counter<'mall' | 'result'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Reads what comes for malls that no directory knows, so that somebody hears of it: every record becomes a dead letter,
 * `unknown_mall`. One process at a time does so. Where it goes on is kept once the letters are: after a crash some come
 * twice, none is missing.
 */
export async function readUnowned(options: UnownedMallsOptions): Promise<void> {
  const { nats, signal, log } = options;
  const kv = await new Kvm(nats).create(LEASES_BUCKET, { history: 1 });
  const manager = await jetstreamManager(nats, { checkAPI: false });
  while (!signal.aborted) {
    try {
      const { created } = await manager.streams.info(PROBES);
      const last = await readPosition(kv, created);
      const { name } = await manager.consumers.add(PROBES, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: last + 1,
        ack_policy: AckPolicy.None,
        mem_storage: true,
      });
      const consumer = await jetstream(nats).consumers.get(PROBES, name);
      const messages = await consumer.fetch({ max_messages: BATCH_MESSAGES, expires: IDLE_MS });
      const stop = () => messages.stop();
      signal.addEventListener('abort', stop);
      const newest = await takeBatch(options, messages);
      signal.removeEventListener('abort', stop);
      await manager.consumers.delete(PROBES, name).catch(() => undefined);
      if (newest > last) await kv.put(POSITION_KEY, JSON.stringify({ created, sequence: newest }));
    } catch (error) {
      if (!signal.aborted)
        log.error({ err: error }, 'could not read what comes for unknown malls; it is tried again');
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    }
  }
}

async function readPosition(kv: KV, created: string): Promise<number> {
  const entry = await kv.get(POSITION_KEY);
  if (entry === null || entry.operation !== 'PUT') return 0;
  const position = entry.json<{ created: string; sequence: number }>();
  return position.created === created ? position.sequence : 0;
}

/** The sequence of the last message; 0 when there was none. */
async function takeBatch(options: UnownedMallsOptions, messages: ConsumerMessages): Promise<number> {
  const { deadLetters, isKnown, records } = options;
  const letters = new Map<string, DeadLetter[]>();
  let newest = 0;
  for await (const message of messages) {
    const mall = message.subject.slice(PREFIX.length);
    newest = message.seq;
    if (isKnown(mall)) continue;
    const found = lettersOf(message, mall);
    records.inc({ mall: '', result: 'unknown_mall' }, found.length);
    letters.set(mall, [...(letters.get(mall) ?? []), ...found].slice(-LETTERS_MAX));
  }
  for (const [mall, found] of letters) await deadLetters.add(mall, found);
  return newest;
}

/** A letter a line, blank ones left out; what is no NDJSON is one letter. */
function lettersOf(message: JsMsg, mall: string): DeadLetter[] {
  const bytes = message.data;
  const receivedAtS =
    receivedOf(message.headers?.get(RECEIVED)) ?? Math.floor(message.info.timestampNanos / 1e9);
  const detail = `no directory describes a mall ${JSON.stringify(mall)}; make one, or mend the subject it is published on`;
  const letters: DeadLetter[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, from);
    const until = end < 0 ? bytes.length : end;
    const body = maskedBody(bytes, from, until);
    if (body.trim() !== '') letters.push({ reason: 'unknown_mall', detail, receivedAtS, body });
    from = until + 1;
  }
  return letters;
}
