import { formatDay, parseDay } from '../calendar.ts';
import type { MallDirectories } from '../config/mall-directories.ts';
import { openSecret, type SecretError } from '../config/secrets.ts';
import { fingerprint } from '../decode/pseudonyms.ts';
import type { Live, LiveMall } from '../live/live.ts';
import type { DeadLetter, DropReason } from '../outcome.ts';
import type { DeadLetters, Store } from '../store/store.ts';
import type { Clock, EpochDay, Mall } from '../terms.ts';
import { expireMall } from './expiry.ts';
import { appendFiles, type Imported } from './import-files.ts';
import type { LineMetrics } from './ingest-metrics.ts';
import { Lock } from './lock.ts';
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

const TICK_MS = 1_000;
const EXPIRY_EVERY_S = 3_600;

export interface MallsOptions {
  readonly directories: MallDirectories;
  readonly secretsFolder: string;
  /** Whether a secret may be made for a mall that the store knows none of. */
  readonly mayCreateSecrets: boolean;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  /** Milliseconds from any start, for durations. */
  readonly stopwatchMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly keepRawDays: number | null;
  readonly keepCustomerDays: number | null;
  readonly keepDeadLetterDays: number;
  readonly metrics: LineMetrics;
  readonly log: Log;
}

/** The part of a pino logger that the line writes to. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Every mall that this process folds: opens them, moves their clocks, settles and expires their days. */
export class Malls implements Intake, Operations, Live {
  readonly #options: MallsOptions;
  readonly #open = new Map<string, OpenMall>();
  /** Settlements take turns, whatever the mall: each holds a day's rows in memory. */
  readonly #settling = new Lock();
  /** Days that an import is still adding to. */
  readonly #importing = new Set<Set<EpochDay>>();
  #settleRound: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #expiredAtS = 0;

  private constructor(options: MallsOptions) {
    this.#options = options;
  }

  /** Rejects with SecretError when a mall's secret is not the one its customers are stored under. */
  static async open(options: MallsOptions): Promise<Malls> {
    const malls = new Malls(options);
    for (const mall of options.directories.current().values()) await malls.#openMall(mall);
    options.directories.onChange((_code, mall) => void malls.#directoryChanged(mall));
    return malls;
  }

  /** Starts the clock: frames, settlements, expiry. */
  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const mall of this.#open.values()) await mall.line.close();
    await this.#settleRound;
    await this.#settling.run(async () => undefined);
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

  /** Why a line cannot keep records now, one sentence each; empty when all can. */
  troubles(): string[] {
    const troubles: string[] = [];
    for (const { code, line } of this.#open.values()) {
      if (line.failure !== undefined) troubles.push(`the newest records of mall ${code} could not be kept`);
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
    this.#settleRound ??= this.#settleDue(nowS).finally(() => {
      this.#settleRound = undefined;
    });
  }

  /** Resolves when the settlements that are under way or due now have ended. */
  async settled(): Promise<void> {
    await this.#settleRound;
  }

  async importFiles(
    code: string,
    files: AsyncIterable<ImportFile>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportResult> {
    const { clock, stopwatchMs } = this.#options;
    const mall = this.#known(code);
    const imported: Imported = { lines: 0, kept: 0, dropped: {}, days: new Set() };
    const startedMs = stopwatchMs();
    this.#importing.add(imported.days);
    try {
      await appendFiles(mall, files, clock.nowS(), onProgress, imported);
    } finally {
      this.#importing.delete(imported.days);
    }
    onProgress({ phase: 'settling', records: imported.lines, bytes: 0 });
    const days = await this.#settleDays(mall, [...imported.days]);
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
    const mall = this.#known(code);
    const from = range.from === undefined ? Number.NEGATIVE_INFINITY : asDay(range.from);
    const to = range.to === undefined ? Number.POSITIVE_INFINITY : asDay(range.to);
    if (from > to) throw new OperationRefused('BAD_DATE', `--from ${range.from} is after --to ${range.to}`);
    const named = range.from !== undefined || range.to !== undefined;
    const nowS = this.#options.clock.nowS();
    const days = mall.ledger
      .days()
      .filter((day) => day >= from && day <= to && (named || mall.ledger.waits(day)))
      .filter((day) => mall.ledger.waits(day) || !mall.isFrozen(day, nowS));
    return this.#settleDays(mall, days);
  }

  async deadLetters(
    code: string,
    filter: { reason?: DropReason; limit: number },
  ): Promise<readonly DeadLetter[]> {
    return this.#options.deadLetters.list(this.#known(code).code, filter);
  }

  /** Settles those that are over, and folds those that are not again, ascending. */
  async #settleDays(mall: OpenMall, days: EpochDay[]): Promise<SettledDay[]> {
    const answers: SettledDay[] = [];
    for (const day of days.sort((a, b) => a - b)) {
      const over = mall.isOver(day, this.#options.clock.nowS());
      await this.#settling.run(() => (over ? mall.settle(day) : mall.refold(day)));
      answers.push({ date: formatDay(day), state: over ? 'settled' : 'open' });
    }
    return answers;
  }

  async #settleDue(nowS: number): Promise<void> {
    for (const mall of this.#open.values()) {
      for (const day of mall.dueDays(nowS)) {
        if ([...this.#importing].some((days) => days.has(day))) continue;
        try {
          await this.#settling.run(() => mall.settle(day));
          this.#options.log.info({ mall: mall.code, date: formatDay(day) }, 'settled a day');
        } catch (error) {
          this.#options.log.error(
            { mall: mall.code, date: formatDay(day), err: error },
            'could not settle a day',
          );
        }
      }
    }
    if (nowS - this.#expiredAtS >= EXPIRY_EVERY_S) {
      this.#expiredAtS = nowS;
      await this.#expire(nowS);
    }
  }

  async #expire(nowS: number): Promise<void> {
    const { store, deadLetters, keepDeadLetterDays, log } = this.#options;
    try {
      for (const mall of this.#open.values()) await expireMall(store, mall, this.#options, nowS);
      await deadLetters.expire(nowS - keepDeadLetterDays * 86_400);
    } catch (error) {
      log.error({ err: error }, 'could not forget what is no longer kept');
    }
  }

  async #openMall(mall: Mall): Promise<void> {
    const { store, deadLetters, clock, keepRawDays, metrics, secretsFolder, mayCreateSecrets, random } =
      this.#options;
    const kept = await store.openMall(mall.code);
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
    });
    this.#open.set(mall.code, opened);
  }

  async #directoryChanged(mall: Mall): Promise<void> {
    const { log, metrics } = this.#options;
    const opened = this.#open.get(mall.code);
    try {
      await this.#settling.run(() =>
        opened === undefined ? this.#openMall(mall) : opened.directoryChanged(mall),
      );
      log.info({ mall: mall.code }, 'took up the directory of a mall');
    } catch (error) {
      metrics.of(mall.code).failed('directory');
      const { message } = error as SecretError;
      log.error({ mall: mall.code, err: error }, `could not take up the directory of a mall: ${message}`);
    }
  }

  #known(code: string): OpenMall {
    const mall = this.#open.get(code);
    if (mall !== undefined) return mall;
    const known = this.codes();
    const choice = known.length > 0 ? `this store serves ${known.join(', ')}` : 'there is none yet';
    throw new OperationRefused('UNKNOWN_MALL', `no mall ${JSON.stringify(code)}: ${choice}`);
  }
}

function asDay(text: string): EpochDay {
  const day = parseDay(text);
  if (day === undefined) {
    throw new OperationRefused('BAD_DATE', `${JSON.stringify(text)} is not a date; write it as 2024-06-14`);
  }
  return day;
}
