import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readMallDirectory } from '../../src/config/mall-directory.ts';
import { testOnlyWhere } from '../only-where.ts';
import {
  customerLines,
  emptyFolder,
  type Files,
  mallJson,
  mallSettings,
  mistakesOf,
  placeLines,
  shopLines,
  writeMall,
} from './mall-folder.ts';

describe('each mistake is told with file, line and what would be right', () => {
  const code65 = 'é'.repeat(33);
  const needed = 'the header must name shop_code,shop_name, but is';
  test.each<[Files, string]>([
    [{ 'mall.json': null }, 'm/mall.json: is missing; put it into FOLDER'],
    [{ 'area_shop.csv': null }, 'm/area_shop.csv: is missing; put it into FOLDER'],
    [{ 'place_info.csv': null }, 'm/place_info.csv: is missing; put it into FOLDER'],
    [mallJson([]), 'm/mall.json: must be one object: { "name", "timeZone", "settings" }'],
    [
      mallJson({ timeZone: 'UTC' }),
      'm/mall.json: name is missing; it must be a text, the name that people call the mall',
    ],
    [
      mallJson({ name: 7, timeZone: 'UTC' }),
      'm/mall.json: name is 7; it must be a text, the name that people call the mall',
    ],
    [
      mallJson({ name: ' ', timeZone: 'UTC' }),
      'm/mall.json: name is empty; write the name that people call the mall',
    ],
    [
      mallJson({ name: 'x'.repeat(201), timeZone: 'UTC' }),
      'm/mall.json: name is longer than 200 characters; shorten it',
    ],
    [
      mallJson({ name: 'M' }),
      'm/mall.json: timeZone is missing; it must be an IANA time zone such as "Asia/Shanghai"',
    ],
    [
      mallJson({ name: 'M', timeZone: 'Asia/Shangai' }),
      'm/mall.json: timeZone is "Asia/Shangai", which is no IANA time zone; did you mean "Asia/Shanghai"?',
    ],
    [
      mallJson({ name: 'M', timeZone: 'UTC', setting: {} }),
      'm/mall.json: setting is unknown; did you mean settings?',
    ],
    [mallSettings([]), 'm/mall.json: settings must be an object of settings'],
    [
      mallSettings({ visitGapSecond: 60 }),
      'm/mall.json: settings.visitGapSecond is unknown; did you mean visitGapSeconds?',
    ],
    [
      mallSettings({ visitGapSeconds: 9 }),
      'm/mall.json: settings.visitGapSeconds is 9; it must be a whole number from 10 to 7200',
    ],
    [
      mallSettings({ visitGapSeconds: 7201 }),
      'm/mall.json: settings.visitGapSeconds is 7201; it must be a whole number from 10 to 7200',
    ],
    [
      mallSettings({ visitGapSeconds: '600' }),
      'm/mall.json: settings.visitGapSeconds is "600"; it must be a whole number from 10 to 7200',
    ],
    [
      mallSettings({ futureSkewSeconds: -1 }),
      'm/mall.json: settings.futureSkewSeconds is -1; it must be a whole number from 0 to 3600',
    ],
    [
      mallSettings({ latenessSeconds: 3601 }),
      'm/mall.json: settings.latenessSeconds is 3601; it must be a whole number from 0 to 3600',
    ],
    [
      mallSettings({ settleDelaySeconds: 86401 }),
      'm/mall.json: settings.settleDelaySeconds is 86401; it must be a whole number from 0 to 86400',
    ],
    [
      mallSettings({ settleQuietSeconds: 0 }),
      'm/mall.json: settings.settleQuietSeconds is 0; it must be a whole number from 1 to 3600',
    ],
    [
      mallSettings({ densityCell: 0 }),
      'm/mall.json: settings.densityCell is 0; it must be a whole number from 1 to 1000000000',
    ],
    [
      mallSettings({ densityCell: 0.5 }),
      'm/mall.json: settings.densityCell is 0.5; it must be a whole number from 1 to 1000000000',
    ],
    [
      mallSettings({ since: null }),
      'm/mall.json: settings.since is null; it must be a date from 1970-01-01 on, such as "2010-01-01"',
    ],
    [
      mallSettings({ since: '2023-02-29' }),
      'm/mall.json: settings.since is "2023-02-29"; it must be a date from 1970-01-01 on, such as "2010-01-01"',
    ],
    [
      mallSettings({ since: '1969-12-31' }),
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
      shopLines('1,S1,One\n2,S1,Two\n'),
      'm/area_shop.csv line 3: shop_code "S1" is already on line 2; give each shop one line',
    ],
    [
      shopLines('1, ,One\n'),
      'm/area_shop.csv line 2: shop_code is empty; write the code that the records name',
    ],
    [
      shopLines('1,?overflow,One\n'),
      'm/area_shop.csv line 2: shop_code "?overflow" stands for the unknown shops of a flood; choose another',
    ],
    [
      shopLines(`1,${code65},One\n`),
      `m/area_shop.csv line 2: shop_code "${code65}" has 66 bytes; 64 are the most that a record may name`,
    ],
    [
      shopLines('1,S\u00011,One\n'),
      'm/area_shop.csv line 2: shop_code "S\\u00011" has a control character; take it out',
    ],
    [
      shopLines('1,S1,"One\nTwo"\n'),
      'm/area_shop.csv line 2: shop_name "One\\nTwo" has a control character; take it out',
    ],
    [
      shopLines('1,S1\n'),
      'm/area_shop.csv line 2: has 2 values, but the header names 3 columns; write a comma for each that is empty',
    ],
    [
      shopLines('1,S1,"One"\n2,S2,Shoes, bags\n'),
      'm/area_shop.csv line 3: has 4 values, but the header names 3 columns; put quotes around a value that has a comma in it',
    ],
    [
      shopLines('1,S1,"x" y\n1,S1,One\n'),
      'm/area_shop.csv line 2: a closing quote is followed by more text; write a quote inside a quoted value as two quotes; the rest of the file was not read',
    ],
    [
      shopLines('\n1,S1,x "y"\n'),
      'm/area_shop.csv line 3: a quote stands inside a value; put the whole value in quotes, and write the quote as two quotes; the rest of the file was not read',
    ],
    [
      shopLines('1,S1,One\n2,S2,"Two\n3,S3,Three\n'),
      'm/area_shop.csv line 3: a quote opens and never closes; close it; the rest of the file was not read',
    ],
    [
      shopLines(`1,S1,"${'1,S,x\n'.repeat(20_000)}`),
      'm/area_shop.csv line 2: a row is longer than 65536 bytes; look for a quote that opens and never closes; the rest of the file was not read',
    ],
    [
      placeLines('3c:8c:f8:00:00,1,2,,\n'),
      'm/place_info.csv line 2: user_device_mac "3c:8c:f8:00:00" is no MAC address; write the access point\'s, as 3c:8c:f8:00:00:1d',
    ],
    [
      placeLines('3c:8c:f8:00:00:01,1,2,,\n3C8CF8000001,1,2,,\n'),
      'm/place_info.csv line 3: access point 3c:8c:f8:00:00:01 is already on line 2; give each access point one line',
    ],
    [
      placeLines('3c:8c:f8:00:00:01,1.5,2,,\n'),
      'm/place_info.csv line 2: used_x "1.5" is no coordinate; write whole plan units from -1000000000 to 1000000000',
    ],
    [
      placeLines('3c:8c:f8:00:00:01,1,1000000001,,\n'),
      'm/place_info.csv line 2: used_y "1000000001" is no coordinate; write whole plan units from -1000000000 to 1000000000',
    ],
    [
      placeLines('3c:8c:f8:00:00:01,1,2,weak,\n'),
      'm/place_info.csv line 2: min_rssi "weak" is no signal strength; write whole dBm such as -80, or leave it empty',
    ],
    [
      placeLines(`3c:8c:f8:00:00:01,1,2,,${'f'.repeat(33)}\n`),
      `m/place_info.csv line 2: floor "${'f'.repeat(33)}" is no name of a storey; write at most 32 characters, no control characters`,
    ],
    [
      customerLines('a4:c3:61,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no MAC address; write 12 hexadecimal digits',
    ],
    [
      customerLines('01:c3:61:00:00:12,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no address of a single device; take the line out',
    ],
    [
      customerLines('000000000000,0,1,2\n'),
      'm/shop_user_record.csv line 2: user_device_mac is no address of a single device; take the line out',
    ],
    [
      customerLines('a4:c3:61:00:00:12,0,1705489200000,1706489200\n'),
      'm/shop_user_record.csv line 2: first_coming_time "1705489200000" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customerLines('a4:c3:61:00:00:12,0,1705489200,\n'),
      'm/shop_user_record.csv line 2: last_coming_time "" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customerLines('a4:c3:61:00:00:12,0,1705489200,4294967296\n'),
      'm/shop_user_record.csv line 2: last_coming_time "4294967296" is no time; write epoch seconds such as 1718362800 (not milliseconds, not a date)',
    ],
    [
      customerLines('a4:c3:61:00:00:12,0,8,7\n'),
      'm/shop_user_record.csv line 2: first_coming_time 8 is after last_coming_time 7; the first may not be later than the last',
    ],
  ])('%j', async (files, message) => {
    const error = await mistakesOf(files);
    expect(error.message.replace(/into \/.*\/m$/, 'into FOLDER')).toBe(message);
    expect(error.problems).toHaveLength(1);
  });

  test('a file that is no JSON', async () => {
    expect((await mistakesOf({ 'mall.json': '{"name":"M",}' })).message).toMatch(
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

  const testAsUser = testOnlyWhere(process.getuid?.() !== 0, 'a mall’s file without rights', 'this is root');
  testAsUser('a file without permission cannot be read', async () => {
    const folder = await writeMall(join(await emptyFolder(), 'm'));
    await chmod(join(folder, 'area_shop.csv'), 0);
    await expect(readMallDirectory(folder, 'm')).rejects.toMatchObject({ unreadable: true });
  });
});

test('all mistakes of all files are told at once', async () => {
  const error = await mistakesOf({
    ...mallJson({
      name: '',
      timeZone: 'Mars',
      settings: { since: 1, gap: 2, latenessSeconds: 0.5 },
      zone: 1,
    }),
    ...shopLines('1,S1,One\n2,S1\n3,,x\n4,S1,Two\n'),
    ...placeLines('x,y,z,w,\n'),
    ...customerLines('x,0,2,1\n'),
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
  const error = await mistakesOf(shopLines('1,,x\n'.repeat(50)));
  expect(error.problems).toHaveLength(20);
  expect(error.unshown).toBe(30);
  expect(error.message.split('\n').at(-1)).toBe('m: and 30 more mistakes');
});

test("a customer's address is in no message", async () => {
  const { message } = await mistakesOf(
    customerLines(
      'a4:c3:61:00:00:12,0,x,7\na4:c3:61:00:00:12,0,8,7\na4:c3:61:00:00:12,0\n01:c3:61:00:00:12,0,1,2\n',
    ),
  );
  expect(message.split('\n')).toHaveLength(4);
  expect(message).not.toMatch(/c3:61/);
});
