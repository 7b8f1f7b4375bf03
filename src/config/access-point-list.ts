import { formatMac, parseMac } from '../mac.ts';
import type { AccessPoint } from '../terms.ts';
import { type CsvRow, readCsvTable } from './csv-table.ts';
import type { DirectoryProblems } from './mall-directory-error.ts';
import { quoted } from './quoted.ts';

const FILE = 'place_info.csv';
/** Corners of density cells stay within the 32 bits of a GraphQL Int. */
const COORDINATE_MAX = 1_000_000_000;
const FLOOR_CHARACTERS_MAX = 32;
const NO_MAC = -1;

const COLUMNS = ['user_device_mac', 'used_x', 'used_y'] as const;
const OPTIONAL_COLUMNS = ['min_rssi', 'floor'] as const;
type Row = CsvRow<(typeof COLUMNS)[number] | (typeof OPTIONAL_COLUMNS)[number]>;

/** Access points by MAC; `user_device_mac` holds the MAC of the access point. */
export async function readAccessPointList(
  bytes: Uint8Array,
  problems: DirectoryProblems,
): Promise<ReadonlyMap<number, AccessPoint>> {
  const accessPoints = new Map<number, AccessPoint>();
  const lines = new Map<number, number>();
  const table = { file: FILE, bytes, columns: COLUMNS, optionalColumns: OPTIONAL_COLUMNS };
  await readCsvTable<Parameters<Row>[0]>(table, problems, (value, line) => {
    const refuse = (reason: string) => problems.add(FILE, line, reason);
    const accessPoint: AccessPoint = Object.freeze({
      mac: readMac(value, refuse),
      x: readCoordinate('used_x', value, refuse),
      y: readCoordinate('used_y', value, refuse),
      floor: readFloor(value, refuse),
      minRssi: readMinRssi(value, refuse),
    });
    const before = lines.get(accessPoint.mac);
    if (before !== undefined) {
      refuse(
        `access point ${formatMac(accessPoint.mac)} is already on line ${before}; give each access point one line`,
      );
      return;
    }
    if (accessPoint.mac !== NO_MAC) lines.set(accessPoint.mac, line);
    accessPoints.set(accessPoint.mac, accessPoint);
  });
  return accessPoints;
}

type Refuse = (reason: string) => void;

/** NO_MAC after refusing. */
function readMac(value: Row, refuse: Refuse): number {
  const text = value('user_device_mac');
  const mac = parseMac(text);
  if (mac !== undefined) return mac;
  refuse(`user_device_mac ${quoted(text)} is no MAC address; write the access point's, as 3c:8c:f8:00:00:1d`);
  return NO_MAC;
}

function readCoordinate(column: 'used_x' | 'used_y', value: Row, refuse: Refuse): number {
  const text = value(column);
  const coordinate = Number(text);
  // Adding 0 makes 0 of −0.
  if (/^[+-]?\d+$/.test(text) && Math.abs(coordinate) <= COORDINATE_MAX) return coordinate + 0;
  refuse(
    `${column} ${quoted(text)} is no coordinate; write whole plan units from -${COORDINATE_MAX} to ${COORDINATE_MAX}`,
  );
  return 0;
}

function readFloor(value: Row, refuse: Refuse): string | null {
  const text = value('floor');
  if ([...text].length <= FLOOR_CHARACTERS_MAX && !/\p{Cc}/u.test(text)) return text === '' ? null : text;
  refuse(
    `floor ${quoted(text)} is no name of a storey; write at most ${FLOOR_CHARACTERS_MAX} characters, no control characters`,
  );
  return null;
}

function readMinRssi(value: Row, refuse: Refuse): number | null {
  const text = value('min_rssi');
  if (text === '') return null;
  if (/^[+-]?\d{1,3}$/.test(text)) return Number(text);
  refuse(`min_rssi ${quoted(text)} is no signal strength; write whole dBm such as -80, or leave it empty`);
  return null;
}
