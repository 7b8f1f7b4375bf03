import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { headers } from '@nats-io/transport-node';
import { Calendar } from '../../src/calendar.ts';
import { readNatsSettings } from '../../src/config/nats-settings.ts';
import { openNats } from '../../src/ingest/nats/nats-connection.ts';
import { NatsPublisher } from '../../src/ingest/nats/nats-publisher.ts';
import { type NatsServer, startNats } from '../nats-server.ts';
import { HAS_INFLUX, type InfluxServer, startInflux } from '../store/influx-server.ts';
import { ask } from '../system/system.ts';
import { until } from '../system/until.ts';
import { BENCH_MALL, type BenchHome, BIG_PLAN, createHome } from './bench-mall.ts';
import { compact } from './compact.ts';
import type { Figure } from './figure.ts';
import { LiveRecords } from './live-records.ts';
import type { Part, Setting } from './part.ts';
import { ProductProcess } from './product-process.ts';
import { measureReads, settleHistory } from './production-reads.ts';
import { quantile } from './samples.ts';
import { WatchedCount } from './watched-count.ts';

const DEVICES = 50_000;
const MESSAGE_RECORDS = 100;
/** What may wait in the stream while the most is measured, messages: enough that nobody waits for the publisher. */
const AHEAD_MESSAGES = 4_000;
const DAY_RECORDS = 18_000_000;
const OUTAGE_RECORDS = 10 * 60 * 1_300;
const DAY_SO_FAR_S = 8 * 3_600;
const DELAY_PACE = 5_000;
const NEWCOMER_EVERY_MS = 137;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** NATS to InfluxDB to a subscription, with everything on this one machine. Needs influxd; without it there are no figures. */
export const benchProduction: Part = async (setting) => {
  if (!HAS_INFLUX) {
    setting.tell('NOT RUN: the production shape, because influxd is not on the PATH');
    return [];
  }
  const bench = await ProductionBench.open(setting);
  try {
    const figures: Figure[] = [];
    for (const measure of [
      () => bench.wholeDay(),
      () => bench.reads(),
      () => bench.delay(),
      () => bench.takeOver(),
      () => bench.outage(),
      () => bench.mostSustained(),
    ]) {
      const measured = await measure();
      for (const { name, value, unit } of measured) setting.tell(`  ${name}: ${compact(value)} ${unit}`);
      figures.push(...measured);
    }
    return figures;
  } finally {
    await bench.close();
  }
};

class ProductionBench {
  readonly #setting: Setting;
  readonly #home: BenchHome;
  readonly #influx: InfluxServer;
  readonly #natsServer: NatsServer;
  readonly #publisher: NatsPublisher;
  readonly #closeNats: () => Promise<void>;
  readonly #records: LiveRecords;
  readonly #calendar = new Calendar(BIG_PLAN.timeZone);
  #ingesters: ProductProcess[] = [];
  #ingestUrl = '';
  readonly #urls: string[] = [];
  #published = 0;
  /** Records that ingesters kept which are gone. */
  #keptBefore = 0;

  private constructor(parts: {
    setting: Setting;
    home: BenchHome;
    influx: InfluxServer;
    natsServer: NatsServer;
    publisher: NatsPublisher;
    closeNats: () => Promise<void>;
  }) {
    this.#setting = parts.setting;
    this.#home = parts.home;
    this.#influx = parts.influx;
    this.#natsServer = parts.natsServer;
    this.#publisher = parts.publisher;
    this.#closeNats = parts.closeNats;
    this.#records = new LiveRecords(parts.setting.quick ? 500 : DEVICES, BIG_PLAN);
  }

  static async open(setting: Setting): Promise<ProductionBench> {
    const made = await createHome(join(setting.folder, 'production'), BIG_PLAN);
    const [influx, natsServer] = await Promise.all([startInflux(), startNats()]);
    const secrets = join(made.folder, 'secrets');
    mkdirSync(secrets);
    writeFileSync(join(secrets, BENCH_MALL), randomBytes(32).toString('hex'), { mode: 0o600 });
    const env = {
      ...made.env,
      FOOTFALL_SECRETS: secrets,
      NATS_URL: natsServer.url,
      INFLUX_URL: influx.url,
      INFLUX_TOKEN: influx.token,
      INFLUX_ORG: influx.org,
    };
    const nats = await openNats(readNatsSettings(env, []), { name: 'bench', log: silent });
    const publisher = new NatsPublisher({ nats, stopwatchMs: () => performance.now(), newId: randomUUID });
    const bench = new ProductionBench({
      ...{ setting, influx, natsServer, publisher },
      home: { ...made, env },
      closeNats: () => nats.close(),
    });
    // Which makes the streams and the buckets.
    await bench.#startIngester();
    await settleHistory({ ...setting, server: influx });
    return bench;
  }

  async close(): Promise<void> {
    for (const ingester of this.#ingesters) await ingester.stop();
    this.#publisher.close();
    await this.#closeNats();
    await Promise.all([this.#natsServer.dispose(), this.#influx.dispose()]);
  }

  /** As many records as it keeps, with as many waiting as it wants. */
  async mostSustained(): Promise<Figure[]> {
    const { quick, tell } = this.#setting;
    const forMs = quick ? 2_000 : 300_000;
    tell(`as many records as it keeps, for ${forMs / 1_000} s`);
    const [ingester] = this.#ingesters;
    let ends = false;
    const publishing = this.#publishWhile(() => !ends);
    await until('the first records', async () => (await this.#kept()) > 0, 60_000);
    await pause(quick ? 100 : 10_000);
    const keptBefore = await this.#kept();
    const cpuBefore = ingester!.cpuSeconds;
    const ownBefore = process.cpuUsage();
    const startedMs = performance.now();
    await pause(forMs);
    const seconds = (performance.now() - startedMs) / 1_000;
    const kept = (await this.#kept()) - keptBefore;
    const own = process.cpuUsage(ownBefore);
    const ingestCpu = (ingester!.cpuSeconds - cpuBefore) / seconds;
    ends = true;
    await publishing;
    await this.#caughtUp();
    const publisherCpu = (own.user + own.system) / 1e6 / seconds;
    return [
      {
        name: 'NATS to InfluxDB, sustained',
        value: kept / seconds,
        unit: 'records/s',
        target: { atLeast: 80_000 },
        detail: `${DEVICES} devices, 250 shops, ${MESSAGE_RECORDS} records a message; processors: ingester ${ingestCpu.toFixed(2)}, publisher apart ${publisherCpu.toFixed(2)}`,
      },
      {
        name: '… ingester, most memory resident',
        value: ingester!.peakBytes / 1e9,
        unit: 'GB',
        target: { atMost: 2 },
      },
    ];
  }

  /** A day of a big mall waits in the stream: all other figures are those of such a day. */
  async wholeDay(): Promise<Figure[]> {
    const { quick, tell } = this.#setting;
    const records = quick ? 5_000 : DAY_RECORDS;
    tell(`catch-up of ${records} records`);
    const nowS = Math.floor(Date.now() / 1_000);
    const fromS = Math.max(this.#calendar.range(this.#calendar.dayOf(nowS)).fromS, nowS - DAY_SO_FAR_S);
    const secondOf = () => Math.floor(fromS + ((nowS - fromS) * this.#published) / records);
    const seconds = await this.#catchUp(records, secondOf);
    return [
      {
        name: 'catch-up of a whole day',
        value: records / seconds,
        unit: 'records/s',
        detail: `${records} records in ${seconds.toFixed(0)} s, none of them kept before`,
      },
      {
        name: '… ingester, most memory resident',
        value: this.#ingesters[0]!.peakBytes / 1e9,
        unit: 'GB',
        target: { atMost: 2 },
      },
    ];
  }

  reads(): Promise<Figure[]> {
    const { quick, tell } = this.#setting;
    const day = this.#calendar.dayOf(Math.floor(Date.now() / 1_000));
    return measureReads({ server: this.#influx, quick, tell }, { mall: BENCH_MALL, day });
  }

  /** Ten minutes of a big mall while no ingester runs. */
  async outage(): Promise<Figure[]> {
    const { quick, tell } = this.#setting;
    const records = quick ? 5_000 : OUTAGE_RECORDS;
    tell(`an outage of ${records} records`);
    const seconds = await this.#catchUp(records);
    return [
      {
        name: 'catch-up after an outage of 10 minutes',
        value: seconds * 1_000,
        unit: 'ms',
        detail: `${records} records, the start of the process and the day so far read back included`,
      },
    ];
  }

  /** Seconds from the start of an ingester until everything is kept that was published while there was none. */
  async #catchUp(records: number, secondOf?: () => number): Promise<number> {
    for (const ingester of this.#ingesters.splice(0)) await ingester.stop();
    this.#urls.length = 0;
    this.#keptBefore = this.#published;
    const upTo = this.#published + records;
    await this.#publishWhile(() => this.#published < upTo, undefined, secondOf);
    const startedMs = performance.now();
    await this.#startIngester();
    await this.#caughtUp();
    return (performance.now() - startedMs) / 1_000;
  }

  /** From the publishing of a device that never came before to the frame of a subscription that counts it. */
  async delay(): Promise<Figure[]> {
    const { quick, tell } = this.#setting;
    tell('publish to frame');
    const api = await this.#startApi();
    const count = new WatchedCount(api.url, 'mallFootfall');
    try {
      await until('a frame', () => count.now !== undefined && count.now > 0, 60_000);
      await pause(3_000);
      const before = count.now!;
      let ends = false;
      const publishing = this.#publishWhile(() => !ends, DELAY_PACE);
      const postedMs: number[] = [];
      const newcomers = quick ? 3 : 200;
      for (let nth = 0; nth < newcomers; nth++) {
        postedMs.push(performance.now());
        await this.#publish(this.#records.newcomer(Math.floor(Date.now() / 1_000)), 1);
        await pause(NEWCOMER_EVERY_MS);
      }
      await until('the last newcomer', () => count.now! >= before + newcomers, 60_000);
      ends = true;
      await publishing;
      const delays = postedMs.map((ms, nth) => count.reachedMs(before + nth + 1) - ms);
      const detail = `${newcomers} newcomers among ${DELAY_PACE} records/s, longest ${Math.max(...delays).toFixed(0)} ms`;
      return [
        { name: 'publish to subscription frame, p50', value: quantile(delays, 0.5), unit: 'ms', detail },
        { name: '… p99', value: quantile(delays, 0.99), unit: 'ms', target: { atMost: 1_300 } },
      ];
    } finally {
      await count.close();
      await api.process.stop();
    }
  }

  /** An ingester is killed; from then until the API hears another owner. */
  async takeOver(): Promise<Figure[]> {
    this.#setting.tell('take-over');
    const api = await this.#startApi();
    try {
      if (this.#ingesters.length < 2) await this.#startIngester();
      const isLive = async () => {
        const question = `{ presentNow(mall: "${BENCH_MALL}") { stale } }`;
        // Between two questions: the machine is to open the mall, not to answer.
        await pause(200);
        const { presentNow } = await ask<{ presentNow: { stale: boolean } }>(api.url, question);
        return !presentNow.stale;
      };
      const owner = await until('the mall to rest with one of two', () => this.#restingOwner(), 300_000);
      const startedMs = performance.now();
      owner.kill();
      this.#forget(owner);
      await until('the API to notice', async () => !(await isLive()), 30_000);
      await until('another owner', isLive, 300_000);
      const ms = performance.now() - startedMs;
      return [
        {
          name: 'kill of an ingester to live again',
          value: ms,
          unit: 'ms',
          target: { atMost: 60_000 },
          detail: 'one mall, two ingesters',
        },
      ];
    } finally {
      await api.process.stop();
    }
  }

  /** The one that owns the mall, and still does after the time in which malls move. */
  async #restingOwner(): Promise<ProductProcess | undefined> {
    const owner = await this.#owner();
    await pause(6_000);
    return owner === (await this.#owner()) ? owner : undefined;
  }

  #forget(ingester: ProductProcess): void {
    const at = this.#ingesters.indexOf(ingester);
    this.#ingesters.splice(at, 1);
    this.#urls.splice(at, 1);
    this.#ingestUrl = this.#urls[0]!;
    this.#keptBefore = this.#published;
  }

  async #owner(): Promise<ProductProcess | undefined> {
    for (const [i, ingester] of this.#ingesters.entries()) {
      const text = await (await fetch(`${this.#urls[i]}/metrics`)).text();
      if (/^footfall_malls_owned 1$/m.test(text)) return ingester;
    }
    return undefined;
  }

  async #startIngester(): Promise<void> {
    const ingester = new ProductProcess(['ingest', '--port', '0'], this.#home, this.#setting);
    const [, url] = await ingester.printed(/(http:\S+)\/v1\/probes/);
    this.#ingestUrl = url!;
    this.#ingesters.push(ingester);
    this.#urls.push(url!);
  }

  async #startApi(): Promise<{ url: string; process: ProductProcess }> {
    const api = new ProductProcess(['api', '--port', '0'], this.#home, this.#setting);
    const [, url] = await api.printed(/(http:\S+)\/graphql/);
    return { url: url!, process: api };
  }

  /** Publishes messages, as quick as they are read, or at a pace of so many records a second. */
  async #publishWhile(
    goesOn: () => boolean,
    pace?: number,
    secondOf = () => Math.floor(Date.now() / 1_000),
  ): Promise<void> {
    const startedMs = performance.now();
    let under = 0;
    let failure: unknown;
    for (let sent = 0; goesOn(); sent++) {
      if (failure !== undefined) throw failure;
      if (pace !== undefined) {
        const dueMs = startedMs + (sent * MESSAGE_RECORDS * 1_000) / pace;
        if (dueMs > performance.now()) await pause(dueMs - performance.now());
      } else if (sent % 500 === 499) {
        // What waits is read from the ingester's own metrics: a publisher far ahead would measure the disk.
        while (
          goesOn() &&
          this.#ingesters.length > 0 &&
          this.#published - (await this.#kept()) > AHEAD_MESSAGES * MESSAGE_RECORDS
        ) {
          await pause(50);
        }
      }
      while (under >= 1_000) await pause(1);
      under++;
      const body = this.#records.body(MESSAGE_RECORDS, secondOf());
      this.#publish(body, MESSAGE_RECORDS).then(
        () => under--,
        (error: unknown) => {
          failure = error;
        },
      );
      if (sent % 20 === 0) await pause(0);
    }
    while (under > 0 && failure === undefined) await pause(1);
    if (failure !== undefined) throw failure;
  }

  async #publish(body: Buffer, records: number): Promise<void> {
    this.#published += records;
    await this.#publisher.publish(`probes.${BENCH_MALL}`, body, headers());
  }

  /** Records that this and earlier ingesters of the bench kept. */
  async #kept(): Promise<number> {
    const text = await (await fetch(`${this.#ingestUrl}/metrics`)).text();
    const kept = /^footfall_records_total\{mall="bench",result="kept"\} (\d+)/m.exec(text);
    return this.#keptBefore + Number(kept?.[1] ?? 0);
  }

  async #caughtUp(): Promise<void> {
    await until(
      'every record to be kept',
      async () => {
        const text = await (await fetch(`${this.#ingestUrl}/metrics`)).text();
        const lag = /^footfall_lag_records\{mall="bench"\} (\d+)/m.exec(text);
        const waiting = /^footfall_waiting_records\{mall="bench"\} (\d+)/m.exec(text);
        return lag?.[1] === '0' && waiting?.[1] === '0';
      },
      1_200_000,
    );
    await pause(1_500);
  }
}
