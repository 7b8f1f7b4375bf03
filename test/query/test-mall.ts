import { parseDay } from '../../src/calendar.ts';
import type { IngestMetrics } from '../../src/ingest/ingest-metrics.ts';
import { OpenMall } from '../../src/ingest/open-mall.ts';
import { formatMac } from '../../src/mac.ts';
import type { Ask } from '../../src/query/answers.ts';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Mall, MallSettings } from '../../src/terms.ts';

/** A record as a test writes it: the last octet of its device, when (UTC), and what else it names. */
export type Heard = readonly [
  device: number,
  at: string,
  shop?: string,
  accessPoint?: number | undefined,
  rssi?: number,
];

export const MALL = 'plaza';

/** Where access points 1 to 4 stand; others are none of the directory. */
const PLACES: readonly (readonly [x: number, y: number, floor: string | null])[] = [
  [100, 100, null],
  [900, 100, null],
  [-1, 100, null],
  [100, 600, '1'],
];

const SETTINGS: MallSettings = {
  since: 14_610,
  futureSkewSeconds: 120,
  latenessSeconds: 60,
  visitGapSeconds: 600,
  settleDelaySeconds: 7_200,
  settleQuietSeconds: 30,
  densityCell: 500,
};

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);

/** A mall with a store and a fold of its own, and a clock that stands until a test sets it. */
export class TestMall {
  /** What questions are asked with. A test may put parts of its own in their place. */
  readonly ask: Ask;
  readonly opened: OpenMall;
  readonly store: Store;
  readonly #now: { atS: number };

  private constructor(store: Store, opened: OpenMall, now: { atS: number }, options: TestMallOptions) {
    this.store = store;
    this.opened = opened;
    this.#now = now;
    this.ask = {
      served: (code) => (code === MALL ? opened : undefined),
      codes: () => [MALL],
      store,
      live: { mall: (code) => (code === MALL ? opened.live : undefined) },
      clock: { nowS: () => now.atS },
      keepRawDays: options.keepRawDays ?? null,
      keepCustomerDays: options.keepCustomerDays ?? null,
    };
  }

  static async open(options: TestMallOptions = {}): Promise<TestMall> {
    const now = { atS: secondsOf(options.now ?? '2024-06-14 12:00:00') };
    const { store, deadLetters } = await openDuckDbStore({ file: ':memory:' });
    const opened = await OpenMall.open({
      mall: directory(options),
      kept: await store.openMall(MALL),
      secret: SECRET,
      store,
      deadLetters,
      clock: { nowS: () => now.atS },
      keepRawDays: null,
      metrics: SILENT,
    });
    return new TestMall(store, opened, now, options);
  }

  /** Receives records as one body, each batch with the receipt of the clock as it stands. */
  async hear(...records: readonly Heard[]): Promise<void> {
    const lines = records.map((record) => JSON.stringify(wireOf(record))).join('\n');
    const receipt = await this.opened.line.receive(Buffer.from(lines), this.#now.atS);
    if (receipt.kind !== 'received') throw new Error(`not received: ${receipt.kind}`);
  }

  setClock(now: string): void {
    this.#now.atS = secondsOf(now);
  }

  get nowS(): number {
    return this.#now.atS;
  }

  /** Moves the clock on and publishes the frame of that second. */
  tick(seconds = 1): void {
    this.#now.atS += seconds;
    this.opened.tick(this.#now.atS);
  }

  async settle(...dates: readonly string[]): Promise<void> {
    for (const date of dates) await this.opened.settle(parseDay(date)!);
  }

  device(number: number): number {
    return this.opened.pseudonym(macOf(number));
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

export interface TestMallOptions {
  readonly now?: string;
  readonly timeZone?: string;
  readonly shops?: readonly (readonly [code: string, name: string])[];
  readonly settings?: Partial<MallSettings>;
  readonly imported?: readonly number[];
  readonly keepRawDays?: number;
  readonly keepCustomerDays?: number;
}

export function directory(options: TestMallOptions = {}): Mall {
  const shops = options.shops ?? [
    ['A', 'Apples'],
    ['B', 'Books'],
    ['C', 'Coffee'],
  ];
  return {
    code: MALL,
    name: 'Plaza',
    timeZone: options.timeZone ?? 'UTC',
    settings: { ...SETTINGS, ...options.settings },
    shops: new Map(shops),
    accessPoints: new Map(
      PLACES.map(([x, y, floor], i) => [
        accessPointOf(i + 1),
        { mac: accessPointOf(i + 1), x, y, floor, minRssi: null },
      ]),
    ),
    importedCustomers: (options.imported ?? []).map((number) => ({
      mac: macOf(number),
      firstSeenS: secondsOf('2020-01-01 00:00:00'),
      lastSeenS: secondsOf('2020-01-01 00:00:00'),
    })),
  };
}

export function macOf(device: number): number {
  return 0xa4c361000000 + device;
}

export function accessPointOf(number: number): number {
  return 0x3c8cf8000000 + number;
}

export function secondsOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`) / 1_000;
}

function wireOf([device, at, shop, accessPoint, rssi]: Heard): object {
  return {
    user_device_mac: formatMac(macOf(device)),
    occur_time: String(secondsOf(at)),
    shop_code: shop ?? '',
    ...(accessPoint === undefined ? {} : { ap_mac: formatMac(accessPointOf(accessPoint)) }),
    ...(rssi === undefined ? {} : { rssi: String(rssi) }),
  };
}

const SILENT: IngestMetrics = {
  received: () => undefined,
  refused: () => undefined,
  timeCommit: () => () => undefined,
  timeSettle: () => () => undefined,
  failed: () => undefined,
  overflowed: () => undefined,
  state: () => undefined,
};
