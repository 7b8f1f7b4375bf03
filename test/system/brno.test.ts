import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Served } from '../../src/commands/serve.ts';
import type { ImportResult } from '../../src/ingest/operations.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { ask, createHome, type Home, startSystem } from './system.ts';

/** Recorded days of a teaching laboratory in Brno; they lie beside the project, and are no part of it. */
const RECORDED = join(
  dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))),
  'shared',
  'data',
  'brno',
);
const FILES = existsSync(RECORDED) ? readdirSync(RECORDED).filter((name) => name.endsWith('.ndjson.gz')) : [];
const describeRecorded = describeOnlyWhere(
  FILES.length > 0,
  'recorded days of Brno',
  '../shared/data/brno is not there',
);

const RANGE = { from: '2024-02-08', to: '2024-05-05' };
const CLOCK_CHANGE = '2024-03-31';
const TIMEOUT_MS = 120_000;

/**
 * The same rules again, in the words of a database: which records count, on which local day and hour, where a
 * device was in each second, and which visits that makes.
 */
const RECORDS = `
  CREATE TABLE records AS
  WITH lines AS (
    SELECT
      regexp_replace(lower(trim(user_device_mac)), '[:.-]', '', 'g') AS mac,
      try_cast(occur_time AS BIGINT) AS second,
      shop_code AS shop,
      CASE WHEN regexp_full_match(rssi, '[+-]?[0-9]{1,3}')
        THEN greatest(least(rssi::INTEGER, 0), -127) ELSE -128 END AS rssi,
      regexp_replace(lower(ap_mac), '[:.-]', '', 'g') AS ap
    FROM read_ndjson('${RECORDED}/*.ndjson.gz', columns = {
      user_device_mac: 'VARCHAR', occur_time: 'VARCHAR', shop_code: 'VARCHAR', rssi: 'VARCHAR', ap_mac: 'VARCHAR'
    })
  )
  SELECT *,
    timezone('Europe/Prague', to_timestamp(second))::DATE AS day,
    second - second % 3600 AS hour,
    regexp_full_match(mac, '[0-9a-f]{12}') AND mac <> '000000000000'
      AND substr(mac, 2, 1) NOT IN ('1', '3', '5', '7', '9', 'b', 'd', 'f') AND second IS NOT NULL AS kept
  FROM lines`;

const POSITIONS = `
  CREATE VIEW positions AS
  SELECT mac, day, second, shop FROM records WHERE kept
  QUALIFY row_number() OVER (PARTITION BY mac, second ORDER BY rssi DESC, ap, shop) = 1`;

const VISITS = `
  CREATE VIEW visits AS
  WITH steps AS (
    SELECT *, second - lag(second) OVER (PARTITION BY mac, day, shop ORDER BY second) AS pause FROM positions
  ), numbered AS (
    SELECT *, count(*) FILTER (WHERE pause IS NULL OR pause > 600)
      OVER (PARTITION BY mac, day, shop ORDER BY second) AS visit FROM steps
  )
  SELECT mac, day, shop, visit, max(second) - min(second) AS dwell FROM numbered GROUP BY ALL`;

let home: Home;
let served: Served;
let result: ImportResult;
let count: (sql: string) => Promise<unknown[][]>;

describeRecorded('recorded days of ../shared/data/brno', () => {
  beforeAll(async () => {
    home = createHome([]);
    writeLaboratory(join(home.env.FOOTFALL_MALLS!, 'lab'));
    served = await startSystem(home);
    result = await served.embedded.malls.importFiles('lab', recordedFiles(), () => undefined);
    count = await openPlainCount();
  }, TIMEOUT_MS);

  afterAll(async () => {
    await served.close();
    home.remove();
  });

  test('every line is kept or dropped as a plain count has it', async () => {
    const [[lines, kept]] = (await count('SELECT count(*), count(*) FILTER (WHERE kept) FROM records')) as [
      [string, string],
    ];
    expect(result.lines).toBe(Number(lines));
    expect(result.kept).toBe(Number(kept));
    expect(Object.values(result.dropped).reduce((sum, n) => sum + n, 0)).toBe(Number(lines) - Number(kept));
    const { ingest } = await ask<{ ingest: { date: string; kept: number }[] }>(
      served.url,
      `query ($from: LocalDate!, $to: LocalDate!) { ingest(mall: "lab", from: $from, to: $to) { date kept } }`,
      RANGE,
    );
    expect(ingest.filter((row) => row.kept > 0).map((row) => [row.date, row.kept])).toEqual(
      await count('SELECT day, count(*)::INTEGER FROM records WHERE kept GROUP BY day ORDER BY day'),
    );
  });

  test('every day that was touched is settled', async () => {
    const days = await count('SELECT DISTINCT day FROM records WHERE kept ORDER BY day');
    expect(result.days).toEqual(days.map(([date]) => ({ date, state: 'settled' })));
  });

  test('footfall and new customers of every day are those of a plain count', async () => {
    const { mallFootfall } = await ask<{
      mallFootfall: { date: string; footfall: number; newCustomers: number }[];
    }>(
      served.url,
      `query ($from: LocalDate!, $to: LocalDate!) {
        mallFootfall(mall: "lab", from: $from, to: $to) { date footfall newCustomers }
      }`,
      RANGE,
    );
    expect(
      mallFootfall.filter((row) => row.footfall > 0).map((row) => [row.date, row.footfall, row.newCustomers]),
    ).toEqual(
      await count(`
        WITH firsts AS (SELECT mac, min(day) AS first_day FROM records WHERE kept GROUP BY mac)
        SELECT day, count(DISTINCT mac)::INTEGER, (count(DISTINCT mac) FILTER (WHERE day = first_day))::INTEGER
        FROM records JOIN firsts USING (mac) WHERE kept GROUP BY day ORDER BY day`),
    );
  });

  test('footfall, visits, dwell and entered of every shop and day are those of a plain count', async () => {
    const { shopFootfall } = await ask<{
      shopFootfall: {
        date: string;
        shop: { code: string };
        footfall: number;
        visits: number;
        dwellSeconds: number;
        entered: number;
      }[];
    }>(
      served.url,
      `query ($from: LocalDate!, $to: LocalDate!) {
        shopFootfall(mall: "lab", from: $from, to: $to) {
          date shop { code } footfall visits dwellSeconds entered
        }
      }`,
      RANGE,
    );
    expect(
      shopFootfall
        .filter((row) => row.footfall > 0)
        .map((row) => [row.date, row.shop.code, row.footfall, row.visits, row.dwellSeconds, row.entered]),
    ).toEqual(
      await count(`
        WITH heard AS (
          SELECT day, shop, count(DISTINCT mac)::INTEGER AS footfall FROM records WHERE kept GROUP BY day, shop
        ), entries AS (
          SELECT day, shop, count(*)::INTEGER AS visits, sum(dwell)::INTEGER AS dwell,
            count(DISTINCT mac)::INTEGER AS entered
          FROM visits GROUP BY day, shop
        )
        SELECT day, shop, footfall, coalesce(visits, 0), coalesce(dwell, 0), coalesce(entered, 0)
        FROM heard LEFT JOIN entries USING (day, shop) ORDER BY day, shop`),
    );
  });

  test.each(['LAB-P1', 'LAB-P2', null])(
    'footfall of every hour (shop %s) is that of a plain count',
    async (shop) => {
      const hours = await hourlyFootfall(shop);
      const ofShop = shop === null ? 'true' : `shop = '${shop}'`;
      expect(
        hours
          .filter((row) => row.footfall > 0)
          .map((row) => [row.date, Date.parse(row.hourStart) / 1000, row.footfall]),
      ).toEqual(
        await count(`
          SELECT day, hour::INTEGER, count(DISTINCT mac)::INTEGER FROM records
          WHERE kept AND ${ofShop} GROUP BY day, hour ORDER BY hour`),
      );
    },
  );

  test('the day on which the clocks go forward has 23 hours, and none that begins at two', async () => {
    const hours = (await hourlyFootfall(null)).filter(({ date }) => date === CLOCK_CHANGE);
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Prague', hour: '2-digit' });
    const begins = hours.map(({ hourStart }) => Number(local.format(new Date(hourStart))));
    expect(begins).toEqual([0, 1, ...Array.from({ length: 21 }, (_, i) => i + 3)]);
    expect(hours.some(({ footfall }) => footfall > 0)).toBe(true);
  });
});

function writeLaboratory(folder: string): void {
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'mall.json'),
    JSON.stringify({ name: 'Laboratory', timeZone: 'Europe/Prague', settings: {} }),
  );
  writeFileSync(
    join(folder, 'area_shop.csv'),
    'id,shop_code,shop_name\n1,LAB-P1,Sniffer 1\n2,LAB-P2,Sniffer 2\n',
  );
  writeFileSync(
    join(folder, 'place_info.csv'),
    'user_device_mac,used_x,used_y,min_rssi\n24:0a:c4:00:00:01,0,0,-90\n24:0a:c4:00:00:02,600,0,-90\n',
  );
}

async function* recordedFiles() {
  for (const name of FILES) {
    yield {
      name,
      bytes: (async function* () {
        yield readFileSync(join(RECORDED, name));
      })(),
    };
  }
}

async function openPlainCount(): Promise<(sql: string) => Promise<unknown[][]>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const sql of [RECORDS, POSITIONS, VISITS]) await connection.run(sql);
  return async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
}

async function hourlyFootfall(shop: string | null) {
  const { hourlyFootfall } = await ask<{
    hourlyFootfall: { date: string; hourStart: string; footfall: number }[];
  }>(
    served.url,
    `query ($from: LocalDate!, $to: LocalDate!, $shop: String) {
      hourlyFootfall(mall: "lab", from: $from, to: $to, shop: $shop) { date hourStart footfall }
    }`,
    { ...RANGE, shop },
  );
  return hourlyFootfall;
}
