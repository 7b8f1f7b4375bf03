import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { writeMall } from '../config/mall-folder.ts';
import { until } from '../system/until.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const YESTERDAY_S = NOON_S - DAY_S;
const YESTERDAY = dateOf(YESTERDAY_S);

let running: RunningMalls;
afterEach(() => running.close());

const mallJson = (settings: object, timeZone = 'Asia/Tokyo') =>
  JSON.stringify({ name: 'M', timeZone, settings });
const customers = (...lines: string[]) =>
  ['user_device_mac,first_come_flag,first_coming_time,last_coming_time', ...lines, ''].join('\n');

/** Writes a file of a mall's directory, and lets the directories be looked at until it rests. */
async function change(file: string, content: string, mall = MALL): Promise<void> {
  await writeFile(join(running.folder, 'malls', mall, file), content);
  await look();
}

async function look(): Promise<void> {
  for (let looks = 0; looks < 2; looks++) await running.directories.check();
}

const shopNames = async (date: string) => {
  const rows = await shopFootfall(running.ask, { mall: MALL, from: date, to: date });
  return rows.filter(({ footfall }) => footfall > 0).map(({ shop }) => [shop.code, shop.name]);
};

const visitsOn = async (date: string) => {
  const rows = await shopFootfall(running.ask, { mall: MALL, from: date, to: date });
  return rows.map(({ visits }) => visits).reduce((sum, visits) => sum + visits, 0);
};

describe('a changed directory', () => {
  test('is taken up while records come: names at once, settled days too', async () => {
    running = await RunningMalls.open();
    await running.send(probe(1, NOON_S, 'S9'), probe(1, YESTERDAY_S, 'S1'));
    await running.malls.settle(MALL, {});
    await change('area_shop.csv', 'id,shop_code,shop_name\n1,S1,Uno\n9,S9,Nine\n');
    await until('the new names', () => running.mall.mall.shops.has('S9'));
    expect(await shopNames(TODAY)).toEqual([['S9', 'Nine']]);
    expect(await shopNames(YESTERDAY)).toEqual([['S1', 'Uno']]);
    expect(await running.send(probe(2, NOON_S, 'S9'))).toMatchObject({ kept: 1 });
    expect(await running.footfall(TODAY)).toMatchObject({ footfall: 2 });
  });

  test('with a mistake is not: the last good one stays in force, and other malls are not touched', async () => {
    running = await RunningMalls.open({ malls: { [MALL]: {}, other: {} } });
    await change('mall.json', mallJson({ visitGapSeconds: 5 }));
    await change('area_shop.csv', 'id,shop_code,shop_name\n1,S7,Seven\n', 'other');
    await until('the other mall', () => running.malls.find('other')!.mall.shops.has('S7'));
    expect(running.mall.mall.settings.visitGapSeconds).toBe(600);
    expect([...running.directories.problems().keys()]).toEqual([MALL]);
    expect(await running.send(probe(1, NOON_S))).toMatchObject({ kept: 1 });
    await change('mall.json', mallJson({ visitGapSeconds: 60 }));
    await until('the mended file', () => running.mall.mall.settings.visitGapSeconds === 60);
    expect(running.directories.problems().size).toBe(0);
  });

  test('in another time zone is refused', async () => {
    running = await RunningMalls.open();
    await change('mall.json', mallJson({}, 'Europe/Berlin'));
    expect(running.mall.mall.timeZone).toBe('Asia/Tokyo');
    expect(running.directories.problems().get(MALL)?.message).toMatch(/timeZone/);
  });

  test.each([
    ['futureSkewSeconds', { futureSkewSeconds: 0 }, { from_future: 1 }],
    ['since', { since: '2024-05-11' }, { too_old: 1 }],
  ])('judges records by its %s from now on', async (_, settings, dropped) => {
    running = await RunningMalls.open();
    const record = probe(1, NOON_S + 1);
    expect(await running.send(record)).toMatchObject({ kept: 1 });
    await change('mall.json', mallJson(settings));
    await until('the new settings', () => running.mall.mall.name === 'M');
    expect(await running.send(record)).toMatchObject({ kept: 0, dropped });
    expect(await running.footfall(TODAY)).toMatchObject({ footfall: 1 });
  });

  test('with another visit gap settles days again, and folds open ones again', async () => {
    running = await RunningMalls.open();
    for (const atS of [YESTERDAY_S, NOON_S - 7_200]) {
      await running.send(probe(1, atS), probe(1, atS + 300), probe(2, atS));
    }
    await running.malls.settle(MALL, {});
    await running.passS(120);
    expect([await visitsOn(YESTERDAY), await visitsOn(TODAY)]).toEqual([2, 2]);
    await change('mall.json', mallJson({ visitGapSeconds: 60 }));
    await until('the open day', async () => (await visitsOn(TODAY)) === 3);
    await running.passS(1);
    expect([await visitsOn(YESTERDAY), await visitsOn(TODAY)]).toEqual([3, 3]);
    expect(await running.footfall(YESTERDAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
  });

  test('with another visit gap leaves days whose raw records are gone as they are', async () => {
    running = await RunningMalls.open({ keepRawDays: 2 });
    await running.send(probe(1, YESTERDAY_S), probe(1, YESTERDAY_S + 300));
    await running.passS(2 * DAY_S);
    await running.passS(3_600);
    expect(await running.rawRecords(YESTERDAY)).toBe(0);
    await change('mall.json', mallJson({ visitGapSeconds: 60 }));
    await until('the new settings', () => running.mall.mall.name === 'M');
    await running.passS(1);
    expect(await visitsOn(YESTERDAY)).toBe(1);
  });

  test('that lists customers makes them no longer new, on settled days and on the open one', async () => {
    running = await RunningMalls.open();
    await running.send(probe(1, YESTERDAY_S), probe(2, YESTERDAY_S), probe(3, NOON_S));
    await running.malls.settle(MALL, {});
    const version = () =>
      running.mall.ledger.state(running.mall.calendar.dayOf(YESTERDAY_S)).settlement!.version;
    expect(version()).toBe(1);
    const listed = ['a4:c3:61:00:00:01,1,1600000000,1600000000', 'a4:c3:61:00:00:03,1,1600000000,1600000000'];
    await change('shop_user_record.csv', customers(...listed));
    await until('the correction', () => version() === 2);
    const corrected = [
      { footfall: 2, newCustomers: 1, settled: true },
      { footfall: 1, newCustomers: 0, settled: false },
    ];
    expect([await running.footfall(YESTERDAY), await running.footfall(TODAY)]).toEqual(corrected);
    await change('shop_user_record.csv', customers(listed[1]!));
    running = await running.reopen();
    expect([await running.footfall(YESTERDAY), await running.footfall(TODAY)]).toEqual(corrected);
  });
});

describe('a directory that changes', () => {
  test('while malls are being opened is taken up', async () => {
    running = await RunningMalls.open({
      whileOpening: async ({ folder, steered, directories }) => {
        await steered.hold('openMall');
        const renamed = JSON.stringify({ name: 'Renamed', timeZone: 'Asia/Tokyo' });
        await writeFile(join(folder, 'malls', MALL, 'mall.json'), renamed);
        for (let looks = 0; looks < 2; looks++) await directories.check();
        steered.goOn('openMall');
      },
    });
    await until('the new name', () => running.mall.mall.name === 'Renamed');
  });

  test('and could not be taken up wholly is so later, by itself', async () => {
    running = await RunningMalls.open();
    await running.send(probe(1, NOON_S), probe(1, NOON_S + 30));
    running.steered.refuse('mergeCustomers', new StoreUnavailable('merge', new Error('disk full')));
    await change('shop_user_record.csv', customers('a4:c3:61:00:00:01,1,1600000000,1600000000'));
    await until('the failure', () => running.logged.length > 0);
    running.steered.goOn('mergeCustomers');
    await running.passS(1);
    const kept = await running.store.customers(MALL, [running.mall.pseudonym(0xa4_c3_61_00_00_01)]);
    expect(kept).toMatchObject([{ imported: true }]);
  });
});

describe('a mall', () => {
  test('whose directory comes while others run is served from then on', async () => {
    running = await RunningMalls.open();
    await writeMall(join(running.folder, 'malls', 'later'));
    await look();
    await until('the new mall', () => running.malls.find('later'));
    expect(running.malls.codes()).toEqual(['later', MALL]);
    expect(await running.malls.receive('later', Buffer.from(probe(1, NOON_S)), NOON_S)).toMatchObject({
      kept: 1,
    });
    expect(await running.footfall(TODAY)).toMatchObject({ footfall: 0 });
  });

  test('that was described a moment ago takes an import at once', async () => {
    running = await RunningMalls.open();
    await writeMall(join(running.folder, 'malls', 'fresh'));
    const files = (async function* () {
      yield { name: 'file', bytes: Readable.from([Buffer.from(probe(1, NOON_S))]) };
    })();
    const result = await running.malls.importFiles('fresh', files, () => undefined);
    expect(result).toMatchObject({ kept: 1 });
    await expect(running.malls.settle('stale', {})).rejects.toMatchObject({ code: 'UNKNOWN_MALL' });
  });

  test('whose secret is not the one of its customers is not served, and others are not touched', async () => {
    running = await RunningMalls.open();
    await writeFile(join(running.folder, 'secrets', 'later'), 'not a secret', { mode: 0o600 });
    await writeMall(join(running.folder, 'malls', 'later'));
    await look();
    await until('the refusal', () => running.logged.length > 0);
    expect(running.logged[0]).toMatch(/^could not take up the directory of a mall: .*later/);
    expect(running.malls.codes()).toEqual([MALL]);
    const failures = await running.registry.getSingleMetric('footfall_failures_total')!.get();
    expect(failures.values).toMatchObject([{ labels: { mall: 'later', action: 'directory' }, value: 1 }]);
    expect(await running.send(probe(1, NOON_S))).toMatchObject({ kept: 1 });
  });

  test('has days of its own: the same device in two malls is two customers of two answers', async () => {
    running = await RunningMalls.open({ malls: { [MALL]: {}, other: {} } });
    await running.send(probe(1, NOON_S));
    await running.malls.receive('other', Buffer.from(probe(1, NOON_S)), NOON_S);
    await running.malls.settle('other', {});
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: false });
    expect(
      running.malls.find('other')!.live.openDay(running.mall.calendar.dayOf(NOON_S))!.totals(),
    ).toMatchObject({
      footfall: 1,
      newCustomers: 1,
    });
  });
});
