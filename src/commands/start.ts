import { once } from 'node:events';
import type { Command } from 'commander';
import { formatDay } from '../calendar.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { StoreInUse } from '../store/duckdb/store-in-use.ts';
import { CannotListen, tryToListen } from './cannot-listen.ts';
import { openDemo } from './demo-mall.ts';
import { Opened } from './opened.ts';
import { mallsFolders } from './operations.ts';
import { port } from './option-values.ts';
import { type Served, serve } from './serve.ts';
import { refuseOpenDoor } from './serve-http.ts';
import { findServer } from './server-file.ts';
import { stopSignal } from './stop-signal.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';
import { openTracing } from './tracing.ts';
import { DATA_FOLDER, makeWritableFolder } from './writable-folder.ts';

const AFTER_HELP = `
Serves every mall of FOOTFALL_MALLS (./malls): one folder a mall, with mall.json, area_shop.csv and place_info.csv.
Changed files are taken up while it runs. Data lie in FOOTFALL_DATA (./data). Ctrl-C drains and stops.

With --demo, an invented mall lives as well: 14 settled days and today so far, then records at a real pace.

Access points send records to POST /v1/probes/<mall>, as NDJSON or a JSON array, gzip accepted:
  curl -H 'content-type: application/x-ndjson' --data-binary @probes.ndjson http://127.0.0.1:4000/v1/probes/<mall>

Examples:
  footfall start --demo
  FOOTFALL_TOKEN=$(openssl rand -hex 16) footfall start --host 0.0.0.0 --port 80`;

interface StartOptions {
  readonly port: number;
  readonly host: string;
  readonly demo?: true;
}

export function addStartCommand(program: Command, terminal: Terminal): void {
  program
    .command('start')
    .description('serve the malls: take records, answer GraphQL')
    .option('--port <port>', 'port to listen on', port, 4000)
    .option('--host <host>', 'address to listen on; beyond loopback it needs FOOTFALL_TOKEN', '127.0.0.1')
    .option('--demo', 'add an invented mall that lives')
    .addHelpText('after', AFTER_HELP)
    .action((options: StartOptions) => start(options, terminal));
}

async function start(options: StartOptions, terminal: Terminal): Promise<void> {
  const settings = readSettings(terminal.env);
  refuseOpenDoor(options.host, settings);
  const stopping = stopSignal();
  const opened = new Opened();
  try {
    opened.add(await openTracing(terminal.env, 'footfall'));
    const served = await open(options, { settings, terminal, stopping, opened });
    await printWelcome(served, terminal);
    if (!stopping.aborted) await Promise.race([once(stopping, 'abort'), brokenDown(served)]);
  } catch (error) {
    if (!stopping.aborted || error !== stopping.reason) throw await explained(error, settings);
  } finally {
    await opened.close();
  }
}

async function open(
  options: StartOptions,
  { settings, terminal, stopping, opened }: Starting,
): Promise<Served> {
  await makeWritableFolder(DATA_FOLDER, settings.dataFolder);
  await tryToListen(options.host, options.port);
  const demo = options.demo ? await openDemo(settings, terminal, stopping) : undefined;
  const served = await serve({
    settings,
    mallsFolders: mallsFolders(settings),
    host: options.host,
    port: options.port,
    logTo: terminal.stderr,
    stopping,
    ...(demo && { beforeListening: demo.backfill }),
  });
  opened.add(() => served.close());
  demo?.live(served.embedded);
  if (demo) opened.add(() => demo.close());
  return served;
}

/** A process that cannot keep anything ends, so that whoever watches it starts it again. */
async function brokenDown({ embedded }: Served): Promise<never> {
  const { cause } = await embedded.broken;
  const [reason] = String((cause as Error | undefined)?.message).split('\n');
  throw new CommandFailed(
    `the data file broke (${reason}); start again when the disk has room: all that was acknowledged is kept`,
  );
}

interface Starting {
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly stopping: AbortSignal;
  readonly opened: Opened;
}

/** Who starts a second server on the same data is best told where the first one is. */
async function explained(error: unknown, { dataFolder }: Settings): Promise<unknown> {
  if (!(error instanceof StoreInUse || error instanceof CannotListen)) return error;
  const running = await findServer(dataFolder);
  if (running === undefined) return error;
  return new CommandFailed(
    `a server already runs on ${dataFolder}: ${running.url} (process ${running.pid}); stop it, or set FOOTFALL_DATA to another folder`,
  );
}

async function printWelcome({ url, embedded }: Served, terminal: Terminal): Promise<void> {
  const codes = embedded.malls.codes();
  const mall = codes[0] ?? '<mall>';
  const today = embedded.malls.find(mall)?.calendar.dayOf(Math.floor(Date.now() / 1000));
  const date = today === undefined ? '2024-06-14' : formatDay(today);
  const lines = [
    '',
    `Footfall serves ${codes.length === 0 ? 'no mall yet: see footfall doctor' : codes.join(', ')}`,
    `  GraphQL    ${url}/graphql   (subscriptions at the same address)`,
    `  Explorer   ${url}/explorer`,
    `  Health     ${url}/livez  ${url}/readyz  ${url}/metrics`,
    '',
    'Three to try in the explorer:',
    `  { mallFootfall(mall: "${mall}", from: "${date}", to: "${date}") { date footfall newCustomers settled asOf } }`,
    `  { topShops(mall: "${mall}", date: "${date}") { rank shop { code name } footfall } }`,
    `  subscription { presentNow(mall: "${mall}") { footfall asOf } }`,
    '',
    'Ctrl-C stops.',
  ];
  await printLine(terminal.stdout, lines.join('\n'));
}
