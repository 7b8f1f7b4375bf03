import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { type MallDirectories, openMallDirectories } from '../config/mall-directories.ts';
import { readSettings, SETTINGS_HELP, type Settings } from '../config/settings.ts';
import { mallsFolders } from './operations.ts';
import { readServerFile } from './server-file.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

type Finding = { readonly level: 'ok' | 'note' | 'wrong'; readonly text: string };

const AFTER_HELP = `
Prints what is in force and what is wrong, each with what to do. Exit code 1 when something is wrong.

Settings (environment variables):
${SETTINGS_HELP.map(({ name, default: value, meaning }) => `  ${name.padEnd(32)} ${meaning} (${value})`).join('\n')}`;

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
  const findings: Finding[] = [
    {
      level: 'ok',
      text: `footfall ${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    },
  ];
  const settings = readSettings(terminal.env);
  findings.push(await examineFolder('data folder (FOOTFALL_DATA)', settings.dataFolder));
  findings.push(await examineFolder('secrets folder (FOOTFALL_SECRETS)', settings.secretsFolder));
  findings.push(await examineServer(settings));
  findings.push(examineAccess(settings));
  const directories = await openMallDirectories({ folders: mallsFolders(settings) });
  findings.push(...examineMalls(settings, directories));
  directories.close();
  return findings;
}

async function examineFolder(what: string, folder: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK);
    return { level: 'ok', text: `${what} is ${folder}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      level: 'wrong',
      text: `${what} ${folder} cannot be written: ${reason}; choose another or mend its rights`,
    };
  }
}

async function examineServer(settings: Settings): Promise<Finding> {
  const server = await readServerFile(settings.dataFolder);
  return server === undefined
    ? { level: 'ok', text: 'no server runs on this data folder; commands open it themselves' }
    : { level: 'ok', text: `a server runs at ${server.url} (process ${server.pid}); commands go through it` };
}

function examineAccess({ token, noAuth }: Settings): Finding {
  if (token !== null) return { level: 'ok', text: 'requests need the bearer token of FOOTFALL_TOKEN' };
  if (noAuth)
    return { level: 'note', text: 'FOOTFALL_NO_AUTH=yes: anybody who reaches the port may ask anything' };
  return { level: 'ok', text: 'no FOOTFALL_TOKEN: the server listens on loopback only' };
}

function examineMalls(settings: Settings, directories: MallDirectories): Finding[] {
  const findings: Finding[] = [];
  for (const mall of directories.current().values()) {
    const text = `mall ${mall.code}: ${mall.name}, ${mall.timeZone}, ${mall.shops.size} shops, ${mall.accessPoints.size} access points`;
    findings.push({ level: 'ok', text });
  }
  for (const problem of directories.problems().values())
    findings.push({ level: 'wrong', text: problem.message });
  if (findings.length === 0) {
    const text = `no malls in ${settings.mallsFolder} (FOOTFALL_MALLS); make ${settings.mallsFolder}/<code>/ with mall.json, area_shop.csv and place_info.csv, or try footfall start --demo`;
    findings.push({ level: 'note', text });
  }
  return findings;
}
