import { Calendar } from '../../src/calendar.ts';
import { Arrivals } from '../../src/ingest/simulator/arrivals.ts';
import { WHOLE } from '../../src/ingest/simulator/damage.ts';
import { LineWriter } from '../../src/ingest/simulator/line-writer.ts';
import type { MallPlan } from '../../src/ingest/simulator/mall-plan.ts';

const FIRST_BYTES = 1 << 19;

/** Writes NDJSON as the simulator does, of records that are chosen elsewhere. */
export class WireLines {
  /** Lines written since `take`. */
  length = 0;
  readonly #row = new Arrivals();
  readonly #writer: LineWriter;
  #id = 0;

  constructor(plan: MallPlan) {
    this.#writer = new LineWriter(plan, new Calendar(plan.timeZone), FIRST_BYTES);
  }

  /** `accessPoint`: its index in the plan. `signalDbm`: −99 to −1. */
  add(mac: number, occurredAtS: number, accessPoint: number, signalDbm: number): void {
    this.#row.clear();
    this.#row.add(0, occurredAtS, mac, accessPoint, signalDbm, this.#id++, WHOLE);
    this.#writer.reserve(1);
    this.#writer.write(this.#row, 0);
    this.length++;
  }

  /** What was written since the last call; the caller's own. */
  take(): Buffer {
    const bytes = Buffer.from(this.#writer.bytes());
    this.#writer.clear();
    this.length = 0;
    return bytes;
  }
}
