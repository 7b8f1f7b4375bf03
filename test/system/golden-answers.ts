import { expect } from '@jest/globals';
import { QUESTIONS_MAX } from '../../src/api/limits.ts';
import { Calendar, parseDay } from '../../src/calendar.ts';
import { expectedRows, type GoldenMall, timeZones, truthOf } from './golden-files.ts';
import { ask, customerOf } from './system.ts';

const CELL = 500;
const epochS = (iso: string) => String(Date.parse(iso) / 1000);
const text = (value: string | number | null) => (value === null ? '' : String(value));
const sorted = (rows: string[][]) => rows.map((row) => row.join(',')).sort();

interface Shop {
  readonly code: string;
  readonly name: string | null;
}

/** Compares every expected file of a golden mall with what the API answers, exactly. */
export async function expectGoldenAnswers(url: string, mall: GoldenMall): Promise<void> {
  await expectTotals(url, mall);
  await expectShops(url, mall);
  await expectCustomers(url, mall);
  await expectPositions(url, mall);
}

async function expectTotals(url: string, mall: GoldenMall): Promise<void> {
  const { dates } = truthOf(mall);
  const variables = { mall, from: dates[0], to: dates.at(-1) };
  const { mallFootfall, hourlyFootfall, newCustomers, peakHour } = await ask<{
    mallFootfall: {
      date: string;
      footfall: number;
      newCustomers: number;
      returningCustomers: number;
      settled: boolean;
    }[];
    hourlyFootfall: { date: string; hourStart: string; footfall: number }[];
    newCustomers: { date: string; newCustomers: number }[];
    peakHour: { date: string; hourStart: string | null; footfall: number }[];
  }>(
    url,
    `query ($mall: String!, $from: LocalDate!, $to: LocalDate!) {
      mallFootfall(mall: $mall, from: $from, to: $to) { date footfall newCustomers returningCustomers settled }
      hourlyFootfall(mall: $mall, from: $from, to: $to) { date hourStart footfall }
      newCustomers(mall: $mall, from: $from, to: $to) { date newCustomers }
      peakHour(mall: $mall, from: $from, to: $to) { date hourStart footfall }
    }`,
    variables,
  );
  expect(mallFootfall.map((row) => row.settled)).toEqual(dates.map(() => true));
  expect(mallFootfall.map((row) => [row.date, text(row.footfall)])).toEqual(
    expectedRows(mall, 'mall_footfall'),
  );
  expect(
    mallFootfall.map((row) => [
      row.date,
      text(row.newCustomers),
      text(row.returningCustomers),
      text(row.footfall),
    ]),
  ).toEqual(expectedRows(mall, 'new_and_returning'));
  expect(
    hourlyFootfall
      .filter((row) => row.footfall > 0)
      .map((row) => [row.date, epochS(row.hourStart), text(row.footfall)]),
  ).toEqual(expectedRows(mall, 'hourly_footfall'));
  expect(
    newCustomers.filter((row) => row.newCustomers > 0).map((row) => [text(row.newCustomers), row.date]),
  ).toEqual(expectedRows(mall, 'new_customers'));
  expect(peakHour.map((row) => [row.date, epochS(row.hourStart!), text(row.footfall)])).toEqual(
    expectedRows(mall, 'peak_hour'),
  );
}

async function expectShops(url: string, mall: GoldenMall): Promise<void> {
  const { dates } = truthOf(mall);
  const { shopFootfall } = await ask<{
    shopFootfall: {
      date: string;
      shop: Shop;
      footfall: number;
      entered: number;
      visits: number;
      dwellSeconds: number;
    }[];
  }>(
    url,
    `query ($mall: String!, $from: LocalDate!, $to: LocalDate!) {
      shopFootfall(mall: $mall, from: $from, to: $to) {
        date shop { code name } footfall entered visits dwellSeconds
      }
    }`,
    { mall, from: dates[0], to: dates.at(-1) },
  );
  expect(
    sorted(
      shopFootfall
        .filter((row) => row.footfall > 0)
        .map((row) => [row.date, row.shop.code, text(row.shop.name), text(row.footfall)]),
    ),
  ).toEqual(sorted(expectedRows(mall, 'shop_footfall')));
  expect(
    sorted(
      shopFootfall
        .filter((row) => row.visits > 0)
        .map((row) => [row.date, row.shop.code, text(row.visits), text(row.dwellSeconds), text(row.entered)]),
    ),
  ).toEqual(sorted(expectedRows(mall, 'shop_visits')));
  const top: string[][] = [];
  for (const date of dates) {
    const { topShops } = await ask<{ topShops: { rank: number; shop: Shop; footfall: number }[] }>(
      url,
      `query ($mall: String!, $date: LocalDate!) {
        topShops(mall: $mall, date: $date) { rank shop { code name } footfall }
      }`,
      { mall, date },
    );
    for (const { rank, shop, footfall } of topShops) {
      top.push([date, text(rank), shop.code, text(shop.name), text(footfall)]);
    }
  }
  expect(top).toEqual(expectedRows(mall, 'top_shops'));
}

async function expectCustomers(url: string, mall: GoldenMall): Promise<void> {
  const { dates } = truthOf(mall);
  const macs = new Map(expectedRows(mall, 'customer_record').map(([mac]) => [customerOf(mac!), mac!]));
  const record: string[][] = [];
  const shops: string[][] = [];
  for (const chunk of chunksOf([...macs.values()], Math.floor(QUESTIONS_MAX / (1 + dates.length)))) {
    const fields = chunk.flatMap((mac, i) => [
      `c${i}: customer(mall: "${mall}", mac: "${mac}") { firstSeen lastSeen }`,
      ...dates.map(
        (date, d) => `s${i}_${d}: customerShops(mall: "${mall}", mac: "${mac}", date: "${date}")
          { shop { code } visits dwellSeconds firstSeen lastSeen }`,
      ),
    ]);
    const data = await ask<Record<string, never>>(url, `{ ${fields.join('\n')} }`);
    for (const [i, mac] of chunk.entries()) {
      const seen: { firstSeen: string; lastSeen: string } = data[`c${i}`]!;
      record.push([mac, epochS(seen.firstSeen), epochS(seen.lastSeen)]);
      for (const [d, date] of dates.entries())
        shops.push(...customerShopRows(mac, date, data[`s${i}_${d}`]!));
    }
  }
  expect(sorted(record)).toEqual(sorted(expectedRows(mall, 'customer_record')));
  expect(sorted(shops)).toEqual(sorted(expectedRows(mall, 'customer_shops')));
  await expectFavorites(url, mall, macs);
}

function customerShopRows(
  mac: string,
  date: string,
  rows: readonly { shop: Shop; visits: number; dwellSeconds: number; firstSeen: string; lastSeen: string }[],
): string[][] {
  return rows.map((row) => [
    mac,
    date,
    row.shop.code,
    text(row.visits),
    text(row.dwellSeconds),
    epochS(row.firstSeen),
    epochS(row.lastSeen),
  ]);
}

async function expectFavorites(
  url: string,
  mall: GoldenMall,
  macs: ReadonlyMap<string, string>,
): Promise<void> {
  const favorites: string[][] = [];
  const repeats: string[][] = [];
  for (const date of truthOf(mall).dates) {
    const visited = await allNodes<{ customer: string; shop: Shop; visits: number; dwellSeconds: number }>(
      url,
      'favoriteShops',
      'customer shop { code name } visits dwellSeconds',
      `mall: "${mall}", date: "${date}"`,
    );
    for (const { customer, shop, visits, dwellSeconds } of visited) {
      favorites.push([
        macs.get(customer)!,
        date,
        shop.code,
        text(shop.name),
        text(visits),
        text(dwellSeconds),
      ]);
    }
    const repeated = await allNodes<{ customer: string; shop: Shop; visits: number }>(
      url,
      'repeatShops',
      'customer shop { code name } visits',
      `mall: "${mall}", date: "${date}"`,
    );
    for (const { customer, shop, visits } of repeated) {
      repeats.push([macs.get(customer)!, date, shop.code, text(shop.name), text(visits)]);
    }
  }
  expect(sorted(favorites)).toEqual(sorted(expectedRows(mall, 'favorite_shops')));
  expect(sorted(repeats)).toEqual(sorted(expectedRows(mall, 'repeat_shops')));
}

async function expectPositions(url: string, mall: GoldenMall): Promise<void> {
  const macs = new Map(expectedRows(mall, 'customer_record').map(([mac]) => [customerOf(mac!), mac!]));
  const calendar = new Calendar(timeZones[mall]);
  const latest = new Map<string, string[]>();
  const density: string[][] = [];
  for (const date of truthOf(mall).dates) {
    const { fromS, untilS } = calendar.range(parseDay(date)!);
    const { customerPositions } = await ask<{
      customerPositions: {
        customer: string;
        at: string;
        accessPoint: string | null;
        shop: Shop | null;
        rssiDbm: number | null;
        x: number | null;
        y: number | null;
        provisional: boolean;
      }[];
    }>(
      url,
      `query ($mall: String!, $at: DateTime!, $within: Int!) {
        customerPositions(mall: $mall, at: $at, seenWithinSeconds: $within) {
          customer at accessPoint shop { code } rssiDbm x y provisional
        }
      }`,
      { mall, at: iso(untilS - 1), within: untilS - fromS },
    );
    for (const row of customerPositions) {
      expect(row.provisional).toBe(false);
      const mac = macs.get(row.customer)!;
      const { code = '' } = row.shop ?? {};
      const where = [text(row.accessPoint), code, text(row.rssiDbm), text(row.x), text(row.y)];
      latest.set(mac, [mac, epochS(row.at), ...where]);
    }
    const cells = await allNodes<{ minute: string; x: number; y: number; devices: number }>(
      url,
      'densityHistory',
      'minute x y size devices',
      `mall: "${mall}", from: "${iso(fromS)}", to: "${iso(untilS)}"`,
    );
    for (const { minute, x, y, devices } of cells) {
      density.push([epochS(minute), text(x / CELL), text(y / CELL), text(devices)]);
    }
  }
  expect(sorted([...latest.values()])).toEqual(sorted(expectedRows(mall, 'latest_positions')));
  expect(sorted(density)).toEqual(sorted(expectedRows(mall, 'density')));
}

const iso = (atS: number) => new Date(atS * 1000).toISOString();

/** Walks all pages of a connection. */
export async function allNodes<T>(url: string, field: string, selection: string, args: string): Promise<T[]> {
  const nodes: T[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? '' : `, after: "${after}"`;
    const data: Record<string, { nodes: T[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } }> =
      await ask(
        url,
        `{ ${field}(${args}, first: 1000${cursor}) { nodes { ${selection} } pageInfo { endCursor hasNextPage } } }`,
      );
    const page = data[field]!;
    nodes.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return nodes;
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}
