import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { run } from '../commands/program.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { ask, startSystem } from '../system/system.ts';
import { Fleet, HAS_FLEET } from './fleet.ts';

jest.setTimeout(240_000);

const MALL = 'random';
const SEED = Number(process.env.FLEET_SEED ?? Math.floor(Math.random() * 1_000_000));
const DATES = ['2024-06-14', '2024-06-15', '2024-06-16'];

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

/** Every kind of answer, but for the instants at which it was settled. */
async function answersOf(url: string) {
  const days = `mall: "${MALL}", from: "${DATES[0]}", to: "${DATES.at(-1)}"`;
  const ofDay = (date: string) => `mall: "${MALL}", date: "${date}"`;
  const shop = 'shop { code name }';
  const totals = await ask(
    url,
    `{ mallFootfall(${days}) { date footfall newCustomers returningCustomers settled }
       newCustomers(${days}) { date newCustomers }
       hourlyFootfall(${days}) { date hourStart footfall }
       peakHour(${days}) { date hourStart footfall }
       shopFootfall(${days}) { date ${shop} footfall entered visits dwellSeconds }
       ingest(${days}) { date kept dropped { reason count } minutesWithoutRecords } }`,
  );
  const rows = [];
  for (const date of DATES) {
    rows.push(
      await ask(
        url,
        `{ topShops(${ofDay(date)}) { rank ${shop} footfall }
           favoriteShops(${ofDay(date)}, first: 1000) { nodes { customer ${shop} visits dwellSeconds } pageInfo { hasNextPage } }
           repeatShops(${ofDay(date)}, first: 1000) { nodes { customer ${shop} visits } pageInfo { hasNextPage } } }`,
      ),
    );
  }
  return { totals, rows };
}

const onFleet = describeOnlyWhere(
  HAS_FLEET,
  'embedded against production',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

onFleet('embedded and production', () => {
  test(`give the same answers for a random mall (FLEET_SEED=${SEED})`, async () => {
    fleet = await Fleet.open([]);
    const { home, env } = fleet;
    const file = join(home.folder, 'probes.ndjson');
    const simulated = await run(
      [
        ...[
          'simulate',
          '--mall',
          MALL,
          '--make-mall',
          '--seed',
          String(SEED),
          '--records',
          '30000',
          '--days',
          '3',
        ],
        ...['--from', DATES[0]!, '--late', '0.03', '--repeated', '0.03', '--damaged', '0.02', '--out', file],
      ],
      home.env,
    );
    expect(simulated).toMatchObject({ code: 0 });
    writeFileSync(join(home.env.FOOTFALL_DATA!, 'secrets', MALL), '5a'.repeat(32), { mode: 0o600 });
    expect(await run(['import', file, '--mall', MALL], home.env)).toMatchObject({ code: 0 });
    const served = await startSystem(home);
    const embedded = await answersOf(served.url);
    await served.close();
    const [, api] = await Promise.all([fleet.ingest(), fleet.api()]);
    expect(await run(['import', file, '--mall', MALL], env)).toMatchObject({ code: 0 });
    await fleet.hears(api, MALL);
    await fleet.saysSettled(api, MALL, DATES);
    const production = await answersOf(api.url);
    expect(production).toEqual(embedded);
    expect(JSON.stringify(embedded).length).toBeGreaterThan(10_000);
  });
});
