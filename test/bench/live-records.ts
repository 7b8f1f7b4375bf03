import { Calendar } from '../../src/calendar.ts';
import { phoneMac } from '../../src/ingest/simulator/addresses.ts';
import { Chance } from '../../src/ingest/simulator/chance.ts';
import type { MallPlan } from '../../src/ingest/simulator/mall-plan.ts';
import { BENCH_MALL, BENCH_PLAN } from './bench-mall.ts';
import type { HttpClient } from './http-client.ts';
import { WireLines } from './wire-lines.ts';

const DAY_SO_FAR_S = 8 * 3_600;
/** Those of five shops. */
const NEIGHBOURING_ACCESS_POINTS = 15;
/** Devices that come to be counted one by one have addresses that the pool has not. */
const FIRST_NEWCOMER = 1 << 24;

/** The records of a day under way: a pool of devices, each heard at any time, in one of the few shops it walks among. */
export class LiveRecords {
  readonly #devices: number;
  readonly #plan: MallPlan;
  readonly #lines: WireLines;
  readonly #chance: Chance;
  #newcomers = 0;

  constructor(devices: number, plan = BENCH_PLAN) {
    this.#devices = devices;
    this.#plan = plan;
    this.#lines = new WireLines(plan);
    this.#chance = new Chance(plan.seed, 1);
  }

  /** So many records of devices of the pool, of one second. */
  body(records: number, atS: number): Buffer {
    for (let i = 0; i < records; i++) this.#add(this.#chance.below(this.#devices), atS);
    return this.#lines.take();
  }

  /** One record of a device that never came before. */
  newcomer(atS: number): Buffer {
    this.#add(FIRST_NEWCOMER + this.#newcomers++, atS);
    return this.#lines.take();
  }

  /** Posts a day so far, and at its end one record of every device of the pool, so that all are present. */
  async postDaySoFar(client: HttpClient, recordsPerDevice: number, bodyRecords = 2_000): Promise<void> {
    const nowS = Math.floor(Date.now() / 1_000);
    const calendar = new Calendar(BENCH_PLAN.timeZone);
    const fromS = Math.max(calendar.range(calendar.dayOf(nowS)).fromS, nowS - DAY_SO_FAR_S);
    const bodies = Math.ceil((this.#devices * recordsPerDevice) / bodyRecords);
    for (let nth = 0; nth < bodies; nth++) {
      const atS = Math.floor(fromS + ((nowS - fromS) * nth) / bodies);
      await client.postRecords(BENCH_MALL, this.body(bodyRecords, atS));
    }
    for (let from = 0; from < this.#devices; from += bodyRecords) {
      const until = Math.min(from + bodyRecords, this.#devices);
      for (let device = from; device < until; device++) this.#add(device, nowS);
      await client.postRecords(BENCH_MALL, this.#lines.take());
    }
  }

  #add(device: number, atS: number): void {
    const { length } = this.#plan.accessPoints;
    const accessPoint = (device * 7 + this.#chance.below(NEIGHBOURING_ACCESS_POINTS)) % length;
    this.#lines.add(phoneMac(this.#plan.seed, device), atS, accessPoint, -40 - this.#chance.below(50));
  }
}
