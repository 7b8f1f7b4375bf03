import { join } from 'node:path';
import { Registry } from 'prom-client';
import { formatDay, parseDay } from '../../src/calendar.ts';
import { type MallDirectories, openMallDirectories } from '../../src/config/mall-directories.ts';
import { LineMetrics } from '../../src/ingest/ingest-metrics.ts';
import type { Log } from '../../src/ingest/log.ts';
import { Malls } from '../../src/ingest/malls.ts';
import type { OpenMall } from '../../src/ingest/open-mall.ts';
import type { ImportProgress, ImportResult, Receipt } from '../../src/ingest/operations.ts';
import type { Ask } from '../../src/query/answers.ts';
import { mallFootfall } from '../../src/query/mall-footfall.ts';
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import type { Presence, Store } from '../../src/store/store.ts';
import { emptyFolder, type Files, writeMall } from '../config/mall-folder.ts';
import { SteeredStore } from './steered-store.ts';

/** The mall of most tests; in Tokyo, which has no clock changes. */
export const MALL = 'm';
/** 2024-05-10 12:00 in Tokyo. */
export const NOON_S = Date.parse('2024-05-10T12:00:00+09:00') / 1_000;
export const DAY_S = 86_400;

export interface RunningMallsOptions {
  readonly malls?: { readonly [code: string]: Files };
  readonly nowS?: number;
  readonly keepRawDays?: number;
  readonly keepCustomerDays?: number;
  /** Given, no mall is opened until it is taken. */
  readonly presence?: Presence;
  /** Called while the malls are being opened. */
  readonly whileOpening?: (parts: {
    folder: string;
    steered: SteeredStore;
    directories: MallDirectories;
  }) => Promise<void>;
}

/**
 * Malls in a folder of their own, folded as a server folds them: real directories, secrets and database. The
 * clock stands until a test moves it, and nothing runs by itself.
 */
export class RunningMalls {
  readonly folder: string;
  readonly steered: SteeredStore;
  readonly malls: Malls;
  readonly directories: MallDirectories;
  readonly registry: Registry;
  /** What was logged, warnings and errors alone. */
  readonly logged: readonly string[];
  readonly #options: RunningMallsOptions;
  readonly #clock: { atS: number };

  private constructor(parts: {
    folder: string;
    steered: SteeredStore;
    malls: Malls;
    directories: MallDirectories;
    registry: Registry;
    logged: readonly string[];
    options: RunningMallsOptions;
    clock: { atS: number };
  }) {
    this.folder = parts.folder;
    this.steered = parts.steered;
    this.malls = parts.malls;
    this.directories = parts.directories;
    this.registry = parts.registry;
    this.logged = parts.logged;
    this.#options = parts.options;
    this.#clock = parts.clock;
  }

  static async open(options: RunningMallsOptions = {}): Promise<RunningMalls> {
    const folder = await emptyFolder();
    for (const [code, files] of Object.entries(options.malls ?? { [MALL]: {} })) {
      await writeMall(join(folder, 'malls', code), files);
    }
    return RunningMalls.#openIn(folder, options);
  }

  static async #openIn(folder: string, options: RunningMallsOptions): Promise<RunningMalls> {
    const clock = { atS: options.nowS ?? NOON_S };
    const registry = new Registry();
    const logged: string[] = [];
    const tell = (_fields: object, message: string) => void logged.push(message);
    const log: Log = { info: () => undefined, warn: tell, error: tell };
    const steered = new SteeredStore(await openDuckDbStore({ file: join(folder, 'footfall.duckdb') }));
    const directories = await openMallDirectories({ folders: [join(folder, 'malls')], pollMs: 3_600_000 });
    const opening = Malls.open({
      directories,
      secretsFolder: join(folder, 'secrets'),
      mayCreateSecrets: true,
      store: steered.store,
      deadLetters: steered.deadLetters,
      clock: { nowS: () => clock.atS },
      stopwatchMs: () => clock.atS * 1_000,
      random: (bytes) => Uint8Array.from({ length: bytes }, (_, i) => i),
      keepRawDays: options.keepRawDays ?? null,
      keepCustomerDays: options.keepCustomerDays ?? null,
      keepDeadLetterDays: 7,
      metrics: new LineMetrics(registry),
      log,
      ...(options.presence && { presence: options.presence }),
    });
    await options.whileOpening?.({ folder, steered, directories });
    const malls = await opening;
    return new RunningMalls({ folder, steered, malls, directories, registry, logged, options, clock });
  }

  /** Closes everything and opens it again, as the next start does. */
  async reopen(changes: RunningMallsOptions = {}): Promise<RunningMalls> {
    await this.close();
    return RunningMalls.#openIn(this.folder, { ...this.#options, nowS: this.nowS, ...changes });
  }

  /** A test may have closed the store already. */
  async close(): Promise<void> {
    this.directories.close();
    await this.malls.close();
    await this.store.close().catch(() => undefined);
  }

  get store(): Store {
    return this.steered.store;
  }

  get nowS(): number {
    return this.#clock.atS;
  }

  get mall(): OpenMall {
    return this.malls.find(MALL)!;
  }

  /** What questions are asked with. */
  get ask(): Ask {
    return {
      served: (code) => this.malls.find(code),
      codes: () => this.malls.codes(),
      store: this.store,
      live: this.malls,
      clock: { nowS: () => this.nowS },
      keepRawDays: this.#options.keepRawDays ?? null,
      keepCustomerDays: this.#options.keepCustomerDays ?? null,
    };
  }

  /** Moves the clock, and waits until what is due then is done. */
  async passS(seconds: number): Promise<void> {
    this.#clock.atS += seconds;
    this.malls.tick();
    await this.malls.settled();
  }

  /** Sends lines as one body, received now. */
  send(...lines: readonly string[]): Promise<Receipt> {
    return this.malls.receive(MALL, Buffer.from(lines.join('\n')), this.nowS);
  }

  /** Imports whole files, each in pieces. */
  import(
    files: { readonly [name: string]: Uint8Array },
    onProgress: (progress: ImportProgress) => void = () => undefined,
  ): Promise<ImportResult> {
    return this.malls.importFiles(MALL, inPieces(files), onProgress);
  }

  /** Footfall of one day as it is answered now. */
  async footfall(date: string): Promise<{ footfall: number; newCustomers: number; settled: boolean }> {
    const [row] = await mallFootfall(this.ask, { mall: MALL, from: date, to: date });
    const { footfall, newCustomers, settled } = row!;
    return { footfall, newCustomers, settled };
  }

  /** How many raw records of a day the store has. */
  async rawRecords(date: string): Promise<number> {
    let records = 0;
    for await (const chunk of this.store.rawOfDay(MALL, parseDay(date)!)) records += chunk.length;
    return records;
  }
}

/** The local date, in Tokyo, of an instant. */
export function dateOf(atS: number): string {
  return formatDay(Math.floor((atS + 9 * 3_600) / DAY_S));
}

/** A record of one of the mall's devices as it comes on the wire. */
export function probe(device: number, atS: number, shop = 'S1'): string {
  const octets = [device >> 16, device >> 8, device].map((octet) => {
    return (octet & 255).toString(16).padStart(2, '0');
  });
  return `{"user_device_mac":"a4c361${octets.join('')}","occur_time":"${atS}","shop_code":"${shop}","rssi":"-60"}`;
}

const PIECE_BYTES = 4_093;

async function* inPieces(files: { readonly [name: string]: Uint8Array }) {
  for (const [name, content] of Object.entries(files)) {
    const bytes = (async function* () {
      for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
    })();
    yield { name, bytes };
  }
}
