import type {
  AccessPointDay,
  Customer,
  CustomerChanges,
  Customers,
  DayRange,
  DaySettlement,
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
  type Store,
  StoreUnavailable,
} from '../store.ts';
import { newestAccessPoints } from './access-point-rows.ts';
import { type Checkpoint, checkpointQuestion, putCheckpoint, readCheckpoint } from './checkpoint.ts';
import {
  type DayBook,
  dayBooksQuestion,
  putDayBook,
  putSettlement,
  readDayBooks,
  readSettlements,
  settlementsQuestion,
} from './day-books.ts';
import { expireDays } from './expire-days.ts';
import type { InfluxConnection } from './influx-connection.ts';
import { InfluxAway, InfluxRefusal } from './influx-http.ts';
import { InfluxMall } from './influx-mall.ts';
import { readRows } from './influx-query.ts';
import { LineBuffer } from './line-buffer.ts';
import { putDeviceDays, putShopDays, shopDaysPage } from './presence-rows.ts';
import {
  lastSecondsBetween,
  namesOfDay,
  putRecords,
  RawSeries,
  rawBetween,
  rawOfDay,
} from './raw-records.ts';
import {
  codebookQuestion,
  expiredQuestion,
  IDENTITIES_QUESTION,
  identityQuestion,
  putCodebook,
  putIdentity,
  readCodebook,
  readExpired,
  readIdentities,
} from './registry.ts';
import { correctDays, replaceDay, writeCustomers } from './replace-day.ts';
import { dayTotalsOf, hourTotalsOf, shopTotalsOf } from './rollup-rows.ts';
import { allCustomers, customersOf } from './visitors.ts';
import { LineWriter, type WriteOptions } from './write-lines.ts';

const EVER: DayRange = { from: 0, to: 49_711 };

/** As a store and as what keeps rows of open days: processes share it. */
export type InfluxStore = Store & Presence;

/**
 * The store on InfluxDB, for malls that several processes serve. Nothing here is one transaction: a commit counts with
 * its checkpoint, a day with its settlement, and whatever was written before them is written again, over itself.
 */
export function openInfluxStore(connection: InfluxConnection, options: WriteOptions): InfluxStore {
  return new SharedStore(connection, new LineWriter(connection, options));
}

class SharedStore implements Store, Presence {
  readonly #connection: InfluxConnection;
  readonly #writer: LineWriter;
  readonly #gate = new Gate(named);
  readonly #malls = new Map<string, InfluxMall>();
  readonly #series = new Map<InfluxMall, RawSeries>();
  /** Lines of commits, one mall's after another's. */
  readonly #lines: LineBuffer[] = [];

  constructor(connection: InfluxConnection, writer: LineWriter) {
    this.#connection = connection;
    this.#writer = writer;
  }

  openMall(code: string, epoch = 0): Promise<KeptMall> {
    return this.#gate.run('open a mall', async () => {
      const mall = new InfluxMall(code);
      const identities = new Map<string, MallIdentity>();
      const [days, settlements, checkpoint] = await Promise.all([
        this.#dayBooks(code, EVER),
        this.#settlements(code, EVER),
        this.#checkpoint(code),
        this.#read(codebookQuestion(code), readCodebook(mall)),
        this.#read(identityQuestion(code), readIdentities(identities)),
        this.#read(expiredQuestion(code), readExpired(mall)),
      ]);
      overlay(days, checkpoint);
      mall.epoch = epoch;
      mall.shopsKept = mall.codebook.shopCount;
      mall.accessPointsKept = mall.codebook.accessPointCount;
      mall.identity = identities.get(code) ?? null;
      mall.commit = checkpoint?.commit ?? 0;
      mall.positions = new Map(checkpoint?.positions ?? []);
      mall.inCheckpoint = checkpoint?.days ?? [];
      this.#malls.set(code, mall);
      return {
        codebook: mall.codebook,
        commit: mall.commit,
        checkpoints: new Map(mall.positions),
        arrivals: [...days.values()].flatMap(({ arrival }) => arrival ?? []).sort(byDay),
        settlements: [...settlements.values()].sort(byDay),
        identity: mall.identity,
        expired: mall.expired,
      };
    });
  }

  keepIdentity(code: string, identity: MallIdentity): Promise<void> {
    return this.#gate.run('keep the identity of a mall', async () => {
      const kept = (await this.#identities(identityQuestion(code))).get(code);
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
    return this.#gate.run('read the identities of malls', () => this.#identities(IDENTITIES_QUESTION));
  }

  commit(commit: Commit): Promise<void> {
    return this.#gate.run('keep a batch', async () => {
      const mall = this.#mall(commit.mall);
      if (commit.number <= mall.commit) return;
      await this.#writeCommit(mall, commit);
    });
  }

  replaceDay(replacement: DayReplacement): Promise<void> {
    return this.#gate.run('replace the answers of a day', async () => {
      const mall = this.#mall(replacement.mall);
      await this.#keepCodebook(mall);
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

  keepOpenRows(code: string, { day, deviceDays, shopDays }: OpenDayRows): Promise<void> {
    return this.#gate.run('keep rows of an open day', async () => {
      const mall = this.#mall(code);
      const lines = new LineBuffer();
      putDeviceDays(lines, code, day, deviceDays);
      putShopDays(lines, mall, day, shopDays);
      await this.#writer.write('presence', lines);
    });
  }

  rawOfDay(code: string, day: EpochDay): AsyncIterable<Sightings> {
    return this.#gate.stream('read the records of a day', () =>
      rawOfDay(this.#connection, this.#mall(code), day),
    );
  }

  rawBetween(code: string, range: TimeRange, device?: number): AsyncIterable<Sightings> {
    return this.#gate.stream('read the records of a time', () =>
      rawBetween(this.#connection, this.#mall(code), range, device),
    );
  }

  lastSecondsBetween(code: string, range: TimeRange): AsyncIterable<Sightings> {
    return this.#gate.stream('read the last records of a time', () =>
      lastSecondsBetween(this.#connection, this.#mall(code), range),
    );
  }

  namesOfDay(code: string, day: EpochDay): Promise<{ shops: number[]; accessPoints: number[] }> {
    return this.#ask('read the names of a day', () => namesOfDay(this.#connection, this.#mall(code), day));
  }

  dayStates(code: string, days: DayRange): Promise<DayState[]> {
    return this.#ask('read the states of days', async () => {
      const [books, settlements, checkpoint] = await Promise.all([
        this.#dayBooks(code, days),
        this.#settlements(code, days),
        this.#checkpoint(code),
      ]);
      overlay(books, checkpoint, days);
      const known = new Set([...books.keys(), ...settlements.keys()]);
      return [...known]
        .sort((a, b) => a - b)
        .map((day) => ({
          day,
          arrival: books.get(day)?.arrival ?? null,
          settlement: settlements.get(day) ?? null,
        }))
        .filter(({ arrival, settlement }) => arrival !== null || settlement !== null);
    });
  }

  dayTotals(code: string, days: DayRange): Promise<DayTotals[]> {
    return this.#ask('read the totals of days', async () => {
      const [settlements, totals] = await Promise.all([
        this.#settlements(code, days),
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
      const [books, checkpoint] = await Promise.all([this.#dayBooks(code, days), this.#checkpoint(code)]);
      overlay(books, checkpoint, days);
      return [...books.values()].flatMap(({ ingest }) => ingest ?? []).sort(byDay);
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

  async #writeCommit(mall: InfluxMall, commit: Commit): Promise<void> {
    const { number, sightings, arrivals, ingestDays, checkpoints } = commit;
    await this.#keepCodebook(mall);
    const lines = this.#lines.pop() ?? new LineBuffer();
    try {
      putRecords(lines, this.#seriesOf(mall), mall, number, sightings);
      await Promise.all([this.#writer.write('raw', lines), this.#keepBooks(mall)]);
    } finally {
      lines.clear();
      this.#lines.push(lines);
    }
    const days = joined(arrivals, ingestDays);
    const positions = new Map([...mall.positions, ...checkpoints]);
    const last = new LineBuffer();
    putCheckpoint(last, mall.code, { epoch: mall.epoch, commit: number, positions, days });
    await this.#writer.write('registry', last);
    mall.commit = number;
    mall.positions = positions;
    mall.inCheckpoint = days;
  }

  /** The books of days that only the checkpoint holds, before another takes its place. */
  async #keepBooks(mall: InfluxMall): Promise<void> {
    const lines = new LineBuffer();
    for (const book of mall.inCheckpoint) putDayBook(lines, mall.code, mall.epoch, book);
    await this.#writer.write('registry', lines);
  }

  async #keepCodebook(mall: InfluxMall): Promise<void> {
    const { codebook } = mall;
    const { shopCount, accessPointCount } = codebook;
    const lines = new LineBuffer();
    putCodebook(lines, mall);
    await this.#writer.write('registry', lines);
    mall.shopsKept = Math.max(mall.shopsKept, shopCount);
    mall.accessPointsKept = Math.max(mall.accessPointsKept, accessPointCount);
  }

  async #correctVersions(mall: InfluxMall, corrections: readonly DayCorrection[]): Promise<void> {
    if (corrections.length === 0) return;
    const settlements = await this.#settlements(mall.code, EVER);
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
    const [settlements, rows] = await Promise.all([this.#settlements(code, days), read]);
    return rows.filter(({ day }) => settlements.has(day));
  }

  #seriesOf(mall: InfluxMall): RawSeries {
    let series = this.#series.get(mall);
    if (series === undefined) {
      series = new RawSeries();
      this.#series.set(mall, series);
    }
    return series;
  }

  #mall(code: string): InfluxMall {
    const mall = this.#malls.get(code);
    if (mall === undefined) throw new TypeError(`the mall ${code} was not opened`);
    return mall;
  }

  #ask<T>(action: string, question: () => Promise<T>): Promise<T> {
    return this.#gate.run(action, question);
  }

  #read(question: string, reader: Parameters<typeof readRows>[3]): Promise<void> {
    return readRows(this.#connection, 'registry', question, reader);
  }

  async #identities(question: string): Promise<Map<string, MallIdentity>> {
    const found = new Map<string, MallIdentity>();
    await this.#read(question, readIdentities(found));
    return found;
  }

  async #dayBooks(code: string, days: DayRange): Promise<Map<EpochDay, DayBook>> {
    const found = new Map<EpochDay, DayBook>();
    await this.#read(dayBooksQuestion(code, days), readDayBooks(found));
    return found;
  }

  async #settlements(code: string, days: DayRange): Promise<Map<EpochDay, DaySettlement>> {
    const found = new Map<EpochDay, DaySettlement>();
    await this.#read(settlementsQuestion(code, days), readSettlements(found));
    return found;
  }

  async #checkpoint(code: string): Promise<Checkpoint | undefined> {
    let found: Checkpoint | undefined;
    await this.#read(
      checkpointQuestion(code),
      readCheckpoint((checkpoint) => {
        found = checkpoint;
      }),
    );
    return found;
  }
}

const PING_MS = 3_000;
const byDay = (a: { readonly day: EpochDay }, b: { readonly day: EpochDay }) => a.day - b.day;

/** What the server, or the way to it, could not do; a mistake of this program keeps its own name. */
function named(action: string, error: unknown): unknown {
  const isTheirs = error instanceof InfluxAway || error instanceof InfluxRefusal;
  return isTheirs ? new StoreUnavailable(action, error) : error;
}

function joined(arrivals: Commit['arrivals'], ingestDays: Commit['ingestDays']): DayBook[] {
  const days = new Map<EpochDay, DayBook>();
  for (const arrival of arrivals) days.set(arrival.day, { day: arrival.day, arrival, ingest: null });
  for (const ingest of ingestDays) {
    days.set(ingest.day, { day: ingest.day, arrival: days.get(ingest.day)?.arrival ?? null, ingest });
  }
  return [...days.values()];
}

/** What the checkpoint holds is newer than the rows of its days. */
function overlay(
  books: Map<EpochDay, DayBook>,
  checkpoint: Checkpoint | undefined,
  days: DayRange = EVER,
): void {
  for (const { day, arrival, ingest } of checkpoint?.days ?? []) {
    if (day < days.from || day > days.to) continue;
    const before = books.get(day);
    books.set(day, {
      day,
      arrival: arrival ?? before?.arrival ?? null,
      ingest: ingest ?? before?.ingest ?? null,
    });
  }
}
