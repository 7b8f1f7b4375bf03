import type { Codebook } from '../../codebook.ts';
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
import { Gate } from '../gate.ts';
import { IdentityConflict } from '../identity-conflict.ts';
import {
  type Commit,
  type DayCorrection,
  type DayReplacement,
  type KeptMall,
  type MallIdentity,
  type OpenDayRows,
  type Presence,
  type RecordOrder,
  type Store,
  StoreUnavailable,
} from '../store.ts';
import { newestAccessPoints } from './access-point-rows.ts';
import { putSettlement } from './day-books.ts';
import { expireDays } from './expire-days.ts';
import { HeldStates } from './held-states.ts';
import type { InfluxConnection } from './influx-connection.ts';
import { InfluxAway, InfluxRefusal } from './influx-http.ts';
import { InfluxMall } from './influx-mall.ts';
import { readRows } from './influx-query.ts';
import { dayBooksOf, dayStatesOf, EVER, identitiesOf, settlementsOf } from './kept-books.ts';
import { LineBuffer } from './line-buffer.ts';
import { putDeviceDays, putShopDays, shopDaysPage } from './presence-rows.ts';
import { lastSecondsBetween, namesOfDay, rawBetween, rawInStretches, rawOfDay } from './raw-records.ts';
import { codebookQuestion, expiredQuestion, putIdentity, readCodebook, readExpired } from './registry.ts';
import { correctDays, replaceDay, writeCustomers } from './replace-day.ts';
import { dayTotalsOf, hourTotalsOf, shopTotalsOf } from './rollup-rows.ts';
import { allCustomers, customersOf } from './visitors.ts';
import { CommitWriter } from './write-commit.ts';
import { LineWriter, type WriteOptions } from './write-lines.ts';

const PING_MS = 3_000;

export interface InfluxStoreOptions extends WriteOptions {
  /** Of a process that only reads: states of settled days may be so old when they are told. 0: none is. */
  readonly statesHeldMs?: number;
}

/** As a store and as what keeps rows of open days: processes share it. */
export type InfluxStore = Store & Presence;

/**
 * The store on InfluxDB, for malls that several processes serve. Nothing here is one transaction: a commit counts with
 * its checkpoint, a day with its settlement, and whatever was written before them is written again, over itself.
 */
export function openInfluxStore(connection: InfluxConnection, options: InfluxStoreOptions): InfluxStore {
  const writer = new LineWriter(connection, options);
  const malls = new Map<string, InfluxMall>();
  const states = new HeldStates(options.statesHeldMs ?? 0, options.stopwatchMs);
  const commits = new CommitWriter(writer);
  return new SharedStore({ connection, writer, commits, malls, states, gate: new Gate(named) });
}

interface Parts {
  readonly connection: InfluxConnection;
  readonly writer: LineWriter;
  readonly commits: CommitWriter;
  readonly malls: Map<string, InfluxMall>;
  readonly states: HeldStates;
  readonly gate: Gate;
  /** Of the one question that this is for. */
  readonly signal?: AbortSignal;
}

class SharedStore implements Store, Presence {
  readonly #parts: Parts;
  readonly #connection: InfluxConnection;
  readonly #writer: LineWriter;
  readonly #commits: CommitWriter;
  readonly #gate: Gate;
  readonly #malls: Map<string, InfluxMall>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#connection = parts.connection;
    this.#writer = parts.writer;
    this.#commits = parts.commits;
    this.#gate = parts.gate;
    this.#malls = parts.malls;
  }

  until(signal: AbortSignal): Store {
    const { connection } = this.#parts;
    return new SharedStore({
      ...this.#parts,
      signal,
      connection: { ...connection, http: connection.http.until(signal) },
    });
  }

  openMall(code: string, epoch = 0): Promise<KeptMall> {
    return this.#gate.run('open a mall', async () => {
      const mall = new InfluxMall(code);
      const [{ books, checkpoint }, settlements, identities] = await Promise.all([
        dayBooksOf(this.#connection, code, EVER),
        settlementsOf(this.#connection, code, EVER),
        identitiesOf(this.#connection, code),
        readRows(this.#connection, 'registry', codebookQuestion(code), readCodebook(mall)),
        readRows(this.#connection, 'registry', expiredQuestion(code), readExpired(mall)),
      ]);
      mall.epoch = epochAbove(checkpoint?.epoch ?? 0, epoch);
      mall.shopsKept = mall.codebook.shopCount;
      mall.accessPointsKept = mall.codebook.accessPointCount;
      mall.identity = identities.get(code) ?? null;
      mall.commit = checkpoint?.commit ?? 0;
      mall.positions = new Map(checkpoint?.positions ?? []);
      mall.inCheckpoint = checkpoint?.days ?? [];
      this.#malls.set(code, mall);
      return {
        codebook: mall.codebook,
        epoch: mall.epoch,
        commit: mall.commit,
        checkpoints: new Map(mall.positions),
        arrivals: books.flatMap(({ arrival }) => arrival ?? []),
        settlements: [...settlements.values()],
        identity: mall.identity,
        expired: mall.expired,
      };
    });
  }

  keepIdentity(code: string, identity: MallIdentity): Promise<void> {
    return this.#gate.run('keep the identity of a mall', async () => {
      const kept = (await identitiesOf(this.#connection, code)).get(code);
      const { fingerprint, timeZone } = identity;
      if (kept !== undefined && (kept.fingerprint !== fingerprint || kept.timeZone !== timeZone)) {
        throw new IdentityConflict(code);
      }
      if (kept === undefined) {
        const lines = new LineBuffer();
        putIdentity(lines, code, identity);
        await this.#writer.write('registry', lines);
      }
      const mall = this.#malls.get(code);
      if (mall !== undefined) mall.identity = identity;
    });
  }

  identities(): Promise<ReadonlyMap<string, MallIdentity>> {
    return this.#gate.run('read the identities of malls', () => identitiesOf(this.#connection));
  }

  commit(commit: Commit): Promise<void> {
    return this.#gate.run('keep a batch', async () => {
      const mall = this.#writtenIn(commit.mall, commit.codebook);
      if (commit.number <= mall.commit) return;
      await this.#commits.write(mall, commit);
    });
  }

  replaceDay(replacement: DayReplacement): Promise<void> {
    return this.#gate.run('replace the answers of a day', async () => {
      const mall = this.#writtenIn(replacement.mall, replacement.codebook);
      await this.#commits.keepCodebook(mall);
      await replaceDay({ connection: this.#connection, writer: this.#writer, mall }, replacement);
      await this.#correctVersions(mall, replacement.corrections);
    });
  }

  mergeCustomers(
    code: string,
    customers: CustomerChanges,
    corrections: readonly DayCorrection[],
  ): Promise<void> {
    return this.#gate.run('add to the customer record', async () => {
      const mall = this.#mall(code);
      const parts = { connection: this.#connection, writer: this.#writer, mall };
      await correctDays(parts, corrections, customers);
      await writeCustomers(parts, customers);
      await this.#correctVersions(mall, corrections);
    });
  }

  keepOpenRows(code: string, rows: OpenDayRows): Promise<void> {
    return this.#gate.run('keep rows of an open day', async () => {
      const { day, codebook, deviceDays, deviceParts, shopDays, shopParts } = rows;
      const mall = this.#writtenIn(code, codebook);
      const lines = new LineBuffer();
      putDeviceDays(lines, code, day, deviceDays, deviceParts);
      putShopDays(lines, mall, day, shopDays, shopParts);
      await this.#writer.write('presence', lines);
    });
  }

  rawOfDay(code: string, day: EpochDay, order: RecordOrder = 'device'): AsyncIterable<Sightings> {
    const read = order === 'device' ? rawOfDay : rawInStretches;
    return this.#gate.stream('read the records of a day', () =>
      read(this.#connection, this.#mall(code), day),
    );
  }

  rawBetween(code: string, range: TimeRange, device?: number): AsyncIterable<Sightings> {
    return this.#gate.stream(
      'read the records of a time',
      () => rawBetween(this.#connection, this.#mall(code), range, device),
      this.#parts.signal,
    );
  }

  lastSecondsBetween(code: string, range: TimeRange): AsyncIterable<Sightings> {
    return this.#gate.stream(
      'read the last records of a time',
      () => lastSecondsBetween(this.#connection, this.#mall(code), range),
      this.#parts.signal,
    );
  }

  namesOfDay(code: string, day: EpochDay): Promise<{ shops: number[]; accessPoints: number[] }> {
    return this.#ask('read the names of a day', () => namesOfDay(this.#connection, this.#mall(code), day));
  }

  dayStates(code: string, days: DayRange): Promise<DayState[]> {
    return this.#ask('read the states of days', () =>
      this.#parts.states.between(code, days, (asked) => dayStatesOf(this.#connection, code, asked)),
    );
  }

  dayTotals(code: string, days: DayRange): Promise<DayTotals[]> {
    return this.#ask('read the totals of days', async () => {
      const [settlements, totals] = await Promise.all([
        settlementsOf(this.#connection, code, days),
        dayTotalsOf(this.#connection, this.#mall(code), days),
      ]);
      const settled = [...settlements.keys()].sort((a, b) => a - b);
      return settled.map((day) => totals.get(day) ?? { day, footfall: 0, newCustomers: 0 });
    });
  }

  shopTotals(code: string, days: DayRange, shops?: readonly number[]): Promise<ShopTotals[]> {
    return this.#ask('read the totals of shops', () =>
      this.#ofSettled(code, days, shopTotalsOf(this.#connection, this.#mall(code), days, shops)),
    );
  }

  hourTotals(code: string, days: DayRange, shop?: number): Promise<HourTotals[]> {
    return this.#ask('read the totals of hours', () =>
      this.#ofSettled(code, days, hourTotalsOf(this.#connection, this.#mall(code), days, shop)),
    );
  }

  shopDays(code: string, day: EpochDay, page: ShopDaysPage): Promise<ShopDays> {
    return this.#ask('read the shops of devices', () =>
      shopDaysPage(this.#connection, this.#mall(code), day, page),
    );
  }

  customers(code: string, devices: readonly number[]): Promise<Customer[]> {
    return this.#ask('read customers', () => customersOf(this.#connection, this.#mall(code), devices));
  }

  allCustomers(code: string): AsyncIterable<Customers> {
    return this.#gate.stream('read all customers', () => allCustomers(this.#connection, this.#mall(code)));
  }

  ingestDays(code: string, days: DayRange): Promise<IngestDay[]> {
    return this.#ask('read the counters of days', async () => {
      const { books } = await dayBooksOf(this.#connection, code, days);
      return books.flatMap(({ ingest }) => ingest ?? []);
    });
  }

  accessPoints(code: string): Promise<AccessPointDay[]> {
    return this.#ask('read access points', () => newestAccessPoints(this.#connection, this.#mall(code)));
  }

  expire(code: string, before: { raw: EpochDay | null; customers: EpochDay | null }): Promise<void> {
    return this.#gate.run('forget old records', () =>
      expireDays(this.#connection, this.#writer, this.#mall(code), before),
    );
  }

  ping(): Promise<void> {
    return this.#gate.run('answer', async () => {
      await this.#connection.http.text({ method: 'GET', path: '/health', timeoutMs: PING_MS });
    });
  }

  async close(): Promise<void> {
    await this.#gate.close();
    this.#connection.close();
  }

  async #correctVersions(mall: InfluxMall, corrections: readonly DayCorrection[]): Promise<void> {
    if (corrections.length === 0) return;
    const settlements = await settlementsOf(this.#connection, mall.code, EVER);
    const lines = new LineBuffer();
    for (const { day, version } of corrections) {
      const settlement = settlements.get(day);
      if (settlement !== undefined) putSettlement(lines, mall.code, mall.epoch, { ...settlement, version });
    }
    await this.#writer.write('registry', lines);
  }

  async #ofSettled<Row extends { readonly day: EpochDay }>(
    code: string,
    days: DayRange,
    read: Promise<Row[]>,
  ): Promise<Row[]> {
    const [settlements, rows] = await Promise.all([settlementsOf(this.#connection, code, days), read]);
    return rows.filter(({ day }) => settlements.has(day));
  }

  #mall(code: string): InfluxMall {
    const mall = this.#malls.get(code);
    if (mall === undefined) throw new TypeError(`the mall ${code} was not opened`);
    return mall;
  }

  /** The mall, whose rows are written in the numbers of a codebook from now on. */
  #writtenIn(code: string, codebook: Codebook): InfluxMall {
    const mall = this.#mall(code);
    mall.codebook = codebook;
    return mall;
  }

  #ask<T>(action: string, question: () => Promise<T>): Promise<T> {
    return this.#gate.run(action, question, this.#parts.signal);
  }
}

/** What the server, or the way to it, could not do; a mistake of this program keeps its own name. */
function named(action: string, error: unknown): unknown {
  const isTheirs = error instanceof InfluxAway || error instanceof InfluxRefusal;
  return isTheirs ? new StoreUnavailable(action, error) : error;
}

/** Leases begin to count anew when their bucket is made anew; what owners wrote before must not look newer for that. */
function epochAbove(kept: number, given: number): number {
  return given === 0 || given > kept ? given : kept + given;
}
