import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { LineMetrics } from '../../src/ingest/ingest-metrics.ts';
import { measuredStore } from '../../src/ingest/measured-store.ts';
import { DROP_REASONS } from '../../src/outcome.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DAY_S, MALL, NOON_S, probe, RunningMalls } from './running-malls.ts';

const gone = new StoreUnavailable('commit', new Error('disk full'));

let running: RunningMalls;
beforeEach(async () => {
  running = await RunningMalls.open();
});
afterEach(() => running.close());

/** What a scrape shows of one metric: labels but the mall's, and the value. */
async function shown(name: string, registry = running.registry): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  const { values } = metrics.find((metric) => metric.name === name)!;
  return Object.fromEntries(
    values.map(({ labels: { mall, ...labels }, value }) => [Object.values(labels).join(' '), value]),
  );
}

const observed = async (name: string) => {
  const text = await running.registry.getSingleMetricAsString(name);
  return Number(new RegExp(`^${name}_count{mall="${MALL}"} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
};

test('records are counted by result once they are kept, and by no other', async () => {
  await running.send(probe(1, NOON_S), probe(2, NOON_S), '{', '{"user_device_mac":"somebody"}', '{}');
  expect(await shown('footfall_records_total')).toEqual({ kept: 2, malformed: 1, bad_device: 2 });
  running.steered.refuse('commit', gone);
  await expect(running.send(probe(3, NOON_S))).rejects.toBe(gone);
  expect(await shown('footfall_records_total')).toEqual({ kept: 2, malformed: 1, bad_device: 2 });
});

test('imported records are counted too', async () => {
  await running.import({ file: Buffer.from(probe(1, NOON_S)) });
  expect(await shown('footfall_records_total')).toEqual({ kept: 1 });
});

test.each(DROP_REASONS)('a record that was dropped as %s has a count of its own', async (reason) => {
  const registry = new Registry();
  new LineMetrics(registry).of(MALL).received(0, { [reason]: 3 });
  expect(await shown('footfall_records_total', registry)).toEqual({ [reason]: 3 });
});

test('commits and settlements are timed, those that fail too; failed settlements are counted', async () => {
  await running.send(probe(1, NOON_S));
  running.steered.refuse('commit', gone);
  await expect(running.send(probe(1, NOON_S))).rejects.toBe(gone);
  expect(await observed('footfall_commit_seconds')).toBe(2);
  running.steered.refuse('replaceDay', gone);
  await running.passS(DAY_S);
  running.steered.goOn('replaceDay');
  await running.passS(1);
  expect(await observed('footfall_settle_seconds')).toBe(2);
  expect(await shown('footfall_failures_total')).toMatchObject({ settle: 1 });
});

test('a commit that failed is counted as a failure', async () => {
  running.steered.refuse('commit', gone);
  await expect(running.send(probe(1, NOON_S))).rejects.toBe(gone);
  expect(await shown('footfall_failures_total')).toEqual({ commit: 1 });
});

test('names beyond the daily limit of unknown ones raise an alarm, of shops and access points apart', async () => {
  const record = (nth: number, ap: number) =>
    probe(1, NOON_S, `X${nth}`).replace('}', `,"ap_mac":"02${ap.toString(16).padStart(10, '0')}"}`);
  await running.send(...Array.from({ length: 2_003 }, (_, nth) => record(nth, nth % 2_001)));
  await running.passS(1);
  expect(await shown('footfall_unknown_names_overflowed')).toEqual({ shop: 3, access_point: 1 });
});

test('how a mall stands is shown every second, and no longer once another process owns it', async () => {
  const names = [
    'footfall_lag_records',
    'footfall_lag_seconds',
    'footfall_waiting_records',
    'footfall_days_to_settle',
  ];
  await running.send(probe(1, NOON_S));
  await running.passS(DAY_S + 1);
  for (const name of names.slice(0, 3)) expect(await shown(name)).toEqual({ '': 0 });
  expect(await shown('footfall_days_to_settle')).toEqual({ '': 1 });
  await running.malls.drop(MALL);
  for (const name of names) expect(await shown(name)).toEqual({});
});

test('calls of a store are timed by name, and those that failed counted', async () => {
  const registry = new Registry();
  const store = measuredStore(running.steered.store, registry);
  await store.identities();
  await store.ping();
  running.steered.refuse('ping', gone);
  await expect(store.ping()).rejects.toBe(gone);
  expect(await registry.metrics()).toContain('footfall_store_seconds_count{operation="ping"} 2');
  expect(await shown('footfall_store_failures_total', registry)).toEqual({ ping: 1 });
});
