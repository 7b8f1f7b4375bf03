import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Served } from '../../src/commands/serve.ts';
import { type Probe, wire } from './probe.ts';
import { ask, createHome, type Home, post, startSystem } from './system.ts';

export const DAY_S = 86_400;
/** 2024-06-01, where the malls are: in UTC. */
const FIRST_DAY = Date.parse('2024-06-01T00:00:00Z') / 1000 / DAY_S;

export const KNOWN_SHOPS = ['S1', 'S2', 'S3'] as const;
export const ACCESS_POINTS: readonly string[] = [
  '3c:8c:f8:00:00:01',
  '3c:8c:f8:00:00:02',
  '3c:8c:f8:00:00:03',
];
/** Two like malls that share a secret: a device has the same pseudonym in both, so their answers can be compared. */
export const MALLS = ['left', 'right'] as const;
export const DEVICES = 7;

/** What one run of a law has for itself: devices that no run before it had, on days of its own. */
export interface LawRun {
  /** Of each device; the first is in the malls' own lists of customers. */
  readonly macs: readonly string[];
  /** Where the first of its two days begins. */
  readonly fromS: number;
  readonly dates: readonly [string, string];
}

const RUNS_MAX = 255;
const macOf = (run: number, device: number) => {
  const octets = [run, device].map((octet) => octet.toString(16).padStart(2, '0'));
  return `a4:c3:61:00:${octets.join(':')}`;
};

/** A system of which every run of a law sees as much as if it were the first. */
export class LawMalls {
  readonly #home: Home;
  readonly #served: Served;
  readonly #clock: { atS: number };
  #runs = 0;

  private constructor(home: Home, served: Served, clock: { atS: number }) {
    this.#home = home;
    this.#served = served;
    this.#clock = clock;
  }

  static async open(): Promise<LawMalls> {
    const home = createHome([]);
    for (const mall of MALLS) writeMall(home, mall);
    const clock = { atS: FIRST_DAY * DAY_S };
    const served = await startSystem(home, { clock: { nowS: () => clock.atS } });
    return new LawMalls(home, served, clock);
  }

  async close(): Promise<void> {
    await this.#served.close();
    this.#home.remove();
  }

  /** Begins a run: the clock stands where its days begin, four days after those of the run before. */
  nextRun(): LawRun {
    const run = this.#runs++;
    if (run > RUNS_MAX) throw new Error(`there are devices for ${RUNS_MAX} runs`);
    const fromS = (FIRST_DAY + run * 4) * DAY_S;
    this.#clock.atS = fromS;
    return {
      macs: Array.from({ length: DEVICES }, (_, device) => macOf(run, device)),
      fromS,
      dates: [dateOf(fromS), dateOf(fromS + DAY_S)],
    };
  }

  /** Posts records as one body that is received at an instant, or now. */
  async post(mall: string, records: readonly Probe[], receivedAtS = this.#clock.atS): Promise<void> {
    this.#clock.atS = receivedAtS;
    if (records.length === 0) return;
    const { status, answer } = await post(this.#served.url, mall, records.map(wire).join('\n'));
    if (status !== 200 || answer.kept !== records.length) throw new Error(JSON.stringify(answer));
  }

  /** Moves the clock, and lets it move the watermark. */
  passUntil(atS: number): void {
    this.#clock.atS = atS;
    this.#served.embedded.malls.tick();
  }

  /** Settles every day of a mall that is over. */
  async settle(mall: string): Promise<void> {
    await this.#served.embedded.malls.settle(mall, {});
  }

  ask<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    return ask<T>(this.#served.url, query, variables);
  }
}

const dateOf = (atS: number) => new Date(atS * 1000).toISOString().slice(0, 10);

function writeMall({ env }: Home, mall: string): void {
  const folder = join(env.FOOTFALL_MALLS!, mall);
  mkdirSync(folder);
  const write = (file: string, ...lines: readonly string[]) =>
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  write('mall.json', JSON.stringify({ name: mall, timeZone: 'UTC' }));
  write(
    'area_shop.csv',
    'id,shop_code,shop_name',
    ...KNOWN_SHOPS.map((code, i) => `${i},${code},Shop ${code}`),
  );
  write(
    'place_info.csv',
    'user_device_mac,used_x,used_y,min_rssi',
    ...ACCESS_POINTS.slice(0, 2).map((mac, i) => `${mac},${i * 900},100,-75`),
  );
  write(
    'shop_user_record.csv',
    'user_device_mac,first_come_flag,first_coming_time,last_coming_time',
    ...Array.from({ length: RUNS_MAX + 1 }, (_, run) => `${macOf(run, 0)},0,1705489200,1706489200`),
  );
  writeFileSync(join(env.FOOTFALL_DATA!, 'secrets', mall), '5a'.repeat(32), { mode: 0o600 });
}
