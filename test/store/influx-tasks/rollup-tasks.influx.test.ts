import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { WHOLE } from '../../../src/changed-parts.ts';
import { type InfluxConnection, openInfluxConnection } from '../../../src/store/influx/influx-connection.ts';
import { type InfluxStore, openInfluxStore } from '../../../src/store/influx/influx-store.ts';
import { compareRollups } from '../../../src/store/influx/tasks/compare-rollups.ts';
import { rollupFlux } from '../../../src/store/influx/tasks/rollup-flux.ts';
import { RollupTasks } from '../../../src/store/influx/tasks/rollup-tasks.ts';
import { describeOnlyWhere } from '../../only-where.ts';
import { until } from '../../system/until.ts';
import { deviceDaysOf, shopDaysOf } from '../examples.ts';
import { HAS_INFLUX, type InfluxServer, startInflux } from '../influx-server.ts';

jest.setTimeout(120_000);
const TODAY = Math.floor(Date.now() / 86_400_000);
const NOW_S = Math.floor(Date.now() / 1_000);
const MALL = 'm';

let server: InfluxServer;
let connection: InfluxConnection;
let store: InfluxStore;
let tasks: RollupTasks;

describeOnlyWhere(
  HAS_INFLUX,
  'rollup tasks',
  'influxd is not on the PATH and INFLUX_URL is not set',
)('rollup tasks', () => {
  beforeAll(async () => {
    server = await startInflux();
    const { url, token, org } = server;
    connection = await openInfluxConnection({ url, token, org, bucketPrefix: `tasks${process.pid}-` });
    store = openInfluxStore(connection, {
      stopwatchMs: () => performance.now(),
      chance: () => 0.5,
      onDeadLine: (line) => {
        throw new Error(line);
      },
    });
    tasks = new RollupTasks(connection, () => Math.floor(Date.now() / 1_000));
  });
  afterAll(async () => {
    await store.close();
    await server.dispose();
  });

  test('are made once, whoever asks and how often, and are as they should be', async () => {
    expect((await tasks.check()).map(({ problem }) => problem)).toEqual(['missing']);
    await Promise.all([tasks.ensure(), tasks.ensure(), new RollupTasks(connection, () => NOW_S).ensure()]);
    await tasks.ensure();
    expect((await tasks.list()).map(({ name, status, isWanted }) => [name, status, isWanted])).toEqual([
      [tasks.name, 'active', true],
    ]);
    expect(await tasks.check()).toEqual([]);
  });

  test('count the rows of an open day within 30 seconds, exactly, and again when they grow', async () => {
    const { codebook } = await store.openMall(MALL);
    codebook.shop('S1');
    const keep = (devices: number) => {
      const ids = Array.from({ length: devices }, (_, i) => 1 + i * 7_000_000_007);
      const deviceDays = deviceDaysOf(ids.map((id) => [id, NOW_S, NOW_S, 0b11]));
      const whole = ids.map(() => WHOLE);
      deviceDays.isNew.fill(1, 0, 2);
      const shopDays = shopDaysOf(ids.map((id, i) => [id, 1, i % 3, i, NOW_S, NOW_S, 1]));
      return store.keepOpenRows(MALL, {
        day: TODAY,
        codebook,
        deviceDays,
        shopDays,
        deviceParts: whole,
        shopParts: whole,
      });
    };
    const counted = async () => {
      const rows: number[][] = [];
      const { readRows } = await import('../../../src/store/influx/influx-query.ts');
      const question =
        'SELECT devices, "new", h00, h01 FROM mall_daily; SELECT devices, entered, visits, dwell FROM shop_daily';
      await readRows(connection, 'footfall', question, {
        row: ({ numbers }) => void rows.push([...numbers.subarray(1, 5)]),
      });
      return rows;
    };
    for (const devices of [30, 300]) {
      await keep(devices);
      const startedMs = performance.now();
      const entered = Array.from({ length: devices }, (_, i) => i % 3);
      const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
      const dwell = (devices * (devices - 1)) / 2;
      await until('the rollup', async () => (await counted())[0]?.[0] === devices, 30_000);
      await until('the shop’s rollup', async () => (await counted())[1]?.[3] === dwell, 10_000);
      expect(performance.now() - startedMs).toBeLessThan(30_000);
      expect(await counted()).toEqual([
        [devices, 2, devices, devices],
        [devices, entered.filter((visits) => visits > 0).length, sum(entered), dwell],
      ]);
      expect(await compareRollups(connection, MALL, { from: TODAY - 3, to: TODAY + 1 })).toEqual([]);
    }
  });

  test('a rollup that is not what the rows say is found', async () => {
    const { http, org, bucket } = connection;
    const path = `/api/v2/write?org=${org}&bucket=${bucket('footfall')}&precision=s`;
    const at = (TODAY - 40) * 86_400;
    const body = `mall_daily,mall=wrong devices=7i ${at}\nshop_daily,mall=wrong,shop=S%25\\ 1 devices=3i ${at}`;
    await http.text({ method: 'POST', path, body });
    expect(await compareRollups(connection, 'wrong', { from: TODAY - 50, to: TODAY })).toEqual([
      { day: TODAY - 40, shop: null, rollup: 7, rows: 0 },
      { day: TODAY - 40, shop: 'S% 1', rollup: 3, rows: 0 },
    ]);
  });

  test('of another release are removed, and one that is switched off is switched on', async () => {
    const { http, orgId, bucket } = connection;
    const [task] = await tasks.list();
    const flux = `option task = {name: "${bucket('footfall')}-rollups-v0-old", every: 1h}\nfrom(bucket: "${bucket('footfall')}") |> range(start: -1m)`;
    const made = { method: 'POST', path: '/api/v2/tasks', type: 'application/json' } as const;
    await http.text({ ...made, body: JSON.stringify({ orgID: orgId, flux }) });
    const off = { method: 'PATCH', path: `/api/v2/tasks/${task!.id}`, type: 'application/json' } as const;
    await http.text({ ...off, body: '{"status":"inactive"}' });
    expect((await tasks.check()).map(({ problem }) => problem).sort()).toEqual(['inactive', 'outdated']);
    await tasks.repair();
    expect(await tasks.check()).toEqual([]);
    expect(await tasks.list()).toHaveLength(1);
  });

  test('are late once three runs and some seconds are overdue', async () => {
    await until('a run', async () => (await tasks.list())[0]?.latestCompletedS !== null);
    const later = new RollupTasks(connection, () => Math.floor(Date.now() / 1_000) + 60);
    expect((await later.check()).map(({ problem }) => problem)).toEqual(['late']);
  });

  test('are done by the storage: counts and sums of windows, and nothing row by row', async () => {
    const { http, org, bucket } = connection;
    const start = `${new Date((TODAY - 1) * 86_400_000).toISOString()}`;
    const stop = `${new Date((TODAY + 1) * 86_400_000).toISOString()}`;
    const query = `import "profiler"\noption profiler.enabledProfilers = ["operator"]\n${rollupFlux({ bucket, start, stop })}`;
    const text = await http.text({
      method: 'POST',
      path: `/api/v2/query?org=${org}`,
      type: 'application/json',
      body: JSON.stringify({ query }),
    });
    const operations = [...text.matchAll(/profiler\/operator,(?:\*?[\w.]*)?\*?([\w.]+),([\w]+)/g)].map(
      ([, , label]) => label!,
    );
    const shown = operations.length > 0 ? operations.join(' ') : text;
    expect(shown).toMatch(/ReadWindowAggregate/i);
    expect(shown).not.toMatch(/\bReadRange\b|\bReadGroup\b/);
  });
});
