import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatMac } from '../../mac.ts';
import type { MallPlan } from './mall-plan.ts';

/** Writes the directory of an invented mall into `folder`, which is made where it is missing. */
export async function writeMallDirectory(plan: MallPlan, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { name, timeZone } = plan;
  const settings = { visitGapSeconds: 600, densityCell: 500 };
  const shops = plan.places.filter((place) => place.name !== null);
  const accessPoints = plan.accessPoints.filter((accessPoint) => accessPoint.listed);
  await Promise.all([
    writeFile(join(folder, 'mall.json'), `${JSON.stringify({ name, timeZone, settings }, null, 2)}\n`),
    writeTable(
      join(folder, 'area_shop.csv'),
      ['id', 'shop_code', 'shop_name'],
      shops.map(({ code, name }, index) => [index + 1, code, name]),
    ),
    writeTable(
      join(folder, 'place_info.csv'),
      ['user_device_mac', 'used_x', 'used_y', 'min_rssi', 'floor'],
      accessPoints.map(({ mac, x, y, floor }) => [formatMac(mac), x, y, MIN_RSSI_DBM, floor]),
    ),
    writeTable(
      join(folder, 'shop_user_record.csv'),
      ['user_device_mac', 'first_come_flag', 'first_coming_time', 'last_coming_time'],
      plan.knownCustomers.map(({ mac, firstSeenS, lastSeenS }) => [formatMac(mac), 0, firstSeenS, lastSeenS]),
    ),
  ]);
}

const MIN_RSSI_DBM = -85;

type Cell = string | number | null;

async function writeTable(file: string, header: string[], rows: readonly Cell[][]): Promise<void> {
  await writeFile(file, [header, ...rows].map((row) => `${row.map(toCell).join(',')}\n`).join(''));
}

function toCell(value: Cell): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
