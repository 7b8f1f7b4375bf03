import type {
  AccessPointDay,
  Customer,
  CustomerChanges,
  Customers,
  DayRange,
  DayState,
  DayTotals,
  EpochDay,
  HourTotals,
  IngestDay,
  ShopDays,
  ShopDaysPage,
  ShopTotals,
  Sightings,
  TimeRange,
} from '../../terms.ts';
import {
  type ApiKeys,
  type Commit,
  type DayCorrection,
  type DayReplacement,
  type DeadLetters,
  type KeptMall,
  type MallIdentity,
  type Store,
  type StoreBroken,
  StoreUnavailable,
} from '../store.ts';
import { DuckDbApiKeys } from './api-keys.ts';
import { allCustomers, changeCustomers, correctDays, readCustomers } from './customers.ts';
import { Database, type DatabaseOptions } from './database.ts';
import { readIngestDays } from './day-books.ts';
import { readAccessPoints, readDayTotals, readHourTotals, readShopTotals } from './day-totals.ts';
import { DuckDbDeadLetters } from './dead-letters.ts';
import { type ExpiryDays, expireDays } from './expiry.ts';
import { Gate } from './gate.ts';
import { KeptMalls, type OpenedMall, readIdentities } from './kept-malls.ts';
import { QuestionPool } from './question-pool.ts';
import { lastSecondsBetween, rawBetween, rawOfDay, readNamesOfDay } from './raw-records.ts';
import { migrate, SchemaTooNew } from './schema.ts';
import { Session } from './session.ts';
import { readShopDays } from './shop-days.ts';
import { writeCommit } from './write-commit.ts';
import { writeReplacement } from './write-replacement.ts';
import { inTransaction, Writer } from './writer.ts';

const KEEP_LOG = 'PRAGMA disable_checkpoint_on_shutdown';

/** Each takes a thread of Node's pool of four while the database works on it. */
const QUESTIONS_AT_ONCE = 3;

export interface OpenedDuckDb {
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly apiKeys: ApiKeys;
  /**
   * Resolves when the database is beyond use in this process. Whoever opened it ends the process then: opened again in
   * place, it could hold a batch that the fold in memory was told is lost. A new process reads everything back.
   */
  readonly broken: Promise<StoreBroken>;
}

/**
 * Opens one file for all malls, made and brought up to date as needed. Rejects with StoreInUse while another
 * process or this one has it open, with SchemaTooNew when a newer release wrote it.
 */
export async function openDuckDbStore(options: DatabaseOptions): Promise<OpenedDuckDb> {
  const database = await Database.open(options);
  const sessions: Session[] = [];
  const connect = async (): Promise<Session> => {
    const session = new Session(await database.connect());
    sessions.push(session);
    return session;
  };
  const connectWriter = async (): Promise<Writer> => new Writer(await connect(), () => database.checkFile());
  const close = (): void => {
    for (const session of sessions) session.close();
    database.close();
  };
  try {
    const commits = await connectWriter();
    await migrate(commits);
    const replacements = await connectWriter();
    const letters = await connectWriter();
    const questions: Session[] = [];
    while (questions.length < QUESTIONS_AT_ONCE) questions.push(await connect());
    const pool = new QuestionPool(questions);
    const gate = new Gate();
    return {
      store: new DuckDbStore({ database, commits, replacements, questions: pool, gate, close }),
      deadLetters: new DuckDbDeadLetters(gate, letters, pool),
      apiKeys: new DuckDbApiKeys(gate, letters, pool),
      broken: gate.broken,
    };
  } catch (error) {
    close();
    throw error instanceof SchemaTooNew ? error : new StoreUnavailable(`open ${options.file}`, error);
  }
}

interface Parts {
  readonly database: Database;
  /** Writes what arrives: malls, codebooks, records, the books of arrivals and counters. */
  readonly commits: Writer;
  /** Writes what is worked out from it, so that no two connections ever change the same rows. */
  readonly replacements: Writer;
  readonly questions: QuestionPool;
  readonly gate: Gate;
  close(): void;
}

class DuckDbStore implements Store {
  readonly #parts: Parts;
  readonly #malls: KeptMalls;
  /** Of the one question that this is for. */
  readonly #signal: AbortSignal | undefined;

  constructor(parts: Parts, malls = new KeptMalls(parts.commits), signal?: AbortSignal) {
    this.#parts = parts;
    this.#malls = malls;
    this.#signal = signal;
  }

  until(signal: AbortSignal): Store {
    return new DuckDbStore(this.#parts, this.#malls, signal);
  }

  openMall(mall: string): Promise<KeptMall> {
    return this.#parts.gate.run('open a mall', () => this.#malls.open(mall));
  }

  keepIdentity(mall: string, identity: MallIdentity): Promise<void> {
    return this.#parts.gate.run('keep the identity of a mall', () =>
      this.#malls.keepIdentity(mall, identity),
    );
  }

  identities(): Promise<ReadonlyMap<string, MallIdentity>> {
    const { gate, questions } = this.#parts;
    return gate.run('read the identities of malls', () => questions.ask(readIdentities));
  }

  commit(commit: Commit): Promise<void> {
    const { gate, commits } = this.#parts;
    return gate.run('keep a batch', () =>
      commits.turn((session) => writeCommit(session, this.#malls.get(commit.mall), commit)),
    );
  }

  replaceDay(replacement: DayReplacement): Promise<void> {
    const { gate, replacements } = this.#parts;
    return gate.run('replace the answers of a day', async () => {
      const mall = this.#malls.get(replacement.mall);
      await this.#malls.keepCodebook(mall, replacement.codebook);
      await replacements.turn((session) => writeReplacement(session, mall.number, replacement));
      mall.days.settled(replacement.settlement);
      mall.days.corrected(replacement.corrections);
    });
  }

  mergeCustomers(
    mall: string,
    customers: CustomerChanges,
    corrections: readonly DayCorrection[],
  ): Promise<void> {
    return this.#replace(
      'add to the customer record',
      mall,
      async (session, { number }) => {
        await changeCustomers(session, number, customers);
        await correctDays(session, number, corrections);
      },
      ({ days }) => days.corrected(corrections),
    );
  }

  rawOfDay(mall: string, day: EpochDay): AsyncIterable<Sightings> {
    const { gate, database } = this.#parts;
    return gate.stream('read the records of a day', () =>
      rawOfDay(database, this.#malls.get(mall).number, day),
    );
  }

  rawBetween(mall: string, range: TimeRange, device?: number): AsyncIterable<Sightings> {
    const { gate, database } = this.#parts;
    return gate.stream(
      'read the records of a time',
      () => rawBetween(database, this.#malls.get(mall).number, range, device, this.#signal),
      this.#signal,
    );
  }

  lastSecondsBetween(mall: string, range: TimeRange): AsyncIterable<Sightings> {
    const { gate, database } = this.#parts;
    return gate.stream(
      'read the last records of a time',
      () => lastSecondsBetween(database, this.#malls.get(mall).number, range, this.#signal),
      this.#signal,
    );
  }

  namesOfDay(mall: string, day: EpochDay): Promise<{ shops: number[]; accessPoints: number[] }> {
    return this.#ask('read the names of a day', mall, (session, { number }) =>
      readNamesOfDay(session, number, day),
    );
  }

  dayStates(mall: string, days: DayRange): Promise<DayState[]> {
    return this.#parts.gate.run('read the states of days', async () =>
      this.#malls.get(mall).days.between(days),
    );
  }

  dayTotals(mall: string, days: DayRange): Promise<DayTotals[]> {
    return this.#ask('read the totals of days', mall, (session, { number }) =>
      readDayTotals(session, number, days),
    );
  }

  shopTotals(mall: string, days: DayRange, shops?: readonly number[]): Promise<ShopTotals[]> {
    return this.#ask('read the totals of shops', mall, (session, { number }) =>
      readShopTotals(session, number, days, shops),
    );
  }

  hourTotals(mall: string, days: DayRange, shop?: number): Promise<HourTotals[]> {
    return this.#ask('read the totals of hours', mall, (session, { number }) =>
      readHourTotals(session, number, days, shop),
    );
  }

  shopDays(mall: string, day: EpochDay, page: ShopDaysPage): Promise<ShopDays> {
    return this.#ask('read the shops of devices', mall, (session, { number, codebook }) =>
      readShopDays(session, number, day, page, codebook),
    );
  }

  customers(mall: string, devices: readonly number[]): Promise<Customer[]> {
    return this.#ask('read customers', mall, (session, { number }) =>
      readCustomers(session, number, devices),
    );
  }

  allCustomers(mall: string): AsyncIterable<Customers> {
    const { gate, database } = this.#parts;
    return gate.stream('read the customer record', () =>
      allCustomers(database, this.#malls.get(mall).number),
    );
  }

  ingestDays(mall: string, days: DayRange): Promise<IngestDay[]> {
    return this.#ask('read the counters of days', mall, (session, { number }) =>
      readIngestDays(session, number, days),
    );
  }

  accessPoints(mall: string): Promise<AccessPointDay[]> {
    return this.#ask('read the access points', mall, (session, { number, codebook }) =>
      readAccessPoints(session, number, codebook),
    );
  }

  expire(mall: string, before: ExpiryDays): Promise<void> {
    return this.#replace('forget what is too old', mall, (session, { number }) =>
      expireDays(session, number, before),
    );
  }

  async ping(): Promise<void> {
    const { database, gate, questions } = this.#parts;
    await gate.run('answer', async () => {
      await database.checkFile();
      await questions.ask((session) => session.run('SELECT 1'));
    });
  }

  async close(): Promise<void> {
    const { gate, commits, questions, close } = this.#parts;
    await gate.close();
    try {
      // Off this thread, unlike the one that closing makes; what it does not write stays in the log.
      await commits.turn((session) => session.run('CHECKPOINT'));
    } catch {
      // Closing would try once more, and then delete the log by its name, which may be that of another file by now.
      await questions.ask((session) => session.run(KEEP_LOG)).catch(() => undefined);
    }
    close();
  }

  #ask<T>(
    action: string,
    mall: string,
    question: (session: Session, mall: OpenedMall) => Promise<T>,
  ): Promise<T> {
    const { gate, questions } = this.#parts;
    const signal = this.#signal;
    return gate.run(
      action,
      () => questions.ask((session) => question(session, this.#malls.get(mall)), signal),
      signal,
    );
  }

  #replace(
    action: string,
    mall: string,
    work: (session: Session, mall: OpenedMall) => Promise<void>,
    whenKept: (mall: OpenedMall) => void = () => undefined,
  ): Promise<void> {
    const { gate, replacements } = this.#parts;
    return gate.run(action, async () => {
      const opened = this.#malls.get(mall);
      await replacements.turn((session) => inTransaction(session, () => work(session, opened)));
      whenKept(opened);
    });
  }
}
