import { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import { NameGate } from '../decode/name-gate.ts';
import { Pseudonyms } from '../decode/pseudonyms.ts';
import { RecordDecoder } from '../decode/record-decoder.ts';
import { CustomerRecord } from '../fold/customer-record.ts';
import { LastPositions } from '../fold/last-positions.ts';
import { MallFold } from '../fold/mall-fold.ts';
import { FrameFeed } from '../live/frame-feed.ts';
import type { DeadLetters, KeptMall, Store } from '../store/store.ts';
import type { Clock, EpochDay, Mall } from '../terms.ts';
import { DayLedger } from './day-ledger.ts';
import { FoldedMall } from './folded-mall.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { Line } from './line.ts';
import { OPEN_DAYS_MAX, OpenDays } from './open-days.ts';
import { isFrozen, settlementDueS } from './settlement-schedule.ts';
import { Settler } from './settler.ts';

export interface OpenMallOptions {
  readonly mall: Mall;
  readonly kept: KeptMall;
  readonly secret: Uint8Array;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly keepRawDays: number | null;
  readonly metrics: IngestMetrics;
}

/** One mall being folded: its line, its days, its customers. Everything of a mall that is not in the store. */
export class OpenMall {
  readonly code: string;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly decoder: RecordDecoder;
  readonly ledger: DayLedger;
  readonly live: FoldedMall;
  readonly line: Line;
  readonly #options: OpenMallOptions;
  readonly #pseudonyms: Pseudonyms;
  readonly #names: NameGate;
  readonly #openDays: OpenDays;
  readonly #settler: Settler;
  #mall: Mall;
  /** The mall as records are judged by: nothing is taken for days whose raw records are gone. */
  #rules: Mall;

  /** Reads back what a restart needs: the customer record, and the raw records of the days that are open. */
  static async open(options: OpenMallOptions): Promise<OpenMall> {
    const { mall, kept, store, clock } = options;
    const calendar = new Calendar(mall.timeZone);
    const customers = new CustomerRecord(calendar);
    for await (const chunk of store.allCustomers(mall.code)) customers.load(chunk);
    const { arrivals, settlements } = kept;
    const ledger = new DayLedger({ mall: mall.code, store, calendar, arrivals, settlements });
    let opened: OpenMall | undefined;
    const settler = await Settler.open({
      mall: mall.code,
      store,
      calendar,
      codebook: kept.codebook,
      customers,
      ledger,
      clock,
      visitGapS: () => opened!.mall.settings.visitGapSeconds,
      lastCommit: () => opened!.line.lastCommit,
    });
    opened = new OpenMall(options, { calendar, customers, ledger, settler });
    await opened.#restore();
    return opened;
  }

  private constructor(
    options: OpenMallOptions,
    parts: { calendar: Calendar; customers: CustomerRecord; ledger: DayLedger; settler: Settler },
  ) {
    const { store, deadLetters, clock, keepRawDays, metrics } = options;
    const { codebook } = options.kept;
    const { calendar, customers, ledger, settler } = parts;
    const mall = options.mall.code;
    this.#options = options;
    this.#mall = options.mall;
    this.#rules = withoutForgotten(options.mall, options.kept);
    this.#settler = settler;
    this.#pseudonyms = new Pseudonyms(options.secret);
    this.#names = new NameGate({
      codebook,
      isKnownShop: (code) => this.#mall.shops.has(code),
      isKnownAccessPoint: (mac) => this.#mall.accessPoints.has(mac),
    });
    this.code = mall;
    this.calendar = calendar;
    this.codebook = codebook;
    this.ledger = ledger;
    this.decoder = new RecordDecoder({
      mall: () => this.#rules,
      calendar,
      codebook,
      pseudonyms: this.#pseudonyms,
      names: this.#names,
      keepRawDays,
    });
    const positions = new LastPositions(codebook);
    const fold = new MallFold({
      calendar,
      codebook,
      customers,
      positions,
      latenessS: () => this.#mall.settings.latenessSeconds,
      visitGapS: () => this.#mall.settings.visitGapSeconds,
      openDaysMax: OPEN_DAYS_MAX,
    });
    const frozen = (day: EpochDay) => this.isFrozen(day, clock.nowS());
    this.#openDays = new OpenDays({
      mall,
      store,
      calendar,
      fold,
      positions,
      ledger,
      clock,
      isFrozen: frozen,
    });
    const frames = new FrameFeed();
    this.live = new FoldedMall({ fold, positions, customers, openDays: this.#openDays, frames });
    const names = this.#names;
    const openDays = this.#openDays;
    const { decoder } = this;
    this.line = new Line(
      { mall, store, deadLetters, calendar, codebook, decoder, names, ledger, openDays, metrics },
      options.kept,
    );
  }

  /** As its directory describes it now. */
  get mall(): Mall {
    return this.#mall;
  }

  get forgottenBefore(): KeptMall['expired'] {
    return this.#options.kept.expired;
  }

  pseudonym(mac: number): number {
    return this.#pseudonyms.of(mac);
  }

  tick(nowS: number): void {
    this.live.tick(nowS);
    const { shops, accessPoints } = this.#names.overflowed;
    this.#options.metrics.overflowed('shop', shops);
    this.#options.metrics.overflowed('access_point', accessPoints);
  }

  /** Takes up a changed directory. No settlement of this mall may run meanwhile. */
  async directoryChanged(mall: Mall): Promise<void> {
    const before = this.#mall;
    this.#mall = mall;
    this.#rules = withoutForgotten(mall, this.#options.kept);
    this.#names.directoryChanged();
    await this.#settler.importCustomers(mall.importedCustomers, (mac) => this.pseudonym(mac));
    if (mall.settings.visitGapSeconds !== before.settings.visitGapSeconds) {
      await this.line.between(() => this.#openDays.refoldAll());
    }
  }

  /** Days that are due to settle, ascending. */
  dueDays(nowS: number): EpochDay[] {
    return this.ledger.days().filter((day) => {
      const state = this.ledger.state(day);
      if (!this.ledger.waits(day) && this.isFrozen(day, nowS)) return false;
      const dueS = settlementDueS(state, this.calendar.range(day), this.#mall.settings);
      return dueS !== null && dueS <= nowS;
    });
  }

  /** Whether records of a day are refused now, because raw records that old are no longer kept. */
  isFrozen(day: EpochDay, nowS: number): boolean {
    const { kept, keepRawDays } = this.#options;
    return day < (kept.expired.raw ?? day) || isFrozen(this.calendar.dayOf(nowS) - day, keepRawDays);
  }

  isOver(day: EpochDay, nowS: number): boolean {
    return this.calendar.range(day).untilS <= nowS;
  }

  /** Settles a day that is over. One call at a time. */
  async settle(day: EpochDay): Promise<void> {
    const { metrics, clock } = this.#options;
    const stopTimer = metrics.timeSettle();
    try {
      await this.#settler.settle(day);
      this.#openDays.close(day);
      this.#names.forget(this.calendar.dayOf(clock.nowS()) - 1);
    } catch (error) {
      metrics.failed('settle');
      throw error;
    } finally {
      stopTimer();
    }
  }

  /** Folds a day that is not over again from its raw records; it goes on live. */
  refold(day: EpochDay): Promise<void> {
    return this.line.between(() => this.#openDays.open(day));
  }

  async #restore(): Promise<void> {
    const { store, clock } = this.#options;
    await this.#settler.importCustomers(this.#mall.importedCustomers, (mac) => this.pseudonym(mac));
    await this.#openDays.restore();
    const nowS = clock.nowS();
    this.live.tick(nowS);
    const today = this.calendar.dayOf(nowS);
    for (const day of [today, today - 1]) {
      const kept = await store.namesOfDay(this.code, day);
      this.#names.seed(day, kept.shops, kept.accessPoints);
    }
  }
}

/** Were records taken for a day whose raw records are forgotten, its next settlement would lose the rest of it. */
function withoutForgotten(mall: Mall, kept: KeptMall): Mall {
  const since = Math.max(mall.settings.since, kept.expired.raw ?? mall.settings.since);
  return { ...mall, settings: { ...mall.settings, since } };
}
