import { pino } from 'pino';
import { formatDay } from '../calendar.ts';
import { readInfluxSettings } from '../config/influx-settings.ts';
import { openMallDirectories } from '../config/mall-directories.ts';
import { readNatsSettings } from '../config/nats-settings.ts';
import type { Settings } from '../config/settings.ts';
import { openNats } from '../ingest/nats/nats-connection.ts';
import { streamFilled } from '../ingest/nats/purge-kept.ts';
import { type InfluxConnection, openInfluxConnection } from '../store/influx/influx-connection.ts';
import { identitiesOf } from '../store/influx/kept-books.ts';
import { compareRollups, type RollupDifference } from '../store/influx/tasks/compare-rollups.ts';
import { RollupTasks } from '../store/influx/tasks/rollup-tasks.ts';
import { systemClock } from './embedded.ts';
import type { ServedFrom } from './examine-malls.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

/** Rollups of so many days are compared with their rows. */
const COMPARED_DAYS = 31;
const DAY_S = 86_400;

/** NATS and InfluxDB as the settings name them: whether they can do the job, and whether the rollups are what the rows say. */
export async function examineProduction(env: NodeJS.ProcessEnv, settings: Settings): Promise<Finding[]> {
  return [...(await examineNats(env)), ...(await examineInflux(env, settings))];
}

/** The production shape: InfluxDB knows the malls, and secrets are given to it. */
export async function servedFromInflux(env: NodeJS.ProcessEnv, settings: Settings): Promise<ServedFrom> {
  const from = { mallsFolders: [settings.mallsFolder], makesSecrets: false };
  try {
    // What is wrong with the settings is told by `examineInflux`.
    const connection = await openInfluxConnection({
      ...readInfluxSettings(env, []),
      keepRawDays: settings.keepRawDays,
    });
    try {
      return { ...from, kept: { identities: await identitiesOf(connection), findings: [] } };
    } finally {
      connection.close();
    }
  } catch {
    const why = note('secrets and time zones were not compared with the data: InfluxDB does not answer');
    return { ...from, kept: { identities: new Map(), findings: [why] } };
  }
}

async function examineNats(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const problems: string[] = [];
  const given = readNatsSettings(env, problems);
  if (problems.length > 0) return problems.map(wrong);
  try {
    const nats = await openNats(given, { name: 'footfall doctor', log: pino({ level: 'silent' }) });
    try {
      const share = await streamFilled(nats);
      const said = `NATS answers at ${nats.getServer()}; the stream of records is ${Math.round(share * 100)} % full`;
      return [share < 0.9 ? ok(said) : wrong(`${said}: see that ingesters run and keep up`)];
    } finally {
      await nats.close();
    }
  } catch (error) {
    return [wrong((error as Error).message)];
  }
}

async function examineInflux(env: NodeJS.ProcessEnv, settings: Settings): Promise<Finding[]> {
  const problems: string[] = [];
  const given = readInfluxSettings(env, problems);
  if (problems.length > 0) return problems.map(wrong);
  let connection: InfluxConnection;
  try {
    connection = await openInfluxConnection({ ...given, keepRawDays: settings.keepRawDays });
  } catch (error) {
    return [wrong((error as Error).message)];
  }
  try {
    const findings = [ok(`InfluxDB answers at ${given.url}, organisation ${given.org}`)];
    const tasks = await new RollupTasks(connection, () => systemClock.nowS()).check();
    findings.push(
      ...(tasks.length > 0
        ? tasks.map(({ text }) => wrong(text))
        : [ok('the rollup task is as it should be')]),
    );
    const directories = await openMallDirectories({ folders: [settings.mallsFolder] });
    directories.close();
    for (const mall of directories.current().keys()) findings.push(await examineRollups(connection, mall));
    return findings;
  } catch (error) {
    return [wrong((error as Error).message)];
  } finally {
    connection.close();
  }
}

async function examineRollups(connection: InfluxConnection, mall: string): Promise<Finding> {
  const today = Math.floor(systemClock.nowS() / DAY_S);
  const different = await compareRollups(connection, mall, { from: today - COMPARED_DAYS, to: today - 1 });
  if (different.length === 0)
    return ok(`mall ${mall}: the rollups of the last ${COMPARED_DAYS} days are what their rows say`);
  const [{ day, shop, rollup, rows }] = different as [RollupDifference];
  const where = shop === null ? '' : ` in shop ${shop}`;
  const example = `${formatDay(day)}${where}: ${rollup}, and ${rows} devices have rows`;
  const days = new Set(different.map((difference) => difference.day)).size;
  const help = `run footfall settle --mall ${mall} for them`;
  return wrong(`mall ${mall}: rollups of ${days} days are not what their rows say (${example}); ${help}`);
}
