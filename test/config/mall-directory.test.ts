import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import { readMallDirectory } from '../../src/config/mall-directory.ts';
import { parseMac } from '../../src/mac.ts';
import { customerLines, mallSettings, mistakesOf, placeLines, readMall } from './mall-folder.ts';

describe('golden malls', () => {
  test.each([
    ['shanghai', 'Golden mall Shanghai', 'Asia/Shanghai'],
    ['berlin-autumn', 'Golden mall Berlin', 'Europe/Berlin'],
    ['edges', 'Golden mall Edges', 'Asia/Tokyo'],
  ])('%s is read whole', async (code, name, timeZone) => {
    const folder = fileURLToPath(new URL(`../golden/${code}`, import.meta.url));
    const mall = await readMallDirectory(folder, code);
    const rows = async (file: string) =>
      (await readFile(join(folder, file), 'utf8')).trim().split('\n').length - 1;
    expect(mall).toMatchObject({ code, name, timeZone });
    expect(mall.shops.size).toBe(await rows('area_shop.csv'));
    expect([...mall.shops.keys()]).toEqual([...mall.shops.keys()].sort());
    expect(mall.accessPoints.size).toBe(await rows('place_info.csv'));
    expect(mall.importedCustomers).toHaveLength(await rows('shop_user_record.csv'));
  });

  test('the edges mall has these values', async () => {
    const mall = await readMallDirectory(fileURLToPath(new URL('../golden/edges', import.meta.url)), 'edges');
    const mac = parseMac('3c:8c:f8:00:01:01')!;
    expect(mall.shops).toEqual(
      new Map([
        ['S1', 'One'],
        ['S2', 'Two'],
        ['S3', 'Three'],
      ]),
    );
    expect(mall.accessPoints.get(mac)).toEqual({ mac, x: 400, y: -400, floor: null, minRssi: -75 });
    expect(mall.importedCustomers[1]).toEqual({
      mac: parseMac('a4:c3:61:00:00:12'),
      firstSeenS: 1714525150,
      lastSeenS: 1714525160,
    });
  });
});

describe('what is taken', () => {
  test('settings that are left out have their defaults', async () => {
    expect((await readMall({})).settings).toEqual({
      since: parseDay('2010-01-01'),
      futureSkewSeconds: 120,
      latenessSeconds: 60,
      visitGapSeconds: 600,
      settleDelaySeconds: 7200,
      settleQuietSeconds: 30,
      densityCell: 500,
    });
  });

  test.each([
    ['since', '1970-01-01', 0],
    ['futureSkewSeconds', 0, 0],
    ['futureSkewSeconds', 3600, 3600],
    ['latenessSeconds', 0, 0],
    ['latenessSeconds', 3600, 3600],
    ['visitGapSeconds', 10, 10],
    ['visitGapSeconds', 7200, 7200],
    ['settleDelaySeconds', 0, 0],
    ['settleDelaySeconds', 86400, 86400],
    ['settleQuietSeconds', 1, 1],
    ['settleQuietSeconds', 3600, 3600],
    ['densityCell', 1, 1],
  ])('the ends of a range are inside: %s %j', async (name, value, taken) => {
    expect((await readMall(mallSettings({ [name]: value }))).settings).toMatchObject({ [name]: taken });
  });

  test('columns in any order, others ignored, CRLF, a byte order mark, blank lines, quotes, no last line end', async () => {
    const mall = await readMall({
      'mall.json': '\ufeff{"name":" M ","timeZone":"UTC"}',
      'area_shop.csv': '\ufeffshop_name,note,shop_code\r\n\r\n"Café ""A"", 1st",x, B \r\n \r\n,,A',
    });
    expect(mall.name).toBe('M');
    expect([...mall.shops]).toEqual([
      ['A', ''],
      ['B', 'Café "A", 1st'],
    ]);
  });

  test('an access point with and without what is optional', async () => {
    const mall = await readMall(
      placeLines('3C-8C-F8-00-00-01,+7,-0,,\n3c8c.f800.0002,-1000000000,8,-80, 2F \n'),
    );
    expect([...mall.accessPoints.values()]).toEqual([
      { mac: 0x3c8cf8000001, x: 7, y: 0, floor: null, minRssi: null },
      { mac: 0x3c8cf8000002, x: -1_000_000_000, y: 8, floor: '2F', minRssi: -80 },
    ]);
  });

  test('a floor and a minimal strength need no column', async () => {
    const mall = await readMall({
      'place_info.csv': 'user_device_mac,used_x,used_y\n3c:8c:f8:00:00:01,1,2\n',
    });
    expect(mall.accessPoints.get(0x3c8cf8000001)).toMatchObject({ floor: null, minRssi: null });
  });

  test('the list of customers may be missing, empty, or name a customer on several lines', async () => {
    expect((await readMall({})).importedCustomers).toEqual([]);
    expect((await readMall(customerLines(''))).importedCustomers).toEqual([]);
    const twice = 'a4:c3:61:00:00:12,0,5,7\na4:c3:61:00:00:12,1,0,9\n';
    expect((await readMall(customerLines(twice))).importedCustomers).toEqual([
      { mac: 0xa4c361000012, firstSeenS: 5, lastSeenS: 7 },
      { mac: 0xa4c361000012, firstSeenS: 0, lastSeenS: 9 },
    ]);
  });

  test('a long list whose slices cut lines and letters', async () => {
    const rows = Array.from({ length: 9_000 }, (_, i) => `${i},S${10_000 + i},Käse ${i}\r\n`);
    const mall = await readMall({ 'area_shop.csv': `id,shop_code,shop_name\r\n${rows.join('')}` });
    expect(mall.shops.size).toBe(9_000);
    expect([...mall.shops.values()]).toEqual(rows.map((_, i) => `Käse ${i}`));
    const { message } = await mistakesOf({
      'area_shop.csv': `id,shop_code,shop_name\r\n${rows.join('')}1,,x\r\n`,
    });
    expect(message).toMatch(/^m\/area_shop.csv line 9002: /);
  });

  test('a mall cannot be changed', async () => {
    const mall = await readMall(customerLines('a4:c3:61:00:00:12,0,5,7\n'));
    expect([mall, mall.settings, mall.importedCustomers].every(Object.isFrozen)).toBe(true);
  });
});
