import { Calendar } from '../../calendar.ts';
import type { EpochDay, TimeRange } from '../../terms.ts';
import type { Arrivals } from './arrivals.ts';
import { wallMinute } from './day-curve.ts';
import { DayPlanner } from './day-planner.ts';
import { type DayVisits, VisitColumns } from './day-visits.ts';
import { createHearing, meanHearers } from './hearing.ts';
import { LineWriter } from './line-writer.ts';
import { Network } from './network.ts';
import { checkOptions, type SimulatorOptions } from './simulator-options.ts';
import { recordsPerBurst } from './visit-path.ts';
import { BURST_S_MAX, OUTSIDE_HEARD_SHARE, PROBES_PER_BURST, VisitsUnderWay } from './visits-under-way.ts';

const CHUNK_BYTES = 256 * 1_024;
const NEVER = -1;

/** Whole lines, whole seconds. */
export interface SimulatedChunk {
  /** NDJSON in wire format; valid until the next step. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Everything of the range that arrives before this instant is out. */
  readonly untilS: number;
}

/**
 * The records of an invented mall, by the second in which they arrive.
 *
 * Which records arrive in a range of seconds follows from the options alone: the same range always gives the
 * same lines, and a time cut into ranges gives what it gives uncut. So a stream that was left off goes on
 * exactly where it was. Successive ranges are cheap; one that lies elsewhere plans its day and the day before.
 *
 * A minute at a time: visits that begin are taken up, bursts are sent, and what arrives is sorted by second.
 * Memory holds the visits of two days (22 bytes each) and the records under way, not those of a day.
 */
export class Simulator {
  readonly #calendar: Calendar;
  readonly #planner: DayPlanner;
  readonly #underWay: VisitsUnderWay;
  readonly #network: Network;
  readonly #writer: LineWriter;
  readonly #warmUpS: number;
  /** The newest minute that was carried, counted from 1970. */
  #minute = NEVER;
  /** The day whose visits are beginning, and the next of them to begin. */
  #day: EpochDay = 0;
  #visits: DayVisits = new VisitColumns();
  #nextRow = 0;

  /** Throws a RangeError when an option cannot be. */
  constructor(options: SimulatorOptions) {
    checkOptions(options);
    const { plan } = options;
    const hearing = createHearing(plan);
    const perBurst = recordsPerBurst(plan, (accessPoints) => meanHearers(hearing, accessPoints), {
      mean: PROBES_PER_BURST,
      faintShare: OUTSIDE_HEARD_SHARE,
    });
    this.#calendar = new Calendar(plan.timeZone);
    this.#planner = new DayPlanner(options, this.#calendar, perBurst);
    this.#underWay = new VisitsUnderWay(options, hearing);
    this.#network = new Network(options);
    this.#writer = new LineWriter(plan, this.#calendar, CHUNK_BYTES * 2);
    this.#warmUpS = options.latenessSMax + BURST_S_MAX;
  }

  /**
   * The lines that arrive in the range, in the order of arrival, in chunks of about 256 KiB. One walk at a time:
   * another one begun meanwhile invalidates the bytes, though not the walk.
   */
  *chunks({ fromS, untilS }: TimeRange): Generator<SimulatedChunk, void, void> {
    const writer = this.#writer;
    writer.clear();
    let records = 0;
    for (let atS = fromS; atS < untilS; atS++) {
      const arrivals = this.#arrivalsOf(Math.floor(atS / 60));
      const from = arrivals.startOf[atS % 60]!;
      const until = arrivals.startOf[(atS % 60) + 1]!;
      writer.reserve(until - from);
      for (let index = from; index < until; index++) writer.write(arrivals, arrivals.order[index]!);
      records += until - from;
      if (writer.length < CHUNK_BYTES) continue;
      yield { bytes: writer.bytes(), records, untilS: atS + 1 };
      writer.clear();
      records = 0;
    }
    if (records > 0) yield { bytes: writer.bytes(), records, untilS };
  }

  /** How many records arrive in the range. */
  count({ fromS, untilS }: TimeRange): number {
    let records = 0;
    for (let atS = fromS; atS < untilS; ) {
      const minute = Math.floor(atS / 60);
      const endS = Math.min(untilS, (minute + 1) * 60);
      const { startOf } = this.#arrivalsOf(minute);
      records += startOf[endS - minute * 60]! - startOf[atS - minute * 60]!;
      atS = endS;
    }
    return records;
  }

  /** What arrives in a minute, sorted. */
  #arrivalsOf(minute: number): Arrivals {
    const arrivals = this.#network.arrivedIn(minute);
    if (minute === this.#minute) return arrivals;
    const warmUpFrom = Math.floor((minute * 60 - this.#warmUpS) / 60);
    if (this.#minute === NEVER || minute < this.#minute || warmUpFrom > this.#minute)
      this.#takeUp(warmUpFrom);
    while (this.#minute < minute) {
      this.#network.arrivedIn(this.#minute).clear();
      this.#minute++;
      this.#carry(this.#minute);
    }
    arrivals.sort();
    return arrivals;
  }

  /** Forgets where it was, and gets ready to carry the minute after `minute`. */
  #takeUp(minute: number): void {
    const sinceS = (minute + 1) * 60;
    this.#network.clear();
    this.#underWay.clear();
    this.#minute = minute;
    this.#day = this.#calendar.dayOf(sinceS) - 1;
    this.#visits = this.#planner.plan(this.#day);
    this.#nextRow = 0;
    this.#beginVisits(sinceS, sinceS);
  }

  #carry(minute: number): void {
    const untilS = (minute + 1) * 60;
    this.#network.beginMinute(minute);
    this.#beginVisits(untilS, minute * 60);
    this.#underWay.advance(untilS, this.#network);
  }

  /** Takes up the visits that begin before `untilS`, from their first burst at or after `sinceS` on. */
  #beginVisits(untilS: number, sinceS: number): void {
    for (;;) {
      const visits = this.#visits;
      const day = this.#calendar.range(this.#day);
      const minutes = Math.floor((day.untilS - day.fromS) / 60);
      while (this.#nextRow < visits.length && visits.startS[this.#nextRow]! < untilS) {
        const row = this.#nextRow++;
        const minute = Math.floor((visits.startS[row]! - day.fromS) / 60);
        this.#underWay.begin(visits, row, sinceS, wallMinute(minute, minutes));
      }
      if (untilS <= day.untilS) return;
      this.#day++;
      this.#visits = this.#planner.plan(this.#day);
      this.#nextRow = 0;
    }
  }
}
