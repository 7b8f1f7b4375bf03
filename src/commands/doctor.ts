import type { Command } from 'commander';
import { INFLUX_SETTINGS_HELP } from '../config/influx-settings.ts';
import { NATS_SETTINGS_HELP } from '../config/nats-settings.ts';
import {
  readSettings,
  SETTINGS_HELP,
  type SettingHelp,
  type Settings,
  unknownNames,
} from '../config/settings.ts';
import { examineMalls, servedFromDataFolder } from './examine-malls.ts';
import { type Finding, findingOf, note, ok } from './finding.ts';
import { isProduction } from './nats-commands.ts';
import { examineProduction, servedFromInflux } from './nats-examine.ts';
import { findServer, type ServerFile } from './server-file.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';
import { VERSION } from './version.ts';
import { DATA_FOLDER, makeWritableFolder } from './writable-folder.ts';

const AFTER_HELP = `
Prints what is in force and what is wrong, each with what to do. Exit code 1 when something is wrong.

Example:
  FOOTFALL_MALLS=/srv/malls footfall doctor

Settings (environment variables):
${listed(SETTINGS_HELP)}

Of the production shape, which commands work on once NATS_URL is set:
${listed([...NATS_SETTINGS_HELP, ...INFLUX_SETTINGS_HELP])}

OTEL_EXPORTER_OTLP_ENDPOINT sends traces to an OpenTelemetry collector.`;

function listed(settings: readonly SettingHelp[]): string {
  return settings
    .map(({ name, default: value, meaning }) => `  ${name.padEnd(32)} ${meaning} (${value})`)
    .join('\n');
}

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('check settings, folders, malls and versions, and say what to do')
    .addHelpText('after', AFTER_HELP)
    .action(async () => {
      const findings = await examine(terminal);
      for (const { level, text } of findings) await printLine(terminal.stdout, `${level.padEnd(5)} ${text}`);
      const wrong = findings.filter(({ level }) => level === 'wrong').length;
      if (wrong > 0) throw new CommandFailed(`${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong`);
    });
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  const settings = readSettings(terminal.env);
  const { secretsFolder } = settings;
  const secrets = 'secrets folder (FOOTFALL_SECRETS)';
  return [
    ok(`footfall ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`),
    ...unknownNames(terminal.env).map((name) => note(`${name} is not a setting: nothing reads it`)),
    await findingOf(makeWritableFolder(secrets, secretsFolder), `${secrets} is ${secretsFolder}`),
    examineAccess(settings),
    ...(isProduction(terminal.env)
      ? await examineFleet(terminal.env, settings)
      : await examineEmbedded(settings)),
  ];
}

async function examineEmbedded(settings: Settings): Promise<Finding[]> {
  const { dataFolder } = settings;
  const server = await findServer(dataFolder);
  return [
    await findingOf(makeWritableFolder(DATA_FOLDER, dataFolder), `${DATA_FOLDER} is ${dataFolder}`),
    examineServer(server),
    ...(await examineMalls(settings, await servedFromDataFolder(settings, server !== undefined))),
  ];
}

/** No data folder is part of the production shape: whatever lies in one says nothing about it. */
async function examineFleet(env: NodeJS.ProcessEnv, settings: Settings): Promise<Finding[]> {
  return [
    ...(await examineMalls(settings, await servedFromInflux(env, settings))),
    ...(await examineProduction(env, settings)),
  ];
}

function examineServer(server: ServerFile | undefined): Finding {
  if (server === undefined) return ok('no server runs on this data folder; commands open it themselves');
  return ok(`a server runs at ${server.url} (process ${server.pid}); commands go through it`);
}

function examineAccess({ token, noAuth }: Settings): Finding {
  if (token !== null) return ok('requests need the bearer token of FOOTFALL_TOKEN');
  if (noAuth) return note('FOOTFALL_NO_AUTH=yes: anybody who reaches the port may ask anything');
  return ok('no FOOTFALL_TOKEN: the server listens on loopback only');
}
