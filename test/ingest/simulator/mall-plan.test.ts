import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../../src/calendar.ts';
import { readMallDirectory } from '../../../src/config/mall-directory.ts';
import { planOfMall } from '../../../src/ingest/simulator/mall-plan.ts';
import { devicesPerDayFor } from '../../../src/ingest/simulator/simulator-options.ts';
import { writeMallDirectory } from '../../../src/ingest/simulator/write-mall-directory.ts';
import { daysOf, planWith, recordsOf, simulatorWith } from './simulating.ts';

const GOLDEN = join(import.meta.dirname, '../../golden/shanghai');
const FAULTLESS = { lateRate: 0, repeatedRate: 0, damagedRate: 0 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mall-plan-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the directory of an invented mall', () => {
  test('is read as a mall directory, with everything that the plan lists', async () => {
    const plan = planWith();
    await writeMallDirectory(plan, join(folder, 'new', 'mall'));
    const mall = await readMallDirectory(join(folder, 'new', 'mall'), 'mall');
    expect(mall).toMatchObject({ name: 'Test mall', timeZone: 'Europe/Berlin' });
    const shops = plan.places.filter(({ name }) => name !== null);
    expect([...mall.shops]).toEqual(shops.map(({ code, name }) => [code, name]));
    expect(shops).toHaveLength(20);
    const listed = plan.accessPoints.filter((accessPoint) => accessPoint.listed);
    expect(listed.length).toBeLessThan(plan.accessPoints.length);
    expect([...mall.accessPoints.values()]).toEqual(
      listed.map(({ mac, x, y, floor }) => ({ mac, x, y, floor, minRssi: expect.any(Number) })),
    );
    expect(mall.importedCustomers).toEqual(plan.knownCustomers);
  });

  test('has the files and columns of any mall, and the storeys besides', async () => {
    await writeMallDirectory(planWith(), folder);
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.csv')) continue;
      const [written, golden] = await Promise.all([folder, GOLDEN].map((of) => headerOf(join(of, file))));
      expect(written).toBe(file === 'place_info.csv' ? `${golden},floor` : golden);
    }
    expect((await readdir(folder)).sort()).toEqual([
      'area_shop.csv',
      'mall.json',
      'place_info.csv',
      'shop_user_record.csv',
    ]);
  });
});

describe('a plan', () => {
  test('gives shops of one mall different names, and another seed other ones', () => {
    const names = planWith({ shops: 500, zones: 0 }).places.map(({ name }) => name);
    expect(new Set(names).size).toBe(500);
    expect(planWith({ seed: 8 }).places[0]!.name).not.toBe(names[0]);
  });

  test('spreads shops over the storeys, no two access points in one spot', () => {
    const { accessPoints } = planWith({ shops: 120, floors: 4, accessPointsPerShop: 4 });
    const spots = new Set(accessPoints.map(({ x, y, floor }) => `${floor} ${x} ${y}`));
    expect(spots.size).toBe(accessPoints.length);
    expect(new Set(accessPoints.map(({ floor }) => floor))).toEqual(new Set(['L1', 'L2', 'L3', 'L4']));
    expect(accessPoints.every(({ x, y }) => Number.isInteger(x) && Number.isInteger(y))).toBe(true);
  });

  test('needs shops', () => {
    expect(() => planWith({ shops: 0 })).toThrow('shops is 0; a mall needs a whole number from 1 on');
  });
});

describe('a mall that exists', () => {
  test('is peopled: its own shops, access points and customers are heard', async () => {
    const mall = await readMallDirectory(GOLDEN, 'shanghai');
    const plan = planOfMall(mall, 3);
    const records = recordsOf(
      simulatorWith({ ...FAULTLESS, plan, devicesPerDay: 1_000 }),
      daysOf('2024-06-12'),
    );
    expect(new Set(records.map((record) => record.shop_code))).toEqual(new Set(mall.shops.keys()));
    const macs = new Set([...mall.accessPoints.keys()].map((mac) => mac.toString(16)));
    expect(records.filter((record) => !macs.has(record.ap_mac!.replaceAll(':', '')))).toEqual([]);
    const known = new Set(mall.importedCustomers.map(({ mac }) => mac));
    const heard = new Set(
      records.map((record) => Number.parseInt(record.user_device_mac!.replaceAll(':', ''), 16)),
    );
    expect([...known].some((mac) => heard.has(mac))).toBe(true);
  });

  test('needs access points', async () => {
    const mall = { ...(await readMallDirectory(GOLDEN, 'shanghai')), accessPoints: new Map() };
    expect(() => planOfMall(mall, 3)).toThrow(
      'mall shanghai lists no shops or no access points; records come from both',
    );
  });
});

test.each([
  [1_000, 10, 1],
  [50_000, 30, 2],
  [200_000, 10, 5],
])(
  'so many devices make a run of %d records of %d each over %d days, and not many more',
  (records, recordsPerDevice, count) => {
    const plan = planWith();
    const from = parseDay('2024-06-14')!;
    const days = { from, to: from + count - 1 };
    const devicesPerDay = devicesPerDayFor({ plan, days, records, recordsPerDevice });
    const last = new Date((from + count - 1) * 86_400_000).toISOString().slice(0, 10);
    const made = simulatorWith({ plan, devicesPerDay, recordsPerDevice }).count(daysOf('2024-06-14', last));
    expect(made).toBeGreaterThanOrEqual(records);
    expect(made).toBeLessThan(records * 1.08 + 12 * Math.sqrt(records));
  },
);

async function headerOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).split(/\r?\n/)[0]!;
}
