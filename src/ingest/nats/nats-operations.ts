import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { formatDay } from '../../calendar.ts';
import { FIELD_NAMES, type RecordFields } from '../../decode/record-fields.ts';
import { type DeadLetter, type DropReason, totalDropped } from '../../outcome.ts';
import type { DeadLetters } from '../../store/store.ts';
import type { Clock, Mall } from '../../terms.ts';
import type { Batch } from '../batch.ts';
import { DoorDecoder } from '../door-decoder.ts';
import { appendFiles, type Imported } from '../import-files.ts';
import {
  type ImportFile,
  type ImportProgress,
  type ImportResult,
  OperationRefused,
  type Operations,
  type SettledDay,
} from '../operations.ts';
import { DROPPED, IMPORT, RECEIVED } from './message-headers.ts';
import { MessagePieces } from './message-pieces.ts';
import type { NatsPublisher } from './nats-publisher.ts';
import type { Position } from './nats-source.ts';
import { OwnerAway, type OwnerClient } from './owner-client.ts';
import { PROBES, probesSubject } from './streams.ts';

const LOOK_MS = 250;
/** A mall that moves has an owner again within ten seconds. */
const AWAY_MS = 30_000;

export interface NatsOperationsOptions {
  readonly nats: NatsConnection;
  readonly publisher: NatsPublisher;
  readonly deadLetters: DeadLetters;
  readonly owners: OwnerClient;
  readonly mall: (code: string) => Mall | undefined;
  readonly keepRawDays: number | null;
  readonly clock: Clock;
  readonly stopwatchMs: () => number;
  /** Names a run of an import. */
  readonly newId: () => string;
}

/** What an operator's commands ask of the production shape: the owner of a mall does it, whichever process that is. */
export class NatsOperations implements Operations {
  readonly #options: NatsOperationsOptions;

  constructor(options: NatsOperationsOptions) {
    this.#options = options;
  }

  /** Decodes here, for the counts; publishes what is kept, waits until its owner has it, and has the days settled. */
  async importFiles(
    code: string,
    files: AsyncIterable<ImportFile>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportResult> {
    const { clock, keepRawDays, stopwatchMs, owners, newId } = this.#options;
    const mall = this.#known(code);
    const startedMs = stopwatchMs();
    const imported: Imported = { lines: 0, kept: 0, dropped: {}, days: new Set() };
    const receivedAtS = clock.nowS();
    const { calendar, decoder } = new DoorDecoder(() => mall, keepRawDays);
    const pieces = new Map<Batch, MessagePieces>();
    const run = newId();
    const target = {
      calendar,
      decoder,
      prepare: (batch: Batch) => {
        const ofBatch = new MessagePieces();
        pieces.set(batch, ofBatch);
        batch.decoded.onKept = () => {
          const line = lineOf(decoder.judge.fields);
          ofBatch.add(line, 0, line.length);
        };
      },
      append: (batch: Batch) => this.#publish(code, batch, pieces.get(batch)!, receivedAtS, run),
    };
    try {
      await appendFiles(target, files, receivedAtS, onProgress, imported);
    } finally {
      // After a mistake in a file, too: what was published before it counts.
      onProgress({ phase: 'settling', records: imported.lines, bytes: 0 });
      await this.#caughtUp(code);
    }
    const dates = [...imported.days].sort((a, b) => a - b).map(formatDay);
    const days = dates.length === 0 ? [] : await this.#ofOwner(() => owners.settle(code, { dates }));
    const seconds = Math.round(stopwatchMs() - startedMs) / 1000;
    const { lines, kept, dropped } = imported;
    const recordsPerSecond = Math.round(lines / Math.max(seconds, 0.001));
    return { lines, kept, dropped, days, seconds, recordsPerSecond };
  }

  async settle(code: string, days: { from?: string; to?: string }): Promise<readonly SettledDay[]> {
    this.#known(code);
    return this.#ofOwner(() => this.#options.owners.settle(code, days));
  }

  async deadLetters(
    code: string,
    filter: { reason?: DropReason; limit: number },
  ): Promise<readonly DeadLetter[]> {
    return this.#options.deadLetters.list(code, filter);
  }

  async #publish(
    code: string,
    { decoded, droppedByDay }: Batch,
    pieces: MessagePieces,
    receivedAtS: number,
    run: string,
  ): Promise<void> {
    const { publisher, deadLetters } = this.#options;
    if (decoded.deadLetters.length > 0) await deadLetters.add(code, decoded.deadLetters);
    const messages = pieces.take();
    const [dropped = {}] = droppedByDay.values();
    if (messages.length === 0 && totalDropped(dropped) > 0) messages.push(Buffer.of());
    await Promise.all(
      messages.map((bytes, i) => {
        const given = headers();
        given.set(RECEIVED, String(receivedAtS));
        given.set(IMPORT, run);
        if (i === 0 && totalDropped(dropped) > 0) given.set(DROPPED, JSON.stringify(dropped));
        return publisher.publish(probesSubject(code), bytes, given);
      }),
    );
  }

  /** Resolves once the owner has kept every message that the mall has on the stream now. */
  async #caughtUp(code: string): Promise<void> {
    const manager = await jetstreamManager(this.#options.nats, { checkAPI: false });
    const { created } = await manager.streams.info(PROBES);
    const last = await manager.streams
      .getMessage(PROBES, { last_by_subj: probesSubject(code) })
      .then((message) => message?.seq ?? 0)
      .catch((error: unknown) => {
        if (error instanceof JetStreamApiError) return 0;
        throw error;
      });
    for (;;) {
      const position = await this.#ofOwner(() => this.#options.owners.position(code));
      // Of a stream that was made anew, the numbers begin again.
      const kept = position === undefined ? undefined : (JSON.parse(position) as Position);
      if (last === 0 || (kept?.stream === created && kept.sequence >= last)) return;
      await pause(LOOK_MS);
    }
  }

  /** A mall that has no owner for a moment gets one. */
  async #ofOwner<T>(ask: () => Promise<T>): Promise<T> {
    const { stopwatchMs } = this.#options;
    const untilMs = stopwatchMs() + AWAY_MS;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof OwnerAway) || stopwatchMs() > untilMs) throw error;
      }
      await pause(LOOK_MS);
    }
  }

  #known(code: string): Mall {
    const mall = this.#options.mall(code);
    if (mall !== undefined) return mall;
    throw new OperationRefused(
      'UNKNOWN_MALL',
      `no mall ${JSON.stringify(code)} in FOOTFALL_MALLS; footfall doctor says which there are`,
    );
  }
}

/** A record in the wire form, of the fields that mean something. */
function lineOf(fields: RecordFields): Buffer {
  const record: Record<string, string> = {};
  for (const [field, name] of FIELD_NAMES.entries()) record[name] = fields.text(field);
  return Buffer.from(JSON.stringify(record));
}
