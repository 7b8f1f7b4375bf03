import { afterEach, expect, jest, test } from '@jest/globals';
import { describeOnlyWhere } from '../only-where.ts';
import { expectGoldenAnswers } from '../system/golden-answers.ts';
import { GOLDEN_MALLS, probesOf, truthOf } from '../system/golden-files.ts';
import { ask, post } from '../system/system.ts';
import { Fleet, HAS_FLEET } from './fleet.ts';

jest.setTimeout(240_000);

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

const onFleet = describeOnlyWhere(
  HAS_FLEET,
  'golden malls in the production shape',
  'influxd is not on the PATH and INFLUX_URL is not set',
);

onFleet('in the production shape', () => {
  test.each(GOLDEN_MALLS)(
    '%s: posted to an ingester, every answer of the API is the golden one',
    async (mall) => {
      fleet = await Fleet.open([mall]);
      const [ingester, api] = await Promise.all([fleet.ingest(), fleet.api()]);
      const lines = probesOf(mall).toString('latin1').trimEnd().split('\n');
      let kept = 0;
      const dropped: Record<string, number> = {};
      for (let i = 0; i < lines.length; i += 2_000) {
        const { status, answer } = await post(
          ingester.url,
          mall,
          Buffer.from(lines.slice(i, i + 2_000).join('\n'), 'latin1'),
        );
        expect(status).toBe(200);
        kept += answer.kept;
        for (const [reason, count] of Object.entries(answer.dropped))
          dropped[reason] = (dropped[reason] ?? 0) + count;
      }
      const truth = truthOf(mall);
      expect(kept).toBe(truth.kept);
      if (truth.dropped !== undefined) expect(dropped).toEqual(truth.dropped);
      await fleet.caughtUp(mall);
      await fleet.settle(mall);
      await fleet.hears(api, mall);
      await fleet.saysSettled(api, mall, truth.dates);
      await expectGoldenAnswers(api.url, mall);
      const { ingest } = await ask<{ ingest: { kept: number }[] }>(
        api.url,
        `{ ingest(mall: "${mall}", from: "${truth.dates[0]}", to: "${truth.dates.at(-1)}") { kept } }`,
      );
      expect(ingest.reduce((sum, day) => sum + day.kept, 0)).toBe(truth.kept);
    },
  );
});
