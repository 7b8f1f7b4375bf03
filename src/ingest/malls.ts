import { parseDay, WRITTEN_DAY } from '../calendar.ts';
import type { MallDirectories } from '../config/mall-directories.ts';
import { openSecret, type SecretError } from '../config/secrets.ts';
import { fingerprint } from '../decode/pseudonyms.ts';
import type { Live, LiveMall } from '../live/live.ts';
import type { DeadLetter, DropReason } from '../outcome.ts';
import type { Presence } from '../store/store.ts';
import type { EpochDay, Mall } from '../terms.ts';
import type { Batch } from './batch.ts';
import { fencedStore } from './fenced-store.ts';
import { appendFiles, type Imported } from './import-files.ts';
import type { LineMetrics } from './ingest-metrics.ts';
import { OpenMall } from './open-mall.ts';
import {
  type ImportFile,
  type ImportProgress,
  type ImportResult,
  type Intake,
  OperationRefused,
  type Operations,
  type Receipt,
  type SettledDay,
} from './operations.ts';
import type { Source } from './source.ts';
import { Upkeep, type UpkeepOptions } from './upkeep.ts';

const TICK_MS = 1_000;
/**
 * So long after a batch could not be kept, the mall is not ready: then a sender may try again. Longer than it takes to find
 * that the next one cannot be kept either.
 */
const TROUBLE_S = 30;

export interface MallsOptions extends UpkeepOptions {
  readonly directories: MallDirectories;
  readonly secretsFolder: string;
  /** Whether a secret may be made for a mall that the store knows none of. */
  readonly mayCreateSecrets: boolean;
  /** Milliseconds from any start, for durations. */
  readonly stopwatchMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly metrics: LineMetrics;
  /**
   * Where the rows of open days are kept when processes share the malls. Then a mall is opened by `take`, when it
   * becomes this process's own; without it every mall is.
   */
  readonly presence?: Presence;
}

/** A mall that is this process's own for now. */
export interface Ownership {
  /** Names the writes of this owner; higher than that of every owner before. */
  readonly epoch: number;
  /** Whether it surely still is; asked before every write. */
  readonly mayWrite: () => boolean;
  /** What its records come from. */
  readonly source: Source;
}

/** Every mall that this process folds: opens them, moves their clocks, takes their records and operations. */
export class Malls implements Intake, Operations, Live {
  readonly #options: MallsOptions;
  readonly #open = new Map<string, OpenMall>();
  readonly #upkeep: Upkeep;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: MallsOptions) {
    this.#options = options;
    this.#upkeep = new Upkeep(options);
  }

  /** Rejects with SecretError when a mall's secret is not the one its customers are stored under. */
  static async open(options: MallsOptions): Promise<Malls> {
    const { directories } = options;
    const malls = new Malls(options);
    // A directory that changes while malls are opened waits for its turn.
    directories.onChange((_code, mall) => void malls.#directoryChanged(mall));
    if (options.presence !== undefined) return malls;
    await malls.#upkeep.exclusively(async () => {
      for (const mall of directories.current().values()) await malls.#openMall(mall);
    });
    return malls;
  }

  /** Starts the clock: frames, settlements, expiry. */
  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const resting = this.#upkeep.close();
    for (const mall of this.#open.values()) await mall.close();
    await resting;
  }

  /**
   * Opens a mall that has become ours, and reads back what a restart needs; its line is still to be fed. Rejects
   * with SecretError, StoreUnavailable or NoLongerOwner; it can be tried again.
   */
  async take(code: string, ownership: Ownership): Promise<OpenMall> {
    const mall = this.#options.directories.current().get(code);
    if (mall === undefined) throw new OperationRefused('UNKNOWN_MALL', `no mall ${JSON.stringify(code)}`);
    const opened = await this.#openMall(mall, ownership);
    const newest = this.#options.directories.current().get(code);
    if (newest !== undefined && newest !== mall) opened.directoryChanged(newest);
    return opened;
  }

  /** Lets go of a mall at once; resolves when nothing of it is under way. */
  async drop(code: string): Promise<void> {
    const mall = this.#open.get(code);
    this.#open.delete(code);
    await mall?.close();
    if (!this.#open.has(code)) this.#options.metrics.forget(code);
  }

  find(code: string): OpenMall | undefined {
    return this.#open.get(code);
  }

  codes(): string[] {
    return [...this.#open.keys()].sort();
  }

  mall(code: string): LiveMall | undefined {
    return this.#open.get(code)?.live;
  }

  /** Why a line could not keep records a moment ago, one sentence each; empty when all could. */
  troubles(): string[] {
    const sinceS = this.#options.clock.nowS() - TROUBLE_S;
    const troubles: string[] = [];
    for (const { code, line } of this.#open.values()) {
      if (line.failedAtS > sinceS) troubles.push(`the newest records of mall ${code} could not be kept`);
    }
    return troubles;
  }

  async receive(code: string, body: Uint8Array, receivedAtS: number): Promise<Receipt> {
    const mall = this.#open.get(code);
    return mall === undefined ? { kind: 'unknown_mall' } : mall.line.receive(body, receivedAtS);
  }

  /** What is due now. Called once a second after `start`. */
  tick(): void {
    const nowS = this.#options.clock.nowS();
    for (const mall of this.#open.values()) mall.tick(nowS);
    this.#upkeep.begin(this.#open.values());
  }

  /** Resolves when the settlements that are under way or due now have ended. */
  settled(): Promise<void> {
    return this.#upkeep.done();
  }

  async importFiles(
    code: string,
    files: AsyncIterable<ImportFile>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportResult> {
    const { clock, stopwatchMs } = this.#options;
    const mall = await this.#known(code);
    const imported: Imported = { lines: 0, kept: 0, dropped: {}, days: new Set() };
    const startedMs = stopwatchMs();
    const goOn = this.#upkeep.leaveAlone(imported.days);
    let days: SettledDay[];
    try {
      const { calendar, decoder, line } = mall;
      const target = { calendar, decoder, append: (batch: Batch) => line.append(batch) };
      await appendFiles(target, files, clock.nowS(), onProgress, imported);
    } finally {
      // After a mistake in a file, too: what was kept before it counts.
      onProgress({ phase: 'settling', records: imported.lines, bytes: 0 });
      days = await this.#upkeep.settleDays(mall, [...imported.days]).finally(goOn);
    }
    const seconds = Math.round(stopwatchMs() - startedMs) / 1000;
    const { lines, kept, dropped } = imported;
    return {
      lines,
      kept,
      dropped,
      days,
      seconds,
      recordsPerSecond: Math.round(lines / Math.max(seconds, 0.001)),
    };
  }

  async settle(code: string, range: { from?: string; to?: string }): Promise<readonly SettledDay[]> {
    const mall = await this.#known(code);
    const from = range.from === undefined ? Number.NEGATIVE_INFINITY : asDay(range.from);
    const to = range.to === undefined ? Number.POSITIVE_INFINITY : asDay(range.to);
    if (from > to) throw new OperationRefused('BAD_DATE', `--from ${range.from} is after --to ${range.to}`);
    const named = range.from !== undefined || range.to !== undefined;
    const nowS = this.#options.clock.nowS();
    const days = mall.ledger
      .days()
      .filter((day) => day >= from && day <= to && (named || mall.ledger.waits(day)))
      .filter((day) => mall.ledger.waits(day) || !mall.rules.isFrozen(day, nowS));
    return this.#upkeep.settleDays(mall, days);
  }

  /** As `settle`, of these days alone: those that an import brought records of. */
  async settleDays(code: string, dates: readonly string[]): Promise<readonly SettledDay[]> {
    const mall = await this.#known(code);
    return this.#upkeep.settleDays(mall, dates.map(asDay));
  }

  async deadLetters(
    code: string,
    filter: { reason?: DropReason; limit: number },
  ): Promise<readonly DeadLetter[]> {
    return this.#options.deadLetters.list((await this.#known(code)).code, filter);
  }

  async #openMall(mall: Mall, ownership?: Ownership): Promise<OpenMall> {
    const { deadLetters, clock, keepRawDays, metrics, secretsFolder, mayCreateSecrets, random } =
      this.#options;
    const fenced = <S extends object>(store: S): S =>
      ownership === undefined ? store : fencedStore(store, mall.code, ownership.mayWrite);
    const store = fenced(this.#options.store);
    const kept = await store.openMall(mall.code, ownership?.epoch);
    const { secret, created } = await openSecret({
      folder: secretsFolder,
      mall: mall.code,
      keptFingerprint: kept.identity?.fingerprint ?? null,
      mayCreate: mayCreateSecrets,
      fingerprint,
      random,
    });
    const { code, timeZone } = mall;
    await store.keepIdentity(code, { fingerprint: fingerprint(secret), timeZone });
    if (created)
      this.#options.log.info(
        { mall: mall.code },
        'made a secret for a mall; keep it safe, it cannot be replaced',
      );
    const opened = await OpenMall.open({
      mall,
      kept,
      secret,
      store,
      deadLetters,
      clock,
      keepRawDays,
      metrics: metrics.of(mall.code),
      ...(ownership && { source: ownership.source }),
      ...(this.#options.presence && { presence: fenced(this.#options.presence) }),
    });
    this.#open.set(mall.code, opened);
    return opened;
  }

  async #directoryChanged(mall: Mall): Promise<void> {
    const { log, metrics } = this.#options;
    try {
      await this.#upkeep.exclusively(async () => {
        const opened = this.#open.get(mall.code);
        if (opened !== undefined) {
          opened.directoryChanged(mall);
          await opened.catchUp();
        } else if (this.#options.presence === undefined) {
          await this.#openMall(mall);
        }
      });
      log.info({ mall: mall.code }, 'took up the directory of a mall');
    } catch (error) {
      metrics.of(mall.code).failed('directory');
      const { message } = error as SecretError;
      log.error({ mall: mall.code, err: error }, `could not take up the directory of a mall: ${message}`);
    }
  }

  /** Takes up what has changed. The second look finds resting what the first has found. */
  async #lookAgain(): Promise<void> {
    const { directories } = this.#options;
    await directories.check();
    await directories.check();
    await this.#upkeep.exclusively(async () => undefined);
  }

  /** The mall that an operator names. It may have been described a moment ago: its directory is looked at first. */
  async #known(code: string): Promise<OpenMall> {
    if (!this.#open.has(code)) await this.#lookAgain();
    const mall = this.#open.get(code);
    if (mall !== undefined) return mall;
    const problem = this.#options.directories.problems().get(code);
    if (problem !== undefined) {
      const [first, ...more] = problem.message.split('\n');
      const rest = more.length > 0 ? '; footfall doctor shows all its mistakes' : '';
      throw new OperationRefused('UNKNOWN_MALL', `mall ${code} cannot be served: ${first}${rest}`);
    }
    const known = this.codes();
    const none = 'there is none yet; footfall doctor says how to make one';
    const choice = known.length > 0 ? `this store serves ${known.join(', ')}` : none;
    throw new OperationRefused('UNKNOWN_MALL', `no mall ${JSON.stringify(code)}: ${choice}`);
  }
}

function asDay(text: string): EpochDay {
  const day = parseDay(text);
  if (day === undefined) {
    throw new OperationRefused('BAD_DATE', `${JSON.stringify(text)} is not a date; write ${WRITTEN_DAY}`);
  }
  return day;
}
