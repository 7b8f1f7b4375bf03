import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Codebook } from '../../src/codebook.ts';
import { describeClosing } from './closing.contract.ts';
import { describeDeadLetters } from './dead-letters.contract.ts';
import {
  arrivalOf,
  changesOf,
  columnsOf,
  commitOf,
  customerRows,
  DAY,
  DEVICES,
  ingestDayOf,
  LONG_DAY,
  noonOf,
  type Record,
  recordsOf,
  replacementOf,
} from './examples.ts';
import { describeModel } from './model.contract.ts';
import type { OpenedStore, OpenLetters, OpenStore } from './opened-store.ts';
import { describeQuestions } from './questions.contract.ts';

const MALL = 'nanjing-west_01';
const NOTHING = { raw: null, customers: null };
const EVER = { from: 0, to: 40_000 };

/** Every promise of `src/store/store.ts`, asked of one adapter through the port alone. */
export function describeStore(
  name: string,
  open: OpenStore,
  keeps: { deadLetters: boolean } = { deadLetters: true },
): void {
  describe(`${name}: what is committed`, () => describeCommits(open));
  describe(`${name}: replacing a day`, () => describeReplacements(open));
  describe(`${name}: closing`, () => describeClosing(open));
  describe(`${name}: questions`, () => describeQuestions(open));
  if (keeps.deadLetters) describe(`${name}: dead letters`, () => describeDeadLetters(open as OpenLetters));
  describe(`${name}: whatever the order of calls`, () => describeModel(open));
}

function describeCommits(open: OpenStore): void {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.dispose());

  const records: Record[] = [
    [DAY, DEVICES[2], (DAY + 1) * 86_400 - 1, 2, 1, -128],
    [DAY, DEVICES[0], DAY * 86_400, 0, 0, 0],
    [DAY + 1, DEVICES[1], (DAY + 1) * 86_400, 1, 2, -127],
  ];

  function namedCodebook(codebook: Codebook): Codebook {
    for (const code of ['S0012', '咖啡 ☕', 'ÄÖÜ-7']) codebook.shop(code);
    for (const mac of [0x3c_8c_f8_00_00_1d, 2 ** 48 - 1]) codebook.accessPoint(mac);
    return codebook;
  }

  test('a mall never seen has nothing', async () => {
    const kept = await opened.store.openMall(MALL);
    expect([kept.codebook.shopCount, kept.codebook.accessPointCount]).toEqual([0, 0]);
    expect({ ...kept, codebook: undefined }).toEqual({
      codebook: undefined,
      epoch: 0,
      commit: 0,
      checkpoints: new Map(),
      arrivals: [],
      settlements: [],
      identity: null,
      expired: NOTHING,
    });
    expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toEqual([]);
  });

  test('a commit can be read once it resolves, and after the store is opened again', async () => {
    const codebook = namedCodebook((await opened.store.openMall(MALL)).codebook);
    const minutes = Uint8Array.from({ length: 210 }, (_, i) => (i * 37) & 255);
    const ingestDays = [
      ingestDayOf(DAY, {
        kept: 2,
        dropped: { malformed: 3, from_future: 1 },
        minutes,
        lastRecordS: noonOf(DAY),
      }),
      ingestDayOf(DAY + 1, { dropped: { unknown_mall: 9 } }),
    ];
    await opened.store.commit(commitOf(MALL, 7, codebook, records, { ingestDays }));
    for (let i = 0; i < 2; i++) {
      expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toEqual([records[1], records[0]]);
      expect(await recordsOf(opened.store.rawOfDay(MALL, DAY + 1))).toEqual([records[2]]);
      expect(await opened.store.ingestDays(MALL, EVER)).toEqual(ingestDays);
      opened = await opened.reopen();
      const kept = await opened.store.openMall(MALL);
      expect(kept.commit).toBe(7);
      expect(kept.checkpoints).toEqual(new Map([['http', 'position 7']]));
      expect(kept.arrivals).toEqual([arrivalOf(DAY, 7), arrivalOf(DAY + 1, 7)]);
      expect([1, 2, 3].map((shop) => kept.codebook.shopCode(shop))).toEqual(['S0012', '咖啡 ☕', 'ÄÖÜ-7']);
      expect([1, 2].map((ap) => kept.codebook.accessPointMac(ap))).toEqual([0x3c8cf800001d, 2 ** 48 - 1]);
    }
  });

  test('numbers given later are kept with the commit that first uses them', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    for (let number = 1; number <= 4; number++) {
      codebook.shop(`shop ${number}`);
      codebook.accessPoint(number * 2 ** 40);
      await opened.store.commit(commitOf(MALL, number, codebook, []));
    }
    opened = await opened.reopen();
    const kept = (await opened.store.openMall(MALL)).codebook;
    expect(kept.shopCount).toBe(4);
    expect(kept.findShop('shop 3')).toBe(3);
    expect(kept.findAccessPoint(4 * 2 ** 40)).toBe(4);
  });

  test('committing a number that is kept already changes nothing', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    await opened.store.commit(commitOf(MALL, 5, codebook, records));
    const other: Record[] = [[DAY, 9, noonOf(DAY), 0, 0, -1]];
    const again = commitOf(MALL, 5, codebook, other, { checkpoints: new Map([['file', 'x']]) });
    await opened.store.commit(again);
    opened = await opened.reopen();
    expect((await opened.store.openMall(MALL)).checkpoints).toEqual(new Map([['http', 'position 5']]));
    await opened.store.commit(again);
    await opened.store.commit({ ...again, number: 4 });
    expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toEqual([records[1], records[0]]);
  });

  test('counters and arrivals of a day are those of its newest commit, other days keep theirs', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    for (let number = 1; number <= 3; number++) {
      const ingestDays = [ingestDayOf(DAY, { kept: number * 10, dropped: { bad_time: number } })];
      const days: Record[] = number === 1 ? records : records.slice(0, 2);
      await opened.store.commit(commitOf(MALL, number, codebook, days, { ingestDays }));
    }
    expect(await opened.store.ingestDays(MALL, { from: DAY, to: DAY })).toEqual([
      ingestDayOf(DAY, { kept: 30, dropped: { bad_time: 3 } }),
    ]);
    expect(await opened.store.dayStates(MALL, EVER)).toEqual([
      { day: DAY, arrival: arrivalOf(DAY, 3), settlement: null },
      { day: DAY + 1, arrival: arrivalOf(DAY + 1, 1), settlement: null },
    ]);
  });

  test('source positions are kept by source name', async () => {
    const { codebook } = await opened.store.openMall(MALL);
    const checkpoints = new Map([
      ['nats', '{"stream":"PROBES","seq":18446744073709551615}'],
      ['http', ''],
    ]);
    await opened.store.commit(commitOf(MALL, 1, codebook, [], { checkpoints }));
    await opened.store.commit(commitOf(MALL, 2, codebook, [], { checkpoints: new Map([['http', '2']]) }));
    opened = await opened.reopen();
    expect((await opened.store.openMall(MALL)).checkpoints).toEqual(new Map([...checkpoints, ['http', '2']]));
  });

  test('malls that commit at the same time keep their own', async () => {
    const malls = ['a', 'A', 'mall_2', 'x'.repeat(48)];
    const books = new Map<string, Codebook>();
    for (const mall of malls) books.set(mall, (await opened.store.openMall(mall)).codebook);
    const recordsOfMall = (mall: string): Record[] => [[DAY, malls.indexOf(mall) + 1, noonOf(DAY), 1, 0, -1]];
    for (const mall of malls) books.get(mall)!.shop(`shop of ${mall}`);
    await Promise.all(
      malls.map((mall) => opened.store.commit(commitOf(mall, 1, books.get(mall)!, recordsOfMall(mall)))),
    );
    opened = await opened.reopen();
    for (const mall of malls) {
      expect((await opened.store.openMall(mall)).codebook.shopCode(1)).toBe(`shop of ${mall}`);
      expect(await recordsOf(opened.store.rawOfDay(mall, DAY))).toEqual(recordsOfMall(mall));
    }
  });

  test('malls that are new to data written before have their own', async () => {
    const record: Record = [DAY, 1, noonOf(DAY), 0, 0, -1];
    const { codebook } = await opened.store.openMall('old');
    await opened.store.commit(commitOf('old', 1, codebook, [record]));
    opened = await opened.reopen();
    for (const mall of ['new', 'newer', 'newest']) {
      const kept = await opened.store.openMall(mall);
      expect([kept.commit, kept.arrivals]).toEqual([0, []]);
      expect(await recordsOf(opened.store.rawOfDay(mall, DAY))).toEqual([]);
      await opened.store.commit(commitOf(mall, 1, kept.codebook, [record]));
    }
  });

  test.each([1, 2_047, 2_048, 2_049, 40_000])('a commit of %d records comes back whole', async (length) => {
    const { codebook } = await opened.store.openMall(MALL);
    const many = Array.from({ length }, (_, i): Record => {
      return [DAY, 1 + ((i * 7_919) % length), DAY * 86_400 + (i % 86_400), i % 7, i % 5, (i % 129) - 128];
    });
    await opened.store.commit(commitOf(MALL, 1, codebook, many));
    const expected = [...many].sort((a, b) => a[1] - b[1] || a[2] - b[2]);
    expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toEqual(expected);
  });

  test('only the first `length` rows of longer columns count', async () => {
    const codebook = namedCodebook((await opened.store.openMall(MALL)).codebook);
    const sightings = columnsOf(records);
    sightings.length = 1;
    await opened.store.commit(commitOf(MALL, 1, codebook, [], { sightings }));
    expect(await recordsOf(opened.store.rawBetween(MALL, { fromS: 0, untilS: 2 ** 32 }))).toEqual([
      records[0],
    ]);
  });

  test('the identity of a mall is kept once and for good', async () => {
    const identity = { fingerprint: 'aa11', timeZone: 'Asia/Shanghai' };
    const keepAnother = async () => {
      for (const change of [{ fingerprint: 'bb22' }, { timeZone: 'Europe/Berlin' }]) {
        const another = opened.store.keepIdentity(MALL, { ...identity, ...change });
        // Asking again would not help, so it is not StoreUnavailable.
        await expect(another).rejects.toMatchObject({ name: 'IdentityConflict', code: 'IDENTITY_CONFLICT' });
      }
    };
    await opened.store.openMall(MALL);
    expect(await opened.store.identities()).toEqual(new Map());
    await opened.store.keepIdentity(MALL, identity);
    await opened.store.keepIdentity(MALL, identity);
    await keepAnother();
    opened = await opened.reopen();
    expect(await opened.store.identities()).toEqual(new Map([[MALL, identity]]));
    expect((await opened.store.openMall(MALL)).identity).toEqual(identity);
    await keepAnother();
  });
}

function describeReplacements(open: OpenStore): void {
  let opened: OpenedStore;
  let codebook: Codebook;
  beforeEach(async () => {
    opened = await open();
    codebook = (await opened.store.openMall(MALL)).codebook;
  });
  afterEach(() => opened.dispose());

  const seen = (device: number, firstSeenS: number, imported = false) => {
    return { device, firstSeenS, lastSeenS: firstSeenS + 9, imported };
  };

  test('the settlement and the totals of a day become those of its newest replacement', async () => {
    await opened.store.commit(commitOf(MALL, 3, codebook, [[DAY, 1, noonOf(DAY), 0, 0, -1]]));
    const first = replacementOf(MALL, codebook, DAY, { devices: 2, newCustomers: 1 });
    const other = replacementOf(MALL, codebook, LONG_DAY);
    await opened.store.replaceDay(first);
    await opened.store.replaceDay(other);
    const settlement = { ...first.settlement, version: 2, upToCommit: 3, lateSettlements: 1, visitGapS: 60 };
    const second = replacementOf(MALL, codebook, DAY, { devices: 1, settlement });
    await opened.store.replaceDay(second);
    expect(await opened.store.dayStates(MALL, EVER)).toEqual([
      { day: DAY, arrival: arrivalOf(DAY, 3), settlement },
      { day: LONG_DAY, arrival: null, settlement: other.settlement },
    ]);
    expect(await opened.store.dayTotals(MALL, EVER)).toEqual([
      { day: DAY, footfall: 1, newCustomers: 0 },
      other.totals,
    ]);
    opened = await opened.reopen();
    expect((await opened.store.openMall(MALL)).settlements).toEqual([settlement, other.settlement]);
  });

  test('a replacement keeps the numbers that it is written in', async () => {
    const shop = codebook.shop('first named by a settlement');
    await opened.store.replaceDay(replacementOf(MALL, codebook, DAY));
    opened = await opened.reopen();
    expect((await opened.store.openMall(MALL)).codebook.findShop('first named by a settlement')).toBe(shop);
  });

  test('customers are added and changed, and doing it twice leaves what doing it once leaves', async () => {
    const before = [seen(DEVICES[0], 100), seen(DEVICES[1], 200), seen(DEVICES[2], 300, true)];
    await opened.store.replaceDay(replacementOf(MALL, codebook, DAY, { customers: changesOf(before, []) }));
    const second = replacementOf(MALL, codebook, DAY + 1, {
      customers: changesOf([seen(5, 50)], [seen(DEVICES[1], 20, true)]),
    });
    const expected = [before[0], seen(5, 50), seen(DEVICES[1], 20, true), before[2]];
    for (let i = 0; i < 2; i++) {
      await opened.store.replaceDay(second);
      expect(await customerRows(opened.store.allCustomers(MALL))).toEqual(expected);
    }
    await opened.store.openMall('other');
    expect(await customerRows(opened.store.allCustomers('other'))).toEqual([]);
  });

  test('corrections change the new customers and the version of settled days, and nothing of others', async () => {
    for (const day of [DAY, DAY + 1, DAY + 2]) {
      await opened.store.replaceDay(replacementOf(MALL, codebook, day, { devices: 9, newCustomers: 5 }));
    }
    const corrections = [
      { day: DAY, newCustomers: 4, version: 2 },
      { day: DAY + 9, newCustomers: 1, version: 2 },
    ];
    await opened.store.replaceDay(replacementOf(MALL, codebook, DAY + 2, { corrections }));
    await opened.store.mergeCustomers(MALL, changesOf([seen(4, 1, true)], []), [
      { day: DAY + 1, newCustomers: 0, version: 3 },
    ]);
    const totals = await opened.store.dayTotals(MALL, EVER);
    expect(totals.map(({ day, newCustomers }) => [day, newCustomers])).toEqual([
      [DAY, 4],
      [DAY + 1, 0],
      [DAY + 2, 0],
    ]);
    const states = await opened.store.dayStates(MALL, EVER);
    expect(states.map(({ settlement }) => settlement?.version)).toEqual([2, 3, 1]);
    expect(await customerRows(opened.store.allCustomers(MALL))).toEqual([seen(4, 1, true)]);
  });

  test('a commit and a replacement of one mall run at the same time', async () => {
    const customers = changesOf(
      Array.from({ length: 50_000 }, (_, i) => seen(i + 1, i)),
      [],
    );
    const replaced = opened.store.replaceDay(replacementOf(MALL, codebook, DAY, { customers }));
    for (let number = 1; number <= 5; number++) {
      codebook.shop(`shop ${number}`);
      const record: Record = [DAY, number, noonOf(DAY) + number, number, 0, -1];
      await opened.store.commit(commitOf(MALL, number, codebook, [record]));
    }
    await replaced;
    opened = await opened.reopen();
    const kept = await opened.store.openMall(MALL);
    expect([kept.commit, kept.codebook.shopCount, kept.settlements.length]).toEqual([5, 5, 1]);
    expect(await recordsOf(opened.store.rawOfDay(MALL, DAY))).toHaveLength(5);
    expect(await customerRows(opened.store.allCustomers(MALL))).toHaveLength(50_000);
  });
}
