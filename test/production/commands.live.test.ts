import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { lastLine, run } from '../commands/program.ts';
import { describeOnlyWhere } from '../only-where.ts';
import { expectGoldenAnswers } from '../system/golden-answers.ts';
import { probesOf, truthOf } from '../system/golden-files.ts';
import { until } from '../system/until.ts';
import { Fleet, HAS_FLEET } from './fleet.ts';

jest.setTimeout(180_000);

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

const onFleet = describeOnlyWhere(
  HAS_FLEET,
  'commands in production',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

onFleet('commands in the production shape', () => {
  test('a file is imported through the stream, its days settled by their owner, and its dead letters listed', async () => {
    const mall = 'edges';
    fleet = await Fleet.open([mall]);
    const [, api] = await Promise.all([fleet.ingest(), fleet.api()]);
    const file = join(fleet.home.folder, 'probes.ndjson');
    await writeFile(file, probesOf(mall));
    const imported = await run(['import', file, '--mall', mall], fleet.env);
    expect([imported.code, imported.stderr.includes('Error')]).toEqual([0, false]);
    const truth = truthOf(mall);
    expect(lastLine(imported.stdout)).toMatchObject({ lines: truth.lines, kept: truth.kept });
    await fleet.hears(api, mall);
    await fleet.saysSettled(api, mall, truth.dates);
    await expectGoldenAnswers(api.url, mall);
    const listed = await run(['dead-letters', '--mall', mall], fleet.env);
    expect([listed.code, listed.stdout.trim().split('\n').length >= truth.lines - truth.kept]).toEqual([
      0,
      true,
    ]);
    const settled = await run(['settle', '--mall', mall], fleet.env);
    expect(settled.code).toBe(0);
    const tasks = await run(['tasks', 'check'], fleet.env);
    expect([tasks.code, tasks.stdout]).toEqual([0, 'the task is as it should be\n']);
    const examined = await run(['doctor'], fleet.env);
    expect([examined.code, examined.stdout.includes('rollups of the last 31 days')]).toEqual([0, true]);
    // The mall is known to InfluxDB: a secret that is another one is found, and no data folder is asked.
    expect(examined.stdout).not.toContain('FOOTFALL_DATA');
    const secrets = join(fleet.home.folder, 'other-secrets');
    await mkdir(secrets, { mode: 0o700 });
    await writeFile(join(secrets, mall), 'ab'.repeat(32), { mode: 0o600 });
    const another = await run(['doctor'], { ...fleet.env, FOOTFALL_SECRETS: secrets });
    expect([another.code, another.stdout]).toEqual([1, expect.stringContaining('is not the secret that')]);
  });

  test('what is published for a mall without a directory becomes dead letters', async () => {
    fleet = await Fleet.open(['edges']);
    await fleet.ingest();
    const records = '{"user_device_mac":"a4:c3:61:0b:22:01","occur_time":"1"}\n{"x":1}\n';
    await jetstream(fleet.nats).publish('probes.nowhere', Buffer.from(records), { headers: headers() });
    const env = fleet.env;
    const listed = await until('the dead letters', async () => {
      const { stdout } = await run(['dead-letters', '--mall', 'nowhere'], env);
      return stdout.includes('unknown_mall') && stdout;
    });
    expect(
      listed
        .trim()
        .split('\n')
        .filter((line) => line.includes('unknown_mall')),
    ).toHaveLength(2);
    expect(listed).not.toContain('0b:22:01');
  });
});
