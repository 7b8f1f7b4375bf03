import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDay } from '../../src/calendar.ts';
import { shopFootfall } from '../../src/query/shop-footfall.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DAY_S, dateOf, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const TODAY = dateOf(NOON_S);
const gone = new StoreUnavailable('replace a day', new Error('disk full'));

let running: RunningMalls;
beforeEach(async () => {
  running = await RunningMalls.open();
});
afterEach(() => running.close());

const stateOf = (date: string) => running.mall.ledger.state(parseDay(date)!);

describe('a day whose settlement fails', () => {
  test('stays as it was, is tried again, and then counts everything', async () => {
    await running.send(probe(1, NOON_S), probe(2, NOON_S - DAY_S));
    running.steered.refuse('replaceDay', gone);
    await running.passS(DAY_S);
    const failed = 'could not settle a day; it is tried again';
    expect(running.logged).toEqual([failed, failed]);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: false });
    running.steered.goOn('replaceDay');
    await running.passS(1);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: true });
    running = await running.reopen();
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: true });
    expect(await running.footfall(dateOf(NOON_S - DAY_S))).toMatchObject({ newCustomers: 1, settled: true });
  });

  test('fails the command that asked for it, and no other day', async () => {
    await running.send(probe(1, NOON_S - DAY_S), probe(1, NOON_S - 2 * DAY_S));
    running.steered.refuse('replaceDay', gone);
    await expect(running.malls.settle(MALL, {})).rejects.toBe(gone);
    running.steered.goOn('replaceDay');
    expect(await running.malls.settle(MALL, {})).toEqual([
      { date: dateOf(NOON_S - 2 * DAY_S), state: 'settled' },
      { date: dateOf(NOON_S - DAY_S), state: 'settled' },
    ]);
  });

  test('keeps the answers of its last settlement when late records were to be added', async () => {
    await running.send(probe(1, NOON_S));
    await running.passS(DAY_S);
    await running.send(probe(2, NOON_S));
    running.steered.refuse('replaceDay', gone);
    await running.passS(600);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: false });
    running.steered.goOn('replaceDay');
    await running.passS(1);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
  });
});

test('new customers never run ahead of footfall while an open day settles', async () => {
  const yesterdayS = NOON_S - DAY_S;
  await running.send(probe(1, yesterdayS));
  const replacing = running.steered.hold('replaceDay');
  const file = [1, 2, 3, 4].map((device) => probe(device, yesterdayS)).join('\n');
  const importing = running.import({ file: Buffer.from(file) });
  await replacing;
  expect(await running.footfall(dateOf(yesterdayS))).toEqual({
    footfall: 1,
    newCustomers: 1,
    settled: false,
  });
  running.steered.goOn('replaceDay');
  await importing;
  expect(await running.footfall(dateOf(yesterdayS))).toEqual({ footfall: 4, newCustomers: 4, settled: true });
});

describe('a record that comes while its day is being settled', () => {
  test('is neither lost nor counted twice: the day waits again, and counts it next', async () => {
    await running.send(probe(1, NOON_S));
    const replacing = running.steered.hold('replaceDay');
    const passed = running.passS(DAY_S);
    await replacing;
    await running.send(probe(2, NOON_S));
    running.steered.goOn('replaceDay');
    await passed;
    expect(await running.footfall(TODAY)).toEqual({ footfall: 1, newCustomers: 1, settled: false });
    expect(stateOf(TODAY).settlement).toMatchObject({ version: 1, lateSettlements: 0 });
    await running.passS(30);
    expect(await running.footfall(TODAY)).toEqual({ footfall: 2, newCustomers: 2, settled: true });
    expect(stateOf(TODAY).settlement).toMatchObject({ version: 2, lateSettlements: 1 });
  });

  test('is not waited for by its sender', async () => {
    await running.send(probe(1, NOON_S));
    const replacing = running.steered.hold('replaceDay');
    const passed = running.passS(DAY_S);
    await replacing;
    expect(await running.send(probe(2, NOON_S))).toMatchObject({ kept: 1 });
    running.steered.goOn('replaceDay');
    await passed;
  });
});

test('a day of more devices than are folded at once is whole: totals, shops and rows', async () => {
  const devices = 70_000;
  const lines = Array.from({ length: devices }, (_, i) =>
    probe(i, NOON_S - DAY_S - (i % 7), i % 2 ? 'S1' : 'S2'),
  );
  await running.import({ file: Buffer.from(lines.join('\n')) });
  const date = dateOf(NOON_S - DAY_S);
  expect(await running.footfall(date)).toEqual({ footfall: devices, newCustomers: devices, settled: true });
  const shops = await shopFootfall(running.ask, { mall: MALL, from: date, to: date });
  expect(shops.map(({ footfall, visits }) => [footfall, visits])).toEqual([
    [devices / 2, devices / 2],
    [devices / 2, devices / 2],
  ]);
  const page = { afterDevice: 0, devicesMax: devices + 1, visitsMin: 1 };
  const rows = await running.store.shopDays(MALL, parseDay(date)!, page);
  expect(rows.length).toBe(devices);
  expect(
    [...rows.device.subarray(0, devices)].every((device, i, all) => i === 0 || device > all[i - 1]!),
  ).toBe(true);
});

describe('asked to settle', () => {
  const days = [3, 2, 1].map((back) => dateOf(NOON_S - back * DAY_S));
  beforeEach(async () => {
    await running.send(...[3, 2, 1, 0].map((back) => probe(1, NOON_S - back * DAY_S)));
  });

  test('without a range, every day that waits settles, and today goes on live', async () => {
    expect(await running.malls.settle(MALL, {})).toEqual([
      ...days.map((date) => ({ date, state: 'settled' })),
      { date: TODAY, state: 'open' },
    ]);
    expect(await running.malls.settle(MALL, {})).toEqual([{ date: TODAY, state: 'open' }]);
    await running.send(probe(2, NOON_S));
    expect(await running.footfall(TODAY)).toMatchObject({ footfall: 2, settled: false });
  });

  test.each([
    ['both ends', { from: days[1]!, to: days[2]! }, [days[1], days[2]]],
    ['only a beginning', { from: days[2]! }, [days[2], TODAY]],
    ['only an end', { to: days[0]! }, [days[0]]],
    ['no record in it', { from: '2023-01-01', to: '2023-12-31' }, []],
  ])(
    'with a range of %s, its days with records settle, even those that do not wait',
    async (_, range, dates) => {
      for (let time = 0; time < 2; time++) {
        const settled = await running.malls.settle(MALL, range);
        expect(settled.map(({ date }) => date)).toEqual(dates);
      }
    },
  );

  test.each([
    [
      { from: '2024-02-30' },
      'BAD_DATE',
      '"2024-02-30" is not a date; write a day from 1970 to 2105 that exists, as 2024-06-14',
    ],
    [
      { to: 'today' },
      'BAD_DATE',
      '"today" is not a date; write a day from 1970 to 2105 that exists, as 2024-06-14',
    ],
    [{ from: '2024-05-02', to: '2024-05-01' }, 'BAD_DATE', '--from 2024-05-02 is after --to 2024-05-01'],
  ])('for %j, it is refused', async (range, code, message) => {
    await expect(running.malls.settle(MALL, range)).rejects.toMatchObject({ code, message });
  });
});
