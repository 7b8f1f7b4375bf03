import { Calendar, formatDay } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import { NameGate } from '../decode/name-gate.ts';
import { Pseudonyms } from '../decode/pseudonyms.ts';
import { RecordDecoder } from '../decode/record-decoder.ts';
import { CustomerRecord } from '../fold/customer-record.ts';
import { LastPositions } from '../fold/last-positions.ts';
import { MallFold } from '../fold/mall-fold.ts';
import { FrameFeed } from '../live/frame-feed.ts';
import type { DeadLetters, KeptMall, Presence, Store } from '../store/store.ts';
import type { Clock, EpochDay, Mall } from '../terms.ts';
import { traced } from '../trace.ts';
import { DayLedger } from './day-ledger.ts';
import { FoldedMall } from './folded-mall.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { Line } from './line.ts';
import { MallRules } from './mall-rules.ts';
import { OPEN_DAYS_MAX, OpenDays } from './open-days.ts';
import { PresencePump } from './presence-pump.ts';
import { Settler } from './settler.ts';
import type { Source } from './source.ts';

export interface OpenMallOptions {
  readonly mall: Mall;
  readonly kept: KeptMall;
  readonly secret: Uint8Array;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly keepRawDays: number | null;
  readonly metrics: IngestMetrics;
  /** What its records come from, where a stopped process may have read on further than it kept. */
  readonly source?: Source;
  /** Where the rows of open days are kept for processes that do not fold the mall. */
  readonly presence?: Presence;
}

/** One mall being folded: its line, its days, its customers. Everything of a mall that is not in the store. */
export class OpenMall {
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly rules: MallRules;
  readonly decoder: RecordDecoder;
  readonly ledger: DayLedger;
  readonly live: FoldedMall;
  readonly line: Line;
  readonly #options: OpenMallOptions;
  readonly #pseudonyms: Pseudonyms;
  readonly #names: NameGate;
  readonly #fold: MallFold;
  readonly #openDays: OpenDays;
  readonly #settler: Settler;
  readonly #pump: PresencePump | undefined;
  /** What a changed directory still asks for. */
  readonly #toDo = { importCustomers: true, refold: false };

  /** Reads back what a restart needs: the customer record, and the raw records of the days that are open. */
  static async open(options: OpenMallOptions): Promise<OpenMall> {
    const { mall, store } = options;
    const calendar = new Calendar(mall.timeZone);
    let touch = (_day: EpochDay, _device: number): void => undefined;
    const customers = new CustomerRecord(calendar, (day, device) => touch(day, device));
    for await (const chunk of store.allCustomers(mall.code)) customers.load(chunk);
    const opened = new OpenMall(options, calendar, customers);
    touch = (day, device) => opened.#fold.find(day)?.changes?.touch(device);
    await opened.#restore();
    return opened;
  }

  private constructor(options: OpenMallOptions, calendar: Calendar, customers: CustomerRecord) {
    const { kept, store, deadLetters, clock, keepRawDays, metrics, presence } = options;
    const { codebook } = kept;
    const mall = options.mall.code;
    const rules = new MallRules(options.mall, { calendar, expired: kept.expired, keepRawDays });
    const pseudonyms = new Pseudonyms(options.secret);
    const names = new NameGate({
      codebook,
      isKnownShop: (code) => rules.mall.shops.has(code),
      isKnownAccessPoint: (mac) => rules.mall.accessPoints.has(mac),
    });
    const ledger = new DayLedger({ mall, store, calendar, kept });
    const positions = new LastPositions(codebook);
    const fold = new MallFold({
      calendar,
      codebook,
      customers,
      positions,
      latenessS: () => rules.mall.settings.latenessSeconds,
      visitGapS: () => rules.mall.settings.visitGapSeconds,
      openDaysMax: OPEN_DAYS_MAX,
      tracksChanges: presence !== undefined,
    });
    const shared = {
      mall,
      store,
      calendar,
      codebook,
      ledger,
      positions,
      customers,
      rules,
      clock,
      fold,
      names,
    };
    const openDays = new OpenDays(shared);
    const decoder = new RecordDecoder({
      mall: () => rules.judged,
      calendar,
      codebook,
      pseudonyms,
      names,
      keepRawDays,
    });
    this.#options = options;
    this.calendar = calendar;
    this.codebook = codebook;
    this.rules = rules;
    this.ledger = ledger;
    this.decoder = decoder;
    this.#pseudonyms = pseudonyms;
    this.#names = names;
    this.#fold = fold;
    this.#openDays = openDays;
    this.#settler = new Settler({ ...shared, openDays });
    const onFailure = () => metrics.failed('presence');
    this.#pump = presence && new PresencePump({ mall, presence, fold, customers, codebook, onFailure });
    this.live = new FoldedMall({ ...shared, openDays, frames: new FrameFeed() });
    this.line = new Line({ ...shared, openDays, decoder, deadLetters, metrics }, kept);
  }

  get code(): string {
    return this.#options.mall.code;
  }

  /** Names what this owner writes. */
  get epoch(): number {
    return this.#options.kept.epoch;
  }

  /** As its directory describes it now. */
  get mall(): Mall {
    return this.rules.mall;
  }

  get forgottenBefore(): KeptMall['expired'] {
    return this.rules.expired;
  }

  pseudonym(mac: number): number {
    return this.#pseudonyms.of(mac);
  }

  /** Receipt up to which other processes can read the rows of an open day; undefined while that is not known. */
  rowsAsOfS(day: EpochDay): number | undefined {
    return this.#pump?.keptAsOfS(day);
  }

  /** Takes nothing more, and resolves when all that was taken is kept or refused. */
  async close(): Promise<void> {
    await this.line.close();
    await this.#pump?.rest();
  }

  tick(nowS: number): void {
    this.live.tick(nowS);
    this.#pump?.tick(nowS);
    const { metrics } = this.#options;
    const { shops, accessPoints } = this.#names.overflowed;
    metrics.overflowed('shop', shops);
    metrics.overflowed('access_point', accessPoints);
    const { behind, waiting } = this.line;
    const isBehind = behind !== undefined && behind.records > 0;
    metrics.state({
      lagRecords: behind?.records ?? 0,
      lagS: isBehind ? Math.max(0, nowS - behind.receivedAtS) : 0,
      waiting,
      daysToSettle: this.#daysToSettle(nowS),
    });
  }

  /** Whether a changed directory asks for work that is still to be done. */
  get hasToDo(): boolean {
    return this.#toDo.importCustomers || this.#toDo.refold;
  }

  /** A changed directory: names, cells and limits hold at once, `catchUp` does the rest. */
  directoryChanged(mall: Mall): void {
    this.#toDo.importCustomers = true;
    this.#toDo.refold ||= mall.settings.visitGapSeconds !== this.mall.settings.visitGapSeconds;
    this.rules.change(mall);
    this.#names.directoryChanged();
    this.#fold.touch();
  }

  /** Does what a changed directory asks for, or rejects and can be called again. No settlement of this mall may run. */
  async catchUp(): Promise<void> {
    if (this.#toDo.refold) {
      await this.line.between(() => this.#openDays.refoldAll());
      this.#toDo.refold = false;
    }
    if (this.#toDo.importCustomers) {
      const { importedCustomers } = this.mall;
      await this.#settler.importCustomers(importedCustomers, (mac) => this.pseudonym(mac));
      if (importedCustomers === this.mall.importedCustomers) this.#toDo.importCustomers = false;
    }
  }

  /** Days that are due to settle, ascending. */
  dueDays(nowS: number): EpochDay[] {
    return this.ledger.days().filter((day) => this.rules.isDue(this.ledger.state(day), nowS));
  }

  #daysToSettle(nowS: number): number {
    const { ledger, rules } = this;
    return ledger
      .days()
      .filter((day) => ledger.waits(day) && rules.isOver(day, nowS) && !rules.isForgotten(day)).length;
  }

  /** Settles a day that is over. One call at a time. */
  async settle(day: EpochDay): Promise<void> {
    const { metrics, clock } = this.#options;
    const stopTimer = metrics.timeSettle();
    const goOn = await this.#pump?.leaveAlone(day);
    try {
      await traced('day.settle', { mall: this.code, day: formatDay(day) }, () => this.#settler.settle(day));
      this.#openDays.close(day);
      this.#names.forget(this.calendar.dayOf(clock.nowS()) - 1);
    } catch (error) {
      metrics.failed('settle');
      throw error;
    } finally {
      goOn?.();
      stopTimer();
    }
  }

  /** Folds a day that is not over again from its raw records; it goes on live. */
  refold(day: EpochDay): Promise<void> {
    return this.line.between(() => this.#openDays.open(day));
  }

  async #restore(): Promise<void> {
    const { store, clock, source } = this.#options;
    await this.#settler.restore();
    await this.catchUp();
    const today = this.calendar.dayOf(clock.nowS());
    for (const day of [today, today - 1]) {
      const kept = await store.namesOfDay(this.code, day);
      this.#names.seed(day, kept.shops, kept.accessPoints);
    }
    if (source !== undefined) await this.line.recover(source);
    await this.#openDays.restore();
    this.live.tick(clock.nowS());
  }
}
