import { Calendar, parseDay } from '../../src/calendar.ts';
import { Codebook } from '../../src/codebook.ts';
import { NameGate } from '../../src/decode/name-gate.ts';
import { Pseudonyms } from '../../src/decode/pseudonyms.ts';
import { Decoded, RecordDecoder } from '../../src/decode/record-decoder.ts';
import { formatMac } from '../../src/mac.ts';
import { DROP_REASONS, type DropReason } from '../../src/outcome.ts';
import type { Mall, MallSettings } from '../../src/terms.ts';

export const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);
/** 2024-06-14T12:00:00Z. */
export const RECEIVED_AT_S = 1_718_366_400;

export interface SetupOptions {
  readonly timeZone?: string;
  readonly settings?: Partial<MallSettings>;
  readonly keepRawDays?: number | null;
  readonly unknownNamesMax?: number;
}

/** A decoder of an invented mall that knows no shop and no access point, and everything it leans on. */
export function setUp(options: SetupOptions = {}) {
  const { timeZone = 'UTC', settings = {} } = options;
  const mall: Mall = {
    code: 'plaza',
    name: 'Plaza',
    timeZone,
    settings: {
      since: parseDay('2010-01-01')!,
      futureSkewSeconds: 120,
      latenessSeconds: 60,
      visitGapSeconds: 600,
      settleDelaySeconds: 7_200,
      settleQuietSeconds: 30,
      densityCell: 500,
      ...settings,
    },
    shops: new Map(),
    accessPoints: new Map(),
    importedCustomers: [],
  };
  return decoderOf(mall, options);
}

/** A decoder of a mall, and everything it leans on. */
export function decoderOf(mall: Mall, options: Pick<SetupOptions, 'keepRawDays' | 'unknownNamesMax'> = {}) {
  const { keepRawDays = null, unknownNamesMax = 2_000 } = options;
  const codebook = new Codebook();
  const calendar = new Calendar(mall.timeZone);
  const pseudonyms = new Pseudonyms(SECRET);
  const names = new NameGate({
    codebook,
    isKnownShop: (code) => mall.shops.has(code),
    isKnownAccessPoint: (mac) => mall.accessPoints.has(mac),
    limit: unknownNamesMax,
  });
  const decoder = new RecordDecoder({
    mall: () => mall,
    calendar,
    codebook,
    pseudonyms,
    names,
    keepRawDays,
  });
  return { decoder, codebook, names, pseudonyms, calendar };
}

export type Setup = ReturnType<typeof setUp>;

/** A kept record in texts; `accessPoint` is '' where it named none. */
export interface KeptRow {
  readonly device: number;
  readonly occurredAtS: number;
  readonly day: number;
  readonly shop: string;
  readonly accessPoint: string;
  readonly signalDbm: number;
}

export function keptRows({ codebook }: Setup, { sightings }: Decoded): KeptRow[] {
  return Array.from({ length: sightings.length }, (_, i) => {
    const mac = codebook.accessPointMac(sightings.accessPoint[i]!);
    return {
      device: sightings.device[i]!,
      occurredAtS: sightings.occurredAtS[i]!,
      day: sightings.day[i]!,
      shop: codebook.shopCode(sightings.shop[i]!),
      accessPoint: mac < 0 ? '' : formatMac(mac),
      signalDbm: sightings.signalDbm[i]!,
    };
  });
}

export function decode(body: string | Uint8Array, setup: Setup = setUp()): Decoded {
  const into = new Decoded();
  setup.decoder.decode(Buffer.from(body), RECEIVED_AT_S, into);
  return into;
}

/** What became of a body that holds one record: the row it was kept as, or why it was dropped. */
export function outcome(body: string | Uint8Array, setup: Setup = setUp()): KeptRow | DropReason {
  const decoded = decode(body, setup);
  if (decoded.lines !== 1) throw new Error(`expected one record, found ${decoded.lines}`);
  const [row] = keptRows(setup, decoded);
  return row ?? DROP_REASONS.find((reason) => decoded.dropped[reason] === 1)!;
}

export const ORDINARY = {
  id: '7',
  shop_code: 'S0012',
  ap_ip: '10.1.0.7',
  occur_time: '1718362800',
  user_device_mac: 'a4:c3:61:0b:22:01',
  rssi: '-61',
  ap_mac: '3c:8c:f8:00:00:1d',
  pt: '20240614',
};

/** An ordinary record with some values changed, as JSON on one line; undefined leaves a key out. */
export function line(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...ORDINARY, ...changes });
}
