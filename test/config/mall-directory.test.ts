import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import { readMallDirectory } from '../../src/config/mall-directory.ts';
import { MallDirectoryError } from '../../src/config/mall-directory-error.ts';
import { parseMac } from '../../src/mac.ts';
import type { Mall } from '../../src/terms.ts';
import { emptyFolder, type Files, writeMall } from './mall-folder.ts';

async function read(files: Files, code = 'm'): Promise<Mall> {
  return readMallDirectory(await writeMall(join(await emptyFolder(), code), files), code);
}

async function mistakes(files: Files, code = 'm'): Promise<MallDirectoryError> {
  try {
    await read(files, code);
  } catch (error) {
    if (error instanceof MallDirectoryError) return error;
    throw error;
  }
  throw new Error('the directory was taken');
}

const json = (value: unknown): Files => ({ 'mall.json': JSON.stringify(value) });
const settings = (value: unknown): Files => json({ name: 'M', timeZone: 'UTC', settings: value });
const shops = (lines: string): Files => ({ 'area_shop.csv': `id,shop_code,shop_name\n${lines}` });
const places = (lines: string): Files => ({
  'place_info.csv': `user_device_mac,used_x,used_y,min_rssi,floor\n${lines}`,
});
const customers = (lines: string): Files => ({
  'shop_user_record.csv': `user_device_mac,first_come_flag,first_coming_time,last_coming_time\n${lines}`,
});

describe('golden malls', () => {
  test.each([
    ['shanghai', 'Golden mall Shanghai', 'Asia/Shanghai'],
    ['berlin-autumn', 'Golden mall Berlin', 'Europe/Berlin'],
    ['edges', 'Golden mall Edges', 'Asia/Tokyo'],
  ])('%s is read whole', async (code, name, timeZone) => {
    const folder = new URL(`../golden/${code}`, import.meta.url).pathname;
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
    const mall = await readMallDirectory(new URL('../golden/edges', import.meta.url).pathname, 'edges');
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
    expect((await read({})).settings).toEqual({
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
    expect((await read(settings({ [name]: value }))).settings).toMatchObject({ [name]: taken });
  });

  test('columns in any order, others ignored, CRLF, a byte order mark, blank lines, quotes, no last line end', async () => {
    const mall = await read({
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
    const mall = await read(places('3C-8C-F8-00-00-01,+7,-0,,\n3c8c.f800.0002,-1000000000,8,-80, 2F \n'));
    expect([...mall.accessPoints.values()]).toEqual([
      { mac: 0x3c8cf8000001, x: 7, y: 0, floor: null, minRssi: null },
      { mac: 0x3c8cf8000002, x: -1_000_000_000, y: 8, floor: '2F', minRssi: -80 },
    ]);
  });

  test('a floor and a minimal strength need no column', async () => {
    const mall = await read({ 'place_info.csv': 'user_device_mac,used_x,used_y\n3c:8c:f8:00:00:01,1,2\n' });
    expect(mall.accessPoints.get(0x3c8cf8000001)).toMatchObject({ floor: null, minRssi: null });
  });

  test('the list of customers may be missing, empty, or name a customer on several lines', async () => {
    expect((await read({})).importedCustomers).toEqual([]);
    expect((await read(customers(''))).importedCustomers).toEqual([]);
    const twice = 'a4:c3:61:00:00:12,0,5,7\na4:c3:61:00:00:12,1,0,9\n';
    expect((await read(customers(twice))).importedCustomers).toEqual([
      { mac: 0xa4c361000012, firstSeenS: 5, lastSeenS: 7 },
      { mac: 0xa4c361000012, firstSeenS: 0, lastSeenS: 9 },
    ]);
  });

  test('a long list whose slices cut lines and letters', async () => {
    const rows = Array.from({ length: 9_000 }, (_, i) => `${i},S${10_000 + i},Käse ${i}\r\n`);
    const mall = await read({ 'area_shop.csv': `id,shop_code,shop_name\r\n${rows.join('')}` });
    expect(mall.shops.size).toBe(9_000);
    expect([...mall.shops.values()]).toEqual(rows.map((_, i) => `Käse ${i}`));
    const { message } = await mistakes({
      'area_shop.csv': `id,shop_code,shop_name\r\n${rows.join('')}1,,x\r\n`,
    });
    expect(message).toMatch(/^m\/area_shop.csv line 9002: /);
  });

  test('a mall cannot be changed', async () => {
    const mall = await read(customers('a4:c3:61:00:00:12,0,5,7\n'));
    expect([mall, mall.settings, mall.importedCustomers].every(Object.isFrozen)).toBe(true);
  });
});

describe('each mistake is told with file, line and what would be right', () => {
  const code65 = 'é'.repeat(33);
  const needed = 'the header must name shop_code,shop_name, but is';
  test.each<[Files, string]>([
    [{ 'mall.json': null }, 'm/mall.json: is missing; put it into FOLDER'],
    [{ 'area_shop.csv': null }, 'm/area_shop.csv: is missing; put it into FOLDER'],
    [{ 'place_info.csv': null }, 'm/place_info.csv: is missing; put it into FOLDER'],
    [json([]), 'm/mall.json: must be one object: { "name", "timeZone", "settings" }'],
    [
      json({ timeZone: 'UTC' }),
      'm/mall.json: name is missing; it must be a text, the name that people call the mall',
    ],
    [
      json({ name: 7, timeZone: 'UTC' }),
      'm/mall.json: name is 7; it must be a text, the name that people call the mall',
    ],
    [
      json({ name: ' ', timeZone: 'UTC' }),
      'm/mall.json: name is empty; write the name that people call the mall',
    ],
    [
      json({ name: 'x'.repeat(201), timeZone: 'UTC' }),
      'm/mall.json: name is longer than 200 characters; shorten it',
    ],
    [
      json({ name: 'M' }),
      'm/mall.json: timeZone is missing; it must be an IANA time zone such as "Asia/Shanghai"',
    ],
    [
      json({ name: 'M', timeZone: 'Asia/Shangai' }),
      'm/mall.json: timeZone is "Asia/Shangai", which is no IANA time zone; did you mean "Asia/Shanghai"?',
    ],
    [
      json({ name: 'M', timeZone: 'UTC', setting: {} }),
      'm/mall.json: setting is unknown; did you mean settings?',
    ],
    [settings([]), 'm/mall.json: settings must be an object of settings'],
    [
      settings({ visitGapSecond: 60 }),
      'm/mall.json: settings.visitGapSecond is unknown; did you mean visitGapSeconds?',
    ],
    [
      settings({ visitGapSeconds: 9 }),
      'm/mall.json: settings.visitGapSeconds is 9; it must be a whole number from 10 to 7200',
    ],
    [
      settings({ visitGapSeconds: 7201 }),
      'm/mall.json: settings.visitGapSeconds is 7201; it must be a whole number from 10 to 7200',
    ],
    [
      settings({ visitGapSeconds: '600' }),
      'm/mall.json: settings.visitGapSeconds is "600"; it must be a whole number from 10 to 7200',
    ],
    [
      settings({ futureSkewSeconds: -1 }),
      'm/mall.json: settings.futureSkewSeconds is -1; it must be a whole number from 0 to 3600',
    ],
    [
      settings({ latenessSeconds: 3601 }),
      'm/mall.json: settings.latenessSeconds is 3601; it must be a whole number from 0 to 3600',
    ],
    [
      settings({ settleDelaySeconds: 86401 }),
      'm/mall.json: settings.settleDelaySeconds is 86401; it must be a whole number from 0 to 86400',
    ],
    [
      settings({ settleQuietSeconds: 0 }),
      'm/mall.json: settings.settleQuietSeconds is 0; it must be a whole number from 1 to 3600',
    ],
    [
      settings({ densityCell: 0 }),
      'm/mall.json: settings.densityCell is 0; it must be a whole number from 1 to 1000000000',
    ],
    [
      settings({ densityCell: 0.5 }),
      'm/mall.json: settings.densityCell is 0.5; it must be a whole number from 1 to 1000000000',
    ],
    [
      settings({ since: null }),
      'm/mall.json: settings.since is null; it must be a date from 1970-01-01 on, such as "2010-01-01"',
    ],
    [
      settings({ since: '2023-02-29' }),
      'm/mall.json: settings.since is "2023-02-29"; it must be a date from 1970-01-01 on, such as "2010-01-01"',
    ],
    [
      settings({ since: '1969-12-31' }),
      'm/mall.json: settings.since is "1969-12-31"; it must be a date from 1970-01-01 on, such as "2010-01-01"',
    ],
    [
      { 'mall.json': Buffer.from('{"name":"Caf\xe9","timeZone":"UTC"}', 'latin1') },
      'm/mall.json line 1: is not UTF-8; save the file as UTF-8',
    ],
    [
      { 'area_shop.csv': Buffer.from('shop_code,shop_name\nS1,One\nS2,Caf\xe9\nS3,x\n', 'latin1') },
      'm/area_shop.csv line 3: is not UTF-8; save the file as UTF-8',
    ],
    [
      { 'area_shop.csv': '' },
      'm/area_shop.csv: is empty; its first line must name the columns: shop_code,shop_name',
    ],
    [
      { 'area_shop.csv': 'id,code,shop_name\n1,S1,One\n' },
      `m/area_shop.csv line 1: column shop_code is missing; ${needed} "id,code,shop_name"`,
    ],
    [
      { 'area_shop.csv': 'id;shop_code;shop_name\n1;S1;One\n' },
      `m/area_shop.csv line 1: columns shop_code, shop_name are missing; ${needed} "id;shop_code;shop_name"`,
    ],
    [
      { 'area_shop.csv': 'shop_code,shop_name,shop_code\nS1,One,S1\n' },
      'm/area_shop.csv line 1: column shop_code is there twice; keep one',
    ],
    [
      shops('1,S1,One\n2,S1,Two\n'),
      'm/area_shop.csv line 3: shop_code "S1" is already on line 2; give each shop one line',
    ],
    [shops('1, ,One\n'), 'm/area_shop.csv line 2: shop_code is empty; write the code that the records name'],
    [
      shops('1,?overflow,One\n'),
      'm/area_shop.csv line 2: shop_code "?overflow" stands for the unknown shops of a flood; choose another',
    ],
    [
      shops(`1,${code65},One\n`),
      `m/area_shop.csv line 2: shop_code "${code65}" has 66 bytes; 64 are the most that a record may name`,
    ],
    [
      shops('1,S\u00011,One\n'),
      'm/area_shop.csv line 2: shop_code "S\\u00011" has a control character; take it out',
    ],
    [
      shops('1,S1,"One\nTwo"\n'),
      'm/area_shop.csv line 2: shop_name "One\\nTwo" has a control character; take it out',
    ],
    [
      shops('1,S1\n'),
      'm/area_shop.csv line 2: has 2 values, but the header names 3 columns; write a comma for each that is empty',
    ],
    [
      shops('1,S1,"One"\n2,S2,Shoes, bags\n'),
      'm/area_shop.csv line 3: has 4 values, but the header names 3 columns; put quotes around a value that has a comma in it',
    ],
    [
      shops('1,S1,"x" y\n1,S1,One\n'),
      'm/area_shop.csv line 2: a closing quote is followed by more text; write a quote inside a quoted value as two quotes; the rest of the file was not read',
    ],
    [
      shops('\n1,S1,x "y"\n'),
      'm/area_shop.csv line 3: a quote stands inside a value; put the whole value in quotes, and write the quote as two quotes; the rest of the file was not read',
    ],
    [
      shops('1,S1,One\n2,S2,"Two\n3,S3,Three\n'),
      'm/area_shop.csv line 3: a quote opens and never closes; close it; the rest of the file was not read',
    ],
    [
      shops(`1,S1,"${'1,S,x\n'.repeat(20_000)}`),
      'm/area_shop.csv line 2: a row is longer than 65536 bytes; look for a quote that opens and never closes; the rest of the file was not read',
    ],
    [
      places('3c:8c:f8:00:00,1,2,,\n'),
      'm/place_info.csv line 2: user_device_mac "3c:8c:f8:00:00" is no MAC address; write the access point\'s, as 3c:8c:f8:00:00:1d',
    ],
    [
      places('3c:8c:f8:00:00:01,1,2,,\n3C8CF8000001,1,2,,\n'),
      'm/place_info.csv line 3: access point 3c:8c:f8:00:00:01 is already on line 2; give each access point one line',
    ],
    [
      places('3c:8c:f8:00:00:01,1.5,2,,\n'),
      'm/place_info.csv line 2: used_x "1.5" is no coordinate; write whole plan units from -1000000000 to 1000000000',
    ],
    [
      places('3c:8c:f8:00:00:01,1,1000000001,,\n'),
      'm/place_info.csv line 2: used_y "1000000001" is no coordinate; write whole plan units from -1000000000 to 1000000000',
    ],
    [
      places('3c:8c:f8:00:00:01,1,2,weak,\n'),
      'm/place_info.csv line 2: min_rssi "weak" is no signal strength; write whole dBm such as -80, or leave it empty',
    ],
    [
      places(`3c:8c:f8:00:00:01,1,2,,${'f'.repeat(33)}\n`),
      `m/place_info.csv line 2: floor "${'f'.repeat(33)}" is no name of a storey; write at most 32 characters, no control characters`,
    ],
    [
      customers('a4:c3:61,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no MAC address; write 12 hexadecimal digits',
    ],
    [
      customers('01:c3:61:00:00:12,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no address of a single device; take the line out',
    ],
    [
      customers('000000000000,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no address of a single device; take the line out',
    ],
    [
      customers('a4:c3:61:00:00:12,0,1705489200000,1706489200\n'),
      'm/shop_user_record.csv line 2: first_coming_time "1705489200000" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customers('a4:c3:61:00:00:12,0,1705489200,\n'),
      'm/shop_user_record.csv line 2: last_coming_time "" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customers('a4:c3:61:00:00:12,0,1705489200,4294967296\n'),
      'm/shop_user_record.csv line 2: last_coming_time "4294967296" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customers('a4:c3:61:00:00:12,0,8,7\n'),
      'm/shop_user_record.csv line 2: first_coming_time 8 is after last_coming_time 7; the first may not be later than the last',
    ],
  ])('%j', async (files, message) => {
    const error = await mistakes(files);
    expect(error.message.replace(/into \/.*\/m$/, 'into FOLDER')).toBe(message);
    expect(error.problems).toHaveLength(1);
  });

  test('a file that is no JSON', async () => {
    expect((await mistakes({ 'mall.json': '{"name":"M",}' })).message).toMatch(
      /^m\/mall\.json: is not JSON \(.+\)$/,
    );
  });

  test.each(['', 'my mall', 'x'.repeat(49), 'ä', '..'])('%j is no mall code', async (code) => {
    await expect(readMallDirectory(await writeMall(await emptyFolder()), code)).rejects.toMatchObject({
      problems: [
        {
          file: '',
          line: null,
          reason: expect.stringMatching(/is no mall code; name the folder by 1 to 48 of A-Z a-z 0-9 _ -$/),
        },
      ],
    });
  });

  test('a file that cannot be read may be read the next time', async () => {
    const folder = await writeMall(join(await emptyFolder(), 'm'), { 'area_shop.csv': null });
    await mkdir(join(folder, 'area_shop.csv'));
    await expect(readMallDirectory(folder, 'm')).rejects.toMatchObject({
      unreadable: true,
      message: expect.stringMatching(
        /^m\/area_shop\.csv: cannot be read \(EISDIR.*\); let footfall read it$/,
      ),
    });
  });

  (process.getuid?.() === 0 ? test.skip : test)('a file without permission cannot be read', async () => {
    const folder = await writeMall(join(await emptyFolder(), 'm'));
    await chmod(join(folder, 'area_shop.csv'), 0);
    await expect(readMallDirectory(folder, 'm')).rejects.toMatchObject({ unreadable: true });
  });
});

test('all mistakes of all files are told at once', async () => {
  const error = await mistakes({
    ...json({ name: '', timeZone: 'Mars', settings: { since: 1, gap: 2, latenessSeconds: 0.5 }, zone: 1 }),
    ...shops('1,S1,One\n2,S1\n3,,x\n4,S1,Two\n'),
    ...places('x,y,z,w,\n'),
    ...customers('x,0,2,1\n'),
  });
  expect(error.problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    ...Array(6).fill('mall.json:null'),
    ...[3, 4, 5].map((line) => `area_shop.csv:${line}`),
    ...Array(4).fill('place_info.csv:2'),
    'shop_user_record.csv:2',
  ]);
  expect(error.message.split('\n')).toHaveLength(error.problems.length);
});

test('beyond twenty mistakes, the rest are counted', async () => {
  const error = await mistakes(shops('1,,x\n'.repeat(50)));
  expect(error.problems).toHaveLength(20);
  expect(error.unshown).toBe(30);
  expect(error.message.split('\n').at(-1)).toBe('m: and 30 more mistakes');
});

test("a customer's address is in no message", async () => {
  const { message } = await mistakes(
    customers(
      'a4:c3:61:00:00:12,0,x,7\na4:c3:61:00:00:12,0,8,7\na4:c3:61:00:00:12,0\n01:c3:61:00:00:12,0,1,2\n',
    ),
  );
  expect(message.split('\n')).toHaveLength(4);
  expect(message).not.toMatch(/c3:61/);
});
