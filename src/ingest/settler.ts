import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { CustomerRecord } from '../fold/customer-record.ts';
import { DayFold } from '../fold/day-fold.ts';
import type { LastPositions } from '../fold/last-positions.ts';
import type { DayCorrection, Store } from '../store/store.ts';
import type { Clock, DaySettlement, DeviceDays, EpochDay, ImportedCustomer, ShopDays } from '../terms.ts';
import { POSITIONS_BACK_S } from '../windows.ts';
import type { DayLedger } from './day-ledger.ts';
import type { MallRules } from './mall-rules.ts';
import type { OpenDays } from './open-days.ts';

/** Devices folded in memory before their rows are set aside as a chunk. */
const CHUNK_DEVICES = 65_536;

/**
 * Settles days of one mall: a day is folded again from its raw records, in one pass ordered by device, and its
 * answers are replaced. There is no second way to a settled answer.
 */
export class Settler {
  readonly #parts: SettlerParts;
  /** New customers as the store has them, by settled day. */
  readonly #newKept = new Map<EpochDay, number>();

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** Reads back what the store has of settled days; before anything else. */
  async restore(): Promise<void> {
    const { ledger, store, mall } = this.#parts;
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const { day } of ledger.settlements()) {
      from = Math.min(from, day);
      to = Math.max(to, day);
    }
    if (from > to) return;
    for (const row of await store.dayTotals(mall, { from, to })) this.#newKept.set(row.day, row.newCustomers);
  }

  /**
   * Settles one day with every record that was committed before the call. Records committed later make the day
   * wait again. One call at a time per mall. Rejects with StoreUnavailable; the day then stays as it was.
   */
  async settle(day: EpochDay): Promise<DaySettlement> {
    const { mall, store, codebook, customers, ledger, clock, rules, openDays } = this.#parts;
    const before = ledger.state(day);
    const visitGapS = rules.mall.settings.visitGapSeconds;
    const upToCommit = ledger.lastCommit;
    const { fold, deviceDays, shopDays } = await this.#foldDay(day, visitGapS);
    const release = openDays.hold(day);
    for (const { length, device, firstS, lastS } of deviceDays) {
      for (let i = 0; i < length; i++) customers.seeRange(device[i]!, firstS[i]!, lastS[i]!);
    }
    for (const { device, isNew } of deviceDays) customers.markNew(day, device, isNew);
    const changes = customers.takeChanges();
    const late = before.settlement !== null && ledger.waits(day);
    const settlement: DaySettlement = {
      day,
      version: (before.settlement?.version ?? 0) + 1,
      settledAtS: clock.nowS(),
      upToCommit,
      lateSettlements: (before.settlement?.lateSettlements ?? 0) + (late ? 1 : 0),
      visitGapS,
    };
    const corrections = this.#corrections(day);
    const totals = fold.totals();
    try {
      await store.replaceDay({
        mall,
        settlement,
        codebook,
        totals,
        shops: fold.shops(),
        hours: fold.hours(),
        shopHours: fold.shopHours(),
        accessPoints: fold.accessPoints(),
        deviceDays,
        shopDays,
        customers: changes,
        corrections,
      });
    } catch (error) {
      customers.giveBack(changes);
      release();
      throw error;
    }
    ledger.settled(settlement);
    this.#newKept.set(day, totals.newCustomers);
    this.#corrected(corrections);
    return settlement;
  }

  /** Merges the mall's own list of customers into the record, and corrects the settled days that it changes. */
  async importCustomers(
    imported: readonly ImportedCustomer[],
    pseudonym: (mac: number) => number,
  ): Promise<void> {
    const { mall, store, customers } = this.#parts;
    for (const { mac, firstSeenS, lastSeenS } of imported) {
      customers.importCustomer(pseudonym(mac), firstSeenS, lastSeenS);
    }
    const changes = customers.takeChanges();
    const corrections = this.#corrections(null);
    if (changes.added.length + changes.changed.length + corrections.length === 0) return;
    try {
      await store.mergeCustomers(mall, changes, corrections);
    } catch (error) {
      customers.giveBack(changes);
      throw error;
    }
    this.#corrected(corrections);
  }

  async #foldDay(day: EpochDay, visitGapS: number): Promise<FoldedDay> {
    const { mall, store, calendar, codebook, customers, positions, clock } = this.#parts;
    const newCustomers = () => customers.newOn(day);
    const fold = new DayFold({ day, calendar, codebook, visitGapS, newCustomers });
    const folded: FoldedDay = { fold, deviceDays: [], shopDays: [] };
    const positionsFromS = clock.nowS() - POSITIONS_BACK_S;
    let device = -1;
    for await (const chunk of store.rawOfDay(mall, day)) {
      for (let i = 0; i < chunk.length; i++) {
        if (chunk.device[i] !== device) {
          if (fold.devices >= CHUNK_DEVICES) setAside(folded);
          device = chunk.device[i]!;
        }
        fold.hear(chunk, i);
        fold.place(chunk, i);
        if (chunk.occurredAtS[i]! > positionsFromS) positions.hear(chunk, i);
      }
    }
    setAside(folded);
    return folded;
  }

  /** Settled days, other than the one being settled, whose new customers are no longer those that are kept. */
  #corrections(settling: EpochDay | null): DayCorrection[] {
    const corrections: DayCorrection[] = [];
    for (const { day, version } of this.#parts.ledger.settlements()) {
      const newCustomers = this.#parts.customers.newOn(day);
      if (day !== settling && newCustomers !== this.#newKept.get(day)) {
        corrections.push({ day, newCustomers, version: version + 1 });
      }
    }
    return corrections;
  }

  #corrected(corrections: readonly DayCorrection[]): void {
    const { ledger } = this.#parts;
    for (const { day, newCustomers, version } of corrections) {
      this.#newKept.set(day, newCustomers);
      const { settlement } = ledger.state(day);
      if (settlement !== null) ledger.settled({ ...settlement, version });
    }
  }
}

export interface SettlerParts {
  readonly mall: string;
  readonly store: Store;
  readonly calendar: Calendar;
  readonly codebook: Codebook;
  readonly customers: CustomerRecord;
  /** An import is not folded live: its newest records are heard here. */
  readonly positions: LastPositions;
  readonly ledger: DayLedger;
  readonly clock: Clock;
  readonly rules: MallRules;
  readonly openDays: OpenDays;
}

interface FoldedDay {
  readonly fold: DayFold;
  readonly deviceDays: DeviceDays[];
  readonly shopDays: ShopDays[];
}

function setAside({ fold, deviceDays, shopDays }: FoldedDay): void {
  const rows = fold.drain();
  deviceDays.push(rows.deviceDays);
  shopDays.push(rows.shopDays);
}
