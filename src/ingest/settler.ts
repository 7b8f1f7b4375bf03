import type { Calendar } from '../calendar.ts';
import type { Codebook } from '../codebook.ts';
import type { CustomerRecord } from '../fold/customer-record.ts';
import { DayFold } from '../fold/day-fold.ts';
import type { DayCorrection, Store } from '../store/store.ts';
import type { Clock, DaySettlement, DeviceDays, EpochDay, ImportedCustomer, ShopDays } from '../terms.ts';
import type { DayLedger } from './day-ledger.ts';

/** Devices folded in memory before their rows are set aside as a chunk. */
const CHUNK_DEVICES = 65_536;

/**
 * Settles days of one mall: a day is folded again from its raw records, in one pass ordered by device, and its
 * answers are replaced. There is no second way to a settled answer.
 */
export class Settler {
  readonly #parts: SettlerParts;
  /** New customers as the store has them, by settled day. */
  readonly #newKept: Map<EpochDay, number>;

  private constructor(parts: SettlerParts, newKept: Map<EpochDay, number>) {
    this.#parts = parts;
    this.#newKept = newKept;
  }

  static async open(parts: SettlerParts): Promise<Settler> {
    const newKept = new Map<EpochDay, number>();
    const days = [...parts.ledger.settlements()].map(({ day }) => day);
    if (days.length > 0) {
      let from = days[0]!;
      let to = from;
      for (const day of days) {
        from = Math.min(from, day);
        to = Math.max(to, day);
      }
      for (const row of await parts.store.dayTotals(parts.mall, { from, to })) {
        newKept.set(row.day, row.newCustomers);
      }
    }
    return new Settler(parts, newKept);
  }

  /**
   * Settles one day with every record that was committed before the call. Records committed later make the day
   * wait again. One call at a time per mall. Rejects with StoreUnavailable; the day then stays as it was.
   */
  async settle(day: EpochDay): Promise<DaySettlement> {
    const { mall, store, codebook, customers, ledger, clock } = this.#parts;
    const before = ledger.state(day);
    const visitGapS = this.#parts.visitGapS();
    const upToCommit = this.#parts.lastCommit();
    const { fold, deviceDays, shopDays } = await this.#foldDay(day, visitGapS);
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
    const { mall, store, calendar, codebook, customers } = this.#parts;
    const newCustomers = () => customers.newOn(day);
    const fold = new DayFold({ day, calendar, codebook, visitGapS, newCustomers });
    const folded: FoldedDay = { fold, deviceDays: [], shopDays: [] };
    let device = -1;
    let firstS = 0;
    let lastS = 0;
    for await (const chunk of store.rawOfDay(mall, day)) {
      for (let i = 0; i < chunk.length; i++) {
        if (chunk.device[i] !== device) {
          if (device >= 0) customers.seeRange(device, firstS, lastS);
          if (fold.devices >= CHUNK_DEVICES) setAside(folded);
          device = chunk.device[i]!;
          firstS = chunk.occurredAtS[i]!;
        }
        lastS = chunk.occurredAtS[i]!;
        fold.hear(chunk, i);
        fold.place(chunk, i);
      }
    }
    if (device >= 0) customers.seeRange(device, firstS, lastS);
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
  readonly ledger: DayLedger;
  readonly clock: Clock;
  /** The gap in force. */
  readonly visitGapS: () => number;
  /** Number of the newest commit that is kept. */
  readonly lastCommit: () => number;
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
