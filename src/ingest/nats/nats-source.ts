import { createHash } from 'node:crypto';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Log } from '../log.ts';
import { MESSAGE_RECORDS_MAX, type Source, type SourceBody } from '../source.ts';
import { DROPPED, droppedOf, IMPORT, RECEIVED, receivedOf } from './message-headers.ts';
import { PROBES, probesSubject } from './streams.ts';

const SLOTS = 1_000_000_000;
/** What is on its way to us, at most, whatever the messages hold: 2,000 of 100 records each. */
const PREFETCH_BYTES = 32 * 2 ** 20;
/** So long without a message, the stream is asked whether it has more. */
const SILENCE_MS = 3_000;
const CONSUMER_KEPT_MS = 60_000;
/** Of a mall that is quiet, the position follows the stream this often: what is removed meanwhile was none of its. */
const QUIET_MARK_MS = 60_000;

/** Messages that went before they were read. The range is exact; of which malls its messages were, nobody can know any more. */
export interface LostRange {
  readonly mall: string;
  readonly reason: 'recreated' | 'removed' | 'set_back';
  /**
   * Sequences of the stream, both inside. Of a stream that was made anew, those of the old one behind the checkpoint are
   * unknown; one that was set back lacks messages that are kept.
   */
  readonly from: number;
  readonly until: number | null;
}

/** Records went before they were read, and the setting says to stop then. */
export class RecordsLost extends Error {
  override readonly name = 'RecordsLost';
  readonly code = 'RECORDS_LOST';
  readonly lost: LostRange;
  constructor(lost: LostRange) {
    super(`${lostText(lost)}; set FOOTFALL_ON_LOSS=go-on and restart to go on behind them`);
    this.lost = lost;
  }
}

export function lostText({ mall, reason, from, until }: LostRange): string {
  if (reason === 'set_back') {
    return `the stream ${PROBES} was set back to before message ${from}; mall ${mall} has kept messages up to ${until}, and goes on with those that take their numbers`;
  }
  return reason === 'recreated'
    ? `the stream ${PROBES} was made anew: what mall ${mall} had behind sequence ${from - 1} of the old one is gone unread`
    : `messages ${from} to ${until} of the stream ${PROBES} were removed before mall ${mall} had read them`;
}

export interface NatsSourceOptions {
  readonly nats: NatsConnection;
  readonly mall: string;
  readonly onLoss: 'go-on' | 'stop';
  readonly onLost: (lost: LostRange) => void;
  readonly log: Log;
  /** Milliseconds from any start. */
  readonly stopwatchMs: () => number;
  readonly nowS: () => number;
}

/** Where a source of a stream stands: which stream, by the instant it was made, and its newest message that is kept. */
export interface Position {
  readonly stream: string;
  readonly sequence: number;
}

/** The probe records of one mall on JetStream: read in order, without acknowledgements, from behind what is kept. */
export function openNatsSource(options: NatsSourceOptions): Source {
  return new NatsSource(options);
}

class NatsSource implements Source {
  readonly name = `nats:${PROBES}`;
  readonly #options: NatsSourceOptions;
  #closed = false;
  /** Counts the calls of `bodies`: an iteration that is not the newest ends. */
  #readings = 0;
  #messages: ConsumerMessages | undefined;
  #manager: JetStreamManager | undefined;

  constructor(options: NatsSourceOptions) {
    this.#options = options;
  }

  async waiting(after: string | undefined): Promise<number> {
    const { created, firstSequence, lastSequence } = await this.#stream();
    const position = positionOf(after);
    if (lastSequence === 0) return 0;
    const known = position?.stream === created ? position.sequence : 0;
    return this.#behind(Math.max(known, firstSequence - 1));
  }

  async *bodies(after: string | undefined): AsyncGenerator<SourceBody> {
    const { stopwatchMs } = this.#options;
    const reading = ++this.#readings;
    this.#messages?.stop();
    const goesOn = () => !this.#closed && reading === this.#readings;
    let position = positionOf(after);
    let markedMs = stopwatchMs();
    while (goesOn()) {
      const stream = await this.#stream();
      const last = await this.#skipLost(position, stream);
      position = { stream: stream.created, sequence: last };
      const offset = offsetOf(stream.created);
      for await (const message of this.#consume(stream.created, last, goesOn)) {
        if (!goesOn()) return;
        // Handed over once already: a consumer that was set up anew began too early.
        if (message.seq <= position.sequence) continue;
        position = { stream: stream.created, sequence: message.seq };
        yield bodyOf(message, position, offset);
        markedMs = stopwatchMs();
      }
      if (!goesOn() || stopwatchMs() - markedMs < QUIET_MARK_MS) continue;
      markedMs = stopwatchMs();
      const { created, lastSequence } = await this.#stream();
      if (created !== position.stream || lastSequence <= position.sequence) continue;
      if ((await this.#behind(position.sequence)) > 0) continue;
      position = { stream: created, sequence: lastSequence };
      yield markOf(position, this.#options.nowS());
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#messages?.stop();
  }

  /**
   * The messages behind a sequence, until the consumer no longer brings them: then the reader begins another one. What
   * the client does by itself is not relied on.
   */
  async *#consume(created: string, last: number, goesOn: () => boolean): AsyncGenerator<JsMsg> {
    const { nats, mall, stopwatchMs } = this.#options;
    const manager = await this.#jetstream();
    const { name } = await manager.consumers.add(PROBES, {
      filter_subject: probesSubject(mall),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
      // Nothing is acknowledged: what is kept says where to go on.
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(CONSUMER_KEPT_MS),
    });
    const consumer = await jetstream(nats).consumers.get(PROBES, name);
    const messages = await consumer.consume({ max_bytes: PREFETCH_BYTES, idle_heartbeat: 1_000 });
    this.#messages = messages;
    // Closed while it was set up: nobody else stops it.
    if (!goesOn()) messages.stop();
    let newest = last;
    let pending = 0;
    let delivered = 0;
    let heard = true;
    const startedMs = stopwatchMs();
    const watch = setInterval(() => {
      if (heard || messages.getReceived() > messages.getProcessed()) {
        heard = false;
        return;
      }
      Promise.all([this.#stream(), this.#behind(newest)]).then(
        ([now, waiting]) => {
          const isAnother = now.created !== created || now.lastSequence < newest;
          if (isAnother || waiting > 0 || stopwatchMs() - startedMs > QUIET_MARK_MS) messages.stop();
        },
        () => undefined,
      );
    }, SILENCE_MS);
    try {
      for await (const message of messages) {
        heard = true;
        // One that was on its way when a connection broke is not sent again: back to the last one that came.
        if (message.info.deliverySequence !== ++delivered) break;
        // Each message leaves one fewer behind it, unless more came: if not, some of those behind it were removed.
        if (pending - message.info.pending > 1 && message.seq > newest + 1) {
          this.#lose({ mall, reason: 'removed', from: newest + 1, until: message.seq - 1 });
        }
        newest = message.seq;
        pending = message.info.pending;
        yield message;
        if (!goesOn()) break;
      }
    } finally {
      clearInterval(watch);
      messages.stop();
      manager.consumers.delete(PROBES, name).catch(() => undefined);
    }
  }

  /** From which message on to read: behind the position, unless what follows it is gone. */
  async #skipLost(position: Position | undefined, stream: StreamNow): Promise<number> {
    const { mall } = this.#options;
    if (position === undefined) return 0;
    const { created, firstSequence, lastSequence } = stream;
    let lost: LostRange | undefined;
    let last = position.sequence;
    if (position.stream !== created) {
      lost = { mall, reason: 'recreated', from: position.sequence + 1, until: null };
      last = 0;
    } else if (lastSequence < position.sequence) {
      lost = { mall, reason: 'set_back', from: lastSequence + 1, until: position.sequence };
      last = lastSequence;
    } else if (firstSequence > position.sequence + 1 && lastSequence > position.sequence) {
      lost = { mall, reason: 'removed', from: position.sequence + 1, until: firstSequence - 1 };
      last = firstSequence - 1;
    }
    if (lost !== undefined) this.#lose(lost);
    return last;
  }

  /** Tells of it; throws where that is wanted, and anything is lost. */
  #lose(lost: LostRange): void {
    const { onLoss, onLost, log } = this.#options;
    onLost(lost);
    if (onLoss === 'stop' && lost.reason !== 'set_back') throw new RecordsLost(lost);
    log.error({ ...lost }, lostText(lost));
  }

  async #stream(): Promise<StreamNow> {
    const { created, state } = await (await this.#jetstream()).streams.info(PROBES);
    return { created, firstSequence: state.first_seq, lastSequence: state.last_seq };
  }

  /** Messages of this mall behind a sequence. */
  async #behind(sequence: number): Promise<number> {
    const { mall } = this.#options;
    const manager = await this.#jetstream();
    const { name, num_pending } = await manager.consumers.add(PROBES, {
      filter_subject: probesSubject(mall),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: sequence + 1,
      ack_policy: AckPolicy.None,
      mem_storage: true,
      inactive_threshold: nanos(SILENCE_MS),
    });
    manager.consumers.delete(PROBES, name).catch(() => undefined);
    return num_pending;
  }

  async #jetstream(): Promise<JetStreamManager> {
    this.#manager ??= await jetstreamManager(this.#options.nats, { checkAPI: false });
    return this.#manager;
  }
}

interface StreamNow {
  readonly created: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

function bodyOf(message: JsMsg, position: Position, offset: number): SourceBody {
  const { headers, info, seq } = message;
  const dropped = droppedOf(headers?.get(DROPPED));
  return {
    bytes: message.data,
    receivedAtS: receivedOf(headers?.get(RECEIVED)) ?? Math.floor(info.timestampNanos / 1e9),
    position: JSON.stringify(position),
    firstSlot: ((((seq % SLOTS) * MESSAGE_RECORDS_MAX) % SLOTS) + offset) % SLOTS,
    pending: info.pending,
    ...(headers?.has(IMPORT) && { imported: true }),
    ...(dropped && { dropped }),
  };
}

/** No record: the mall has nothing up to here. */
function markOf(position: Position, nowS: number): SourceBody {
  return { bytes: new Uint8Array(), receivedAtS: nowS, position: JSON.stringify(position), pending: 0 };
}

/** Drawn once a stream, so that records of a stream that was made anew do not take the places of those of the old one. */
function offsetOf(created: string): number {
  return createHash('sha256').update(created).digest().readUInt32BE(0) % SLOTS;
}

function positionOf(text: string | undefined): Position | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Position);
}
