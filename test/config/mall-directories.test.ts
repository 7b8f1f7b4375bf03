import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type MallDirectories, openMallDirectories } from '../../src/config/mall-directories.ts';
import { emptyFolder, type Files, writeMall } from './mall-folder.ts';

const opened: MallDirectories[] = [];
afterEach(() => {
  for (const directories of opened.splice(0)) directories.close();
});

const shops = (...codes: string[]) =>
  `shop_code,shop_name\n${codes.map((code) => `${code},${code}\n`).join('')}`;

/** Malls in a new folder, opened, with everything they tell. The poll is left to the one test of it. */
async function watch(
  malls: { [code: string]: Files },
  { pollMs = 3_600_000, folders = [] as string[], timeZones = new Map<string, string>() } = {},
) {
  const folder = await emptyFolder();
  for (const [code, files] of Object.entries(malls)) await writeMall(join(folder, code), files);
  const told: string[] = [];
  const directories = await openMallDirectories({
    folders: [folder, ...folders],
    timeZones,
    pollMs,
    onProblem: (code, { message }) => told.push(`${code}! ${message.replaceAll(folder, 'F')}`),
  });
  opened.push(directories);
  directories.onChange((code, mall) => told.push(`${code}: ${[...mall.shops.keys()].join(' ')}`));
  const looks = async (count: number) => {
    for (let look = 0; look < count; look++) await directories.check();
    return told.splice(0);
  };
  const write = (code: string, file: string, text: string) => writeFile(join(folder, code, file), text);
  return { folder, directories, told, looks, write };
}

function codesOf(directories: MallDirectories): string[] {
  return [...directories.current().keys()];
}

describe('the first look', () => {
  test('reads every mall, ordered by code, and tells what is wrong', async () => {
    const { directories, told } = await watch({ b: {}, a: {}, c: { 'area_shop.csv': null } });
    expect(codesOf(directories)).toEqual(['a', 'b']);
    expect([...directories.problems().keys()]).toEqual(['c']);
    expect(told).toEqual(['c! c/area_shop.csv: is missing; put it into F/c']);
    expect(directories.missingFolders()).toEqual([]);
  });

  test('a folder that does not exist is empty, and named', async () => {
    const missing = join(await emptyFolder(), 'malls');
    const directories = await openMallDirectories({ folders: [missing], pollMs: 3_600_000 });
    opened.push(directories);
    expect(codesOf(directories)).toEqual([]);
    expect(directories.problems().size).toBe(0);
    expect(directories.missingFolders()).toEqual([missing]);
    await writeMall(join(missing, 'm'));
    await directories.check();
    await directories.check();
    expect(codesOf(directories)).toEqual(['m']);
    expect(directories.missingFolders()).toEqual([]);
  });

  test('a folder that cannot be read is a problem under its path', async () => {
    const file = join(await emptyFolder(), 'malls');
    await writeFile(file, '');
    const { directories } = await watch({ m: {} }, { folders: [file] });
    expect(codesOf(directories)).toEqual(['m']);
    expect(directories.problems().get(file)?.message).toMatch(
      /\/malls: cannot be read \(ENOTDIR.*\); its malls stay as they are$/,
    );
  });

  test('files and folders with a dot are no malls, a link to a folder is one, a bad name is a problem', async () => {
    const elsewhere = await writeMall(join(await emptyFolder(), 'x'));
    const { directories, folder, looks } = await watch({ '.git': {}, 'my mall': {} });
    await writeFile(join(folder, 'README.md'), 'malls');
    await symlink(elsewhere, join(folder, 'linked'));
    await symlink(join(elsewhere, 'nowhere'), join(folder, 'dangling'));
    expect(await looks(2)).toEqual([
      'my mall! my mall: "my mall" is no mall code; name the folder by 1 to 48 of A-Z a-z 0-9 _ -',
      'linked: S1 S2',
    ]);
    expect(codesOf(directories)).toEqual(['linked']);
  });

  test('one folder named twice is one folder', async () => {
    const folder = await emptyFolder();
    await writeMall(join(folder, 'm'));
    const directories = await openMallDirectories({ folders: [folder, `${folder}/`], pollMs: 3_600_000 });
    opened.push(directories);
    expect(directories.problems().size).toBe(0);
  });
});

describe('a change', () => {
  test('is taken up by the second look that finds it the same', async () => {
    const { directories, looks, write } = await watch({ m: {}, other: {} });
    const other = directories.current().get('other');
    expect(await looks(2)).toEqual([]);
    await write('m', 'area_shop.csv', shops('S1', 'S2', 'S3'));
    expect(await looks(1)).toEqual([]);
    expect(await looks(1)).toEqual(['m: S1 S2 S3']);
    expect(await looks(2)).toEqual([]);
    expect(directories.current().get('other')).toBe(other);
  });

  test.each(['mall.json', 'area_shop.csv', 'place_info.csv', 'shop_user_record.csv'])(
    'of %s is seen',
    async (file) => {
      const { directories, looks, write } = await watch({ m: {} });
      await write('m', file, 'not what it should be');
      await looks(2);
      expect(directories.problems().get('m')?.problems).toMatchObject([{ file }]);
    },
  );

  test('that is still being written is not taken', async () => {
    const { directories, looks, folder, write } = await watch({ m: {} });
    await write('m', 'area_shop.csv', shops('S1'));
    expect(await looks(1)).toEqual([]);
    await appendFile(join(folder, 'm', 'area_shop.csv'), 'S2,');
    expect(await looks(1)).toEqual([]);
    await appendFile(join(folder, 'm', 'area_shop.csv'), 'Two\nS3,Three\n');
    expect(await looks(1)).toEqual([]);
    expect([...directories.current().get('m')!.shops.keys()]).toEqual(['S1', 'S2']);
    expect(await looks(1)).toEqual(['m: S1 S2 S3']);
  });

  test('that goes on while it is read is not taken', async () => {
    const folder = await emptyFolder();
    const customer = 'a4:c3:61:00:00:12,5,7\n';
    await writeMall(join(folder, 'm'), {
      'shop_user_record.csv': `user_device_mac,first_coming_time,last_coming_time\n${customer.repeat(20_000)}`,
    });
    let isOpen = false;
    const opening = openMallDirectories({ folders: [folder], pollMs: 3_600_000 }).finally(() => {
      isOpen = true;
    });
    while (!isOpen) {
      await appendFile(join(folder, 'm', 'area_shop.csv'), '\n');
      await turn();
    }
    const directories = await opening;
    opened.push(directories);
    expect(codesOf(directories)).toEqual([]);
    expect(directories.problems().get('m')?.message).toBe('m: is being written; it is read once it rests');
    await directories.check();
    await directories.check();
    expect(codesOf(directories)).toEqual(['m']);
    expect(directories.problems().size).toBe(0);
  });

  test('with a mistake is told once, and the last good one stays in force', async () => {
    const { directories, looks, write } = await watch({ m: {} });
    const good = directories.current().get('m');
    await write('m', 'area_shop.csv', shops('S1', 'S1'));
    const mistake = 'm! m/area_shop.csv line 3: shop_code "S1" is already on line 2; give each shop one line';
    expect(await looks(4)).toEqual([mistake]);
    expect(directories.current().get('m')).toBe(good);
    await write('m', 'area_shop.csv', shops('S1', 'S10'));
    expect(await looks(2)).toEqual(['m: S1 S10']);
    expect(directories.problems().size).toBe(0);
    await write('m', 'area_shop.csv', shops('S1', 'S1'));
    expect(await looks(2)).toEqual([mistake]);
  });

  test('of the time zone is refused', async () => {
    const { directories, looks, write } = await watch({ m: {} });
    await write('m', 'mall.json', '{"name":"Renamed","timeZone":"Europe/Berlin"}');
    expect(await looks(2)).toEqual([
      'm! m/mall.json: timeZone was "Asia/Tokyo" and is now "Europe/Berlin"; change it back, or describe the mall under a new code',
    ]);
    expect(directories.current().get('m')).toMatchObject({ name: 'Test mall', timeZone: 'Asia/Tokyo' });
    await write('m', 'mall.json', '{"name":"Renamed mall","timeZone":"Asia/Tokyo"}');
    await looks(2);
    expect(directories.current().get('m')?.name).toBe('Renamed mall');
  });

  test('of the time zone is refused over a restart, too', async () => {
    const timeZones = new Map([['m', 'Europe/Berlin']]);
    const { directories, looks, write, told } = await watch({ m: {}, n: {} }, { timeZones });
    expect(told).toEqual([
      'm! m/mall.json: timeZone was "Europe/Berlin" and is now "Asia/Tokyo"; change it back, or describe the mall under a new code',
    ]);
    expect([...directories.current().keys()]).toEqual(['n']);
    await write('m', 'mall.json', '{"name":"Test mall","timeZone":"Europe/Berlin"}');
    await looks(2);
    expect(directories.current().get('m')?.timeZone).toBe('Europe/Berlin');
  });

  test('is told to no listener that has left', async () => {
    const { directories, looks, write } = await watch({ m: {} });
    const heard: string[] = [];
    directories.onChange((code) => heard.push(code))();
    await write('m', 'area_shop.csv', shops('S3'));
    expect(await looks(2)).toEqual(['m: S3']);
    expect(heard).toEqual([]);
  });

  test('is found by the poll, and by none after closing', async () => {
    const { directories, told, looks, write } = await watch({ m: {} }, { pollMs: 1 });
    const changed = new Promise<string>((resolve) => directories.onChange(resolve));
    await write('m', 'area_shop.csv', shops('S3'));
    expect(await changed).toBe('m');
    expect(told.splice(0)).toEqual(['m: S3']);
    directories.close();
    await write('m', 'area_shop.csv', shops('S3', 'S4'));
    expect(await looks(3)).toEqual([]);
  });
});

describe('a mall folder', () => {
  test('that is new appears', async () => {
    const { directories, folder, looks } = await watch({ m: {} });
    await writeMall(join(folder, 'n'), { 'area_shop.csv': shops('N1') });
    expect(await looks(2)).toEqual(['n: N1']);
    expect(codesOf(directories)).toEqual(['m', 'n']);
  });

  test('that is removed stays in force and is a problem, until it is back', async () => {
    const { directories, folder, looks } = await watch({ m: {} });
    await rename(join(folder, 'm'), join(folder, '.away'));
    expect(await looks(3)).toEqual([
      'm! m: F/m is gone; the mall stays as it was until the next start, put the folder back',
    ]);
    expect(codesOf(directories)).toEqual(['m']);
    await rename(join(folder, '.away'), join(folder, 'm'));
    expect(await looks(2)).toEqual([]);
    expect(directories.problems().size).toBe(0);
  });

  test('that is replaced between two looks is never missed', async () => {
    const { folder, looks } = await watch({ m: {} });
    await rm(join(folder, 'm'), { recursive: true });
    expect(await looks(1)).toEqual([]);
    await writeMall(join(folder, 'm'), { 'area_shop.csv': shops('S9') });
    expect(await looks(2)).toEqual(['m: S9']);
  });

  test('that never was in force is forgotten when it is removed', async () => {
    const { directories, folder, looks } = await watch({ m: { 'mall.json': '{' } });
    expect(directories.problems().size).toBe(1);
    await rm(join(folder, 'm'), { recursive: true });
    await looks(2);
    expect(directories.problems().size).toBe(0);
  });

  test('stays when the folder around it cannot be read', async () => {
    const { directories, folder, looks } = await watch({ m: {} });
    await rename(folder, `${folder}-away`);
    await writeFile(folder, '');
    expect(await looks(3)).toEqual([expect.stringMatching(/^\S+! F: cannot be read .* stay as they are$/)]);
    expect(codesOf(directories)).toEqual(['m']);
    expect([...directories.problems().keys()]).toEqual([folder]);
    await rm(folder);
    await rename(`${folder}-away`, folder);
    expect(await looks(2)).toEqual([]);
    expect(directories.problems().size).toBe(0);
  });

  test('with the code of another is ignored, and a problem, as long as the other is there', async () => {
    const second = await emptyFolder();
    await writeMall(join(second, 'm'), { 'area_shop.csv': shops('Z') });
    const { directories, folder, told, looks, write } = await watch({ m: {} }, { folders: [second] });
    const ignored = `m! m: ${second}/m is ignored, because the mall is read from F/m; remove one of the two`;
    expect(told.splice(0)).toEqual([ignored]);
    await write('m', 'area_shop.csv', shops('S1', 'S1'));
    expect(await looks(2)).toEqual([
      `m! m/area_shop.csv line 3: shop_code "S1" is already on line 2; give each shop one line\n${ignored.slice(3)}`,
    ]);
    await rm(join(folder, 'm'), { recursive: true });
    expect(await looks(2)).toEqual(['m: Z']);
    expect(directories.problems().size).toBe(0);
    await mkdir(join(folder, 'm'));
    await looks(2);
    expect([...directories.current().get('m')!.shops.keys()]).toEqual(['Z']);
    expect(directories.problems().get('m')?.message).toBe(
      `m: ${folder}/m is ignored, because the mall is read from ${second}/m; remove one of the two`,
    );
  });
});
