import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { NameGate } from '../decode/name-gate.ts';
import { looksLikeRecords, type RecordDecoder } from '../decode/record-decoder.ts';
import type { DeadLetters, KeptMall, Store } from '../store/store.ts';
import type { Clock } from '../terms.ts';
import { traced } from '../trace.ts';
import { Batch } from './batch.ts';
import type { DayLedger } from './day-ledger.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { Lock } from './lock.ts';
import type { OpenDays } from './open-days.ts';
import type { Receipt } from './operations.ts';
import { MESSAGE_RECORDS_MAX, type Source, type SourceBody } from './source.ts';

/** Records that may wait for a commit; above that, senders are asked to come back. */
const WAITING_RECORDS_MAX = 400_000;
const WAITING_LETTERS_MAX = 20_000;
const RETRY_AFTER_S = 2;
/** Records of a source that share a commit: what a stopped line may have written without a checkpoint is twice that. */
const SOURCE_BATCH_RECORDS = 100_000;
/** Records of a source that are decoded before others get their turn: about 10 ms. */
const TURN_RECORDS = 8_192;
const BYTES_A_RECORD = 150;

/**
 * The way of a record, of one mall: decode, commit, fold, acknowledge. Bodies that arrive while a commit runs
 * are decoded meanwhile and share the next one, so there is no timer and no waiting when it is quiet.
 *
 * Nothing is counted before it is kept: when a commit fails, its senders are told so and the fold has not moved.
 */
export class Line {
  readonly #parts: LineParts;
  readonly #turns = new Lock();
  #filling = new Batch();
  #spare = new Batch();
  #draining: Promise<void> | undefined;
  #lastNumber: number;
  readonly #checkpoints: Map<string, string>;
  #failedAtS = Number.NEGATIVE_INFINITY;
  /** The newest batch with bodies of a source that could not be kept: nothing read behind it may be kept either. */
  #sourceRefusal: { readonly error: unknown } | undefined;
  /** Wakes whoever follows a source and waits for its next body. */
  #leaveSource: () => void = () => undefined;
  #behind: Behind | undefined;
  #closed = false;

  constructor(parts: LineParts, kept: Pick<KeptMall, 'commit' | 'checkpoints'>) {
    this.#parts = parts;
    this.#lastNumber = kept.commit;
    this.#checkpoints = new Map(kept.checkpoints);
  }

  /** Where a source goes on: the position of the last of its bodies that is kept. */
  checkpoint(source: string): string | undefined {
    return this.#checkpoints.get(source);
  }

  /** When the newest commit failed, if it did; −∞ when it was kept. */
  get failedAtS(): number {
    return this.#failedAtS;
  }

  /** How far the source that is followed was ahead of the newest body taken; undefined when none says. */
  get behind(): Behind | undefined {
    return this.#behind;
  }

  /** Records that were taken and wait to be kept. */
  get waiting(): number {
    return this.#filling.decoded.lines + this.#spare.decoded.lines;
  }

  async receive(body: Uint8Array, receivedAtS: number): Promise<Receipt> {
    if (!looksLikeRecords(body)) {
      const detail = 'the body holds no record: it must begin with { (NDJSON) or [ (a JSON array of records)';
      return { kind: 'not_records', detail };
    }
    if (this.#closed || this.#isFull()) {
      this.#parts.metrics.refused();
      return { kind: 'overloaded', retryAfterS: RETRY_AFTER_S };
    }
    return this.#take(body, receivedAtS);
  }

  /**
   * Reads a source from its checkpoint to its end. While a batch is committed the next one is decoded. Rejects when
   * one could not be kept, and nothing behind it is; following again then goes on with that one.
   */
  async follow(source: Source): Promise<void> {
    const refusal = this.#sourceRefusal;
    let newest: Promise<unknown> = Promise.resolve();
    let turnLines = 0;
    const bodies = source.bodies(this.checkpoint(source.name))[Symbol.asyncIterator]();
    try {
      while (this.#sourceRefusal === refusal) {
        const body = await this.#nextBody(bodies);
        if (body === undefined || this.#closed) break;
        if (!this.#hasRoomFor(body)) await newest;
        // Looked at in the same turn in which the body is taken: nothing comes between.
        if (this.#sourceRefusal !== refusal) break;
        newest = this.#takeFrom(source, body);
        newest.catch(() => undefined);
        turnLines += body.bytes.length / BYTES_A_RECORD;
        if (turnLines >= TURN_RECORDS) {
          turnLines = 0;
          await nextTurn();
        }
      }
    } finally {
      void bodies.return?.();
    }
    await newest;
    if (this.#sourceRefusal !== refusal) throw this.#sourceRefusal!.error;
  }

  /**
   * Keeps, without folding them, the bodies that a line which stopped may have written without a checkpoint: the
   * newest ones of a source, at most so many. Before the open days are folded from what is kept, so that no record
   * is folded twice.
   */
  async recover(source: Source): Promise<void> {
    const after = this.checkpoint(source.name);
    if (source.waiting === undefined || (await source.waiting(after)) === 0) return;
    const batch = new Batch();
    for await (const body of source.bodies(after)) {
      this.#decode(batch, source, body);
      if (body.pending === 0 || batch.decoded.lines >= 2 * SOURCE_BATCH_RECORDS) break;
    }
    await this.append(batch);
  }

  /** Commits records without folding them: an import, whose days settle when it has read everything. */
  append(batch: Batch): Promise<void> {
    return this.#turns.run(async () => {
      await this.#keep(batch, false);
      await this.#seedNames();
    });
  }

  /** Runs a task while no commit of this mall runs. */
  between<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.run(task);
  }

  /** Takes nothing more, and resolves when all that was taken is kept or refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#turns.run(async () => undefined);
  }

  #isFull(): boolean {
    const { lines, deadLetters } = this.#filling.decoded;
    return lines >= WAITING_RECORDS_MAX || deadLetters.length >= WAITING_LETTERS_MAX;
  }

  /** Undefined at the end of the source, and as soon as a batch of it is refused. */
  #nextBody(bodies: AsyncIterator<SourceBody>): Promise<SourceBody | undefined> {
    return new Promise((resolve, reject) => {
      this.#leaveSource = () => resolve(undefined);
      bodies.next().then(({ done, value }) => resolve(done ? undefined : value), reject);
    });
  }

  #hasRoomFor(body: SourceBody): boolean {
    const { isEmpty, folds, decoded } = this.#filling;
    if (isEmpty) return true;
    return folds !== (body.imported ?? false) && decoded.lines < SOURCE_BATCH_RECORDS && !this.#isFull();
  }

  #takeFrom(source: Source, body: SourceBody): Promise<Receipt> {
    const batch = this.#filling;
    const receipt = this.#decode(batch, source, body);
    const acknowledged = batch.wait(receipt);
    this.#draining ??= this.#drain();
    return acknowledged;
  }

  #decode(batch: Batch, source: Source, body: SourceBody): Receipt {
    const { calendar, decoder } = this.#parts;
    const { bytes, receivedAtS, firstSlot, position, imported, dropped, pending } = body;
    const receiptDay = calendar.dayOf(receivedAtS);
    const limits = firstSlot === undefined ? undefined : { firstSlot, recordsMax: MESSAGE_RECORDS_MAX };
    batch.folds = !imported;
    batch.checkpoints.set(source.name, position);
    if (dropped !== undefined) batch.countDropped(receiptDay, dropped);
    const linesBefore = batch.decoded.lines;
    const receipt = batch.take(receivedAtS, receiptDay, (into) =>
      decoder.decode(bytes, receivedAtS, into, limits),
    );
    // Bodies of one source are much alike: what waits is estimated by the newest.
    if (pending !== undefined) {
      this.#behind = { records: pending * (batch.decoded.lines - linesBefore), receivedAtS };
    }
    return receipt;
  }

  #take(body: Uint8Array, receivedAtS: number): Promise<Receipt> {
    const { calendar, decoder } = this.#parts;
    const batch = this.#filling;
    const receipt = batch.take(receivedAtS, calendar.dayOf(receivedAtS), (into) =>
      decoder.decode(body, receivedAtS, into),
    );
    const acknowledged = batch.wait(receipt);
    this.#draining ??= this.#drain();
    return acknowledged;
  }

  async #drain(): Promise<void> {
    while (!this.#filling.isEmpty) {
      await this.#turns.run(async () => {
        const batch = this.#filling;
        this.#filling = this.#spare;
        this.#spare = batch;
        try {
          const attributes = { mall: this.#parts.mall, records: batch.decoded.lines };
          await traced('line.batch', attributes, () => this.#keep(batch, batch.folds));
          batch.acknowledge();
        } catch (error) {
          if (batch.checkpoints.size > 0) this.#refuseBehind(error);
          batch.refuse(error);
        }
        await this.#seedNames();
      });
    }
    this.#draining = undefined;
  }

  /** The next batch holds bodies that come behind those refused: kept, its checkpoint would skip them. */
  #refuseBehind(error: unknown): void {
    this.#sourceRefusal = { error };
    this.#leaveSource();
    this.#filling.refuse(error);
  }

  async #keep(batch: Batch, live: boolean): Promise<void> {
    const { mall, store, deadLetters, codebook, ledger, openDays, metrics, clock } = this.#parts;
    const { decoded, receivedAtS, droppedByDay, checkpoints } = batch;
    const { sightings } = decoded;
    const commit = ++this.#lastNumber;
    const stopTimer = metrics.timeCommit();
    try {
      const entry = await ledger.enter({ commit, sightings, receivedAtS, droppedByDay });
      if (live) await openDays.prepare(entry.arrivals);
      if (decoded.deadLetters.length > 0) await deadLetters.add(mall, decoded.deadLetters);
      const { arrivals, ingestDays } = entry;
      await store.commit({
        mall,
        number: commit,
        sightings,
        codebook,
        checkpoints,
        arrivals,
        ingestDays,
      });
      ledger.accept(entry);
      for (const [source, position] of checkpoints) this.#checkpoints.set(source, position);
      this.#failedAtS = Number.NEGATIVE_INFINITY;
    } catch (error) {
      // By the clock: until a store is given up, its receipt may be long ago.
      this.#failedAtS = clock.nowS();
      metrics.failed('commit');
      throw error;
    } finally {
      stopTimer();
    }
    if (live) openDays.fold(sightings, receivedAtS);
    metrics.received(sightings.length, decoded.dropped);
  }

  /**
   * Days met for the first time: the names that the store has of them count towards the limit of unknown ones.
   * Days that could not be read stay unseeded, and are tried again after the next batch.
   */
  async #seedNames(): Promise<void> {
    const { names, store, mall, metrics } = this.#parts;
    try {
      for (const day of names.unseededDays()) {
        const kept = await store.namesOfDay(mall, day);
        names.seed(day, kept.shops, kept.accessPoints);
      }
    } catch {
      metrics.failed('names');
    }
  }
}

export interface Behind {
  /** Records that waited behind the newest body taken, as estimated. */
  readonly records: number;
  /** Receipt of the newest one taken. */
  readonly receivedAtS: number;
}

export interface LineParts {
  readonly mall: string;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly decoder: RecordDecoder;
  readonly names: NameGate;
  readonly ledger: DayLedger;
  readonly openDays: OpenDays;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
}
