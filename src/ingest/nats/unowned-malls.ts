import { setTimeout as pause } from 'node:timers/promises';
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Counter } from 'prom-client';
import { maskedBody } from '../../decode/mask.ts';
import type { DeadLetter } from '../../outcome.ts';
import type { DeadLetters } from '../../store/store.ts';
import { LEASES_BUCKET } from '../leases/mall-leases.ts';
import type { Log } from '../log.ts';
import { RECEIVED, receivedOf } from './message-headers.ts';
import { PROBES, probesSubject } from './streams.ts';

/** Where the reading of unowned malls goes on, in the bucket of the leases. */
const POSITION_KEY = 'unowned-position';
const PREFIX = 'probes.';
const BATCH_MESSAGES = 500;
const IDLE_MS = 2_000;
/** After a crash the server removes what was read through. */
const UNUSED_MS = 30_000;
/** Of more unknown malls at once everything is read, and what is known is passed over. */
const SUBJECTS_MAX = 200;
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
    let isMore = false;
    try {
      isMore = await readOn(options, manager, kv);
    } catch (error) {
      if (!signal.aborted)
        log.error({ err: error }, 'could not read what comes for unknown malls; it is tried again');
    }
    if (!isMore) await pause(IDLE_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Reads a batch of what came since the last; tells whether there may be more. */
async function readOn(options: UnownedMallsOptions, manager: JetStreamManager, kv: KV): Promise<boolean> {
  const { nats, isKnown } = options;
  const { created, state } = await manager.streams.info(PROBES, { subjects_filter: probesSubject('*') });
  const last = await readPosition(kv, created);
  if (state.last_seq <= last) return false;
  const unknown = Object.keys(state.subjects ?? {}).filter((subject) => !isKnown(mallOf(subject)));
  let read: Read = { upTo: state.last_seq, pending: 0 };
  if (unknown.length > 0) {
    const { name, num_pending } = await manager.consumers.add(PROBES, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
      ...(unknown.length <= SUBJECTS_MAX ? { filter_subjects: unknown } : {}),
      ack_policy: AckPolicy.None,
      mem_storage: true,
      inactive_threshold: nanos(UNUSED_MS),
    });
    const consumer = await jetstream(nats).consumers.get(PROBES, name);
    read = await takeBatch(options, consumer, { upTo: last, pending: num_pending });
    await consumer.delete();
  }
  const upTo = read.pending > 0 ? read.upTo : Math.max(read.upTo, state.last_seq);
  if (upTo > last) await kv.put(POSITION_KEY, JSON.stringify({ created, sequence: upTo }));
  return read.pending > 0 && read.upTo > last;
}

async function readPosition(kv: KV, created: string): Promise<number> {
  const entry = await kv.get(POSITION_KEY);
  if (entry === null || entry.operation !== 'PUT') return 0;
  const position = entry.json<{ created: string; sequence: number }>();
  return position.created === created ? position.sequence : 0;
}

/** How far the stream was read, and how many messages are still to come. */
interface Read {
  readonly upTo: number;
  readonly pending: number;
}

async function takeBatch(
  { deadLetters, isKnown, records, signal }: UnownedMallsOptions,
  consumer: Consumer,
  before: Read,
): Promise<Read> {
  if (before.pending === 0) return before;
  const messages = await consumer.fetch({
    max_messages: Math.min(before.pending, BATCH_MESSAGES),
    expires: IDLE_MS,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop);
  const letters = new Map<string, DeadLetter[]>();
  let read = before;
  for await (const message of messages) {
    read = { upTo: message.seq, pending: message.info.pending };
    const mall = mallOf(message.subject);
    if (isKnown(mall)) continue;
    const found = lettersOf(message, mall);
    records.inc({ mall: '', result: 'unknown_mall' }, found.length);
    letters.set(mall, [...(letters.get(mall) ?? []), ...found].slice(-LETTERS_MAX));
  }
  signal.removeEventListener('abort', stop);
  for (const [mall, found] of letters) await deadLetters.add(mall, found);
  return read;
}

function mallOf(subject: string): string {
  return subject.slice(PREFIX.length);
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
