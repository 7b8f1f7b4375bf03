import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { NameGate } from '../decode/name-gate.ts';
import { looksLikeRecords, type RecordDecoder } from '../decode/record-decoder.ts';
import type { DeadLetters, KeptMall, Store } from '../store/store.ts';
import { Batch } from './batch.ts';
import type { DayLedger } from './day-ledger.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { Lock } from './lock.ts';
import type { OpenDays } from './open-days.ts';
import type { Receipt } from './operations.ts';
import type { Source } from './source.ts';

/** Records that may wait for a commit; above that, senders are asked to come back. */
const WAITING_RECORDS_MAX = 400_000;
const WAITING_LETTERS_MAX = 20_000;
const RETRY_AFTER_S = 2;

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

  /** When the newest commit was received, if it could not be kept; −∞ when it could. */
  get failedAtS(): number {
    return this.#failedAtS;
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
   * Reads a source from its checkpoint to its end; each body is taken once the one before is kept. Rejects when
   * one could not be kept; following again then goes on with that one.
   */
  async follow(source: Source): Promise<void> {
    for await (const { bytes, receivedAtS, position } of source.bodies(this.checkpoint(source.name))) {
      if (this.#closed) return;
      this.#filling.checkpoints.set(source.name, position);
      await this.#take(bytes, receivedAtS);
    }
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
          await this.#keep(batch, true);
          batch.acknowledge();
        } catch (error) {
          batch.refuse(error);
        }
        await this.#seedNames();
      });
    }
    this.#draining = undefined;
  }

  async #keep(batch: Batch, live: boolean): Promise<void> {
    const { mall, store, deadLetters, codebook, ledger, openDays, metrics } = this.#parts;
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
      this.#failedAtS = receivedAtS;
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
}
