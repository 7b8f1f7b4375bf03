import { type Command, InvalidArgumentError } from 'commander';
import { formatDay } from '../calendar.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { openDemo } from './demo-mall.ts';
import { mallsFolders } from './operations.ts';
import { type Served, serve } from './serve.ts';
import { readServerFile } from './server-file.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

/** After a signal, what is under way gets so long; then the process ends all the same. */
const DRAIN_MS = 4_500;

const AFTER_HELP = `
Serves every mall of FOOTFALL_MALLS (./malls): one folder a mall, with mall.json, area_shop.csv and place_info.csv.
Changed files are taken up while it runs. Data lie in FOOTFALL_DATA (./data). Ctrl-C drains and stops.

With --demo, an invented mall lives as well: 14 settled days and today so far, then records at a real pace.

Access points send records to POST /v1/probes/<mall>, as NDJSON or a JSON array, gzip accepted:
  curl -H 'content-type: application/x-ndjson' --data-binary @probes.ndjson http://127.0.0.1:4000/v1/probes/<mall>`;

interface StartOptions {
  readonly port: number;
  readonly host: string;
  readonly demo?: true;
}

export function addStartCommand(program: Command, terminal: Terminal): void {
  program
    .command('start')
    .description('serve the malls: take records, answer GraphQL')
    .option('--port <port>', 'port to listen on', asPort, 4000)
    .option('--host <host>', 'address to listen on; beyond loopback it needs FOOTFALL_TOKEN', '127.0.0.1')
    .option('--demo', 'add an invented mall that lives')
    .addHelpText('after', AFTER_HELP)
    .action((options: StartOptions) => start(options, terminal));
}

async function start(options: StartOptions, terminal: Terminal): Promise<void> {
  const settings = readSettings(terminal.env);
  refuseOpenDoor(options.host, settings);
  const running = await readServerFile(settings.dataFolder);
  if (running !== undefined) {
    throw new CommandFailed(
      `a server already runs on ${settings.dataFolder}: ${running.url} (process ${running.pid}); stop it, or set FOOTFALL_DATA to another folder`,
    );
  }
  const demo = options.demo ? await openDemo(settings, terminal) : undefined;
  const served = await serve({
    settings,
    mallsFolders: mallsFolders(settings),
    host: options.host,
    port: options.port,
    logTo: terminal.stderr,
    ...(demo && { beforeListening: demo.backfill }),
  });
  demo?.live(served.embedded);
  const stopped = untilStopped();
  await printWelcome(served, terminal);
  await stopped;
  await drain(served, demo);
}

/** Beyond loopback, whoever reaches the port could read where people are. */
function refuseOpenDoor(host: string, { token, noAuth }: Settings): void {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (loopback || token !== null || noAuth) return;
  throw new CommandFailed(
    `will not listen on ${host} without a token: set FOOTFALL_TOKEN to a secret of at least 16 characters, or FOOTFALL_NO_AUTH=yes when everybody may ask everything`,
  );
}

/** Stays deaf to further signals: npm passes on one that the terminal has already sent. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}

async function drain(served: Served, demo: { close(): Promise<void> } | undefined): Promise<void> {
  const overdue = setTimeout(() => process.exit(0), DRAIN_MS);
  await demo?.close();
  await served.close();
  clearTimeout(overdue);
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

function asPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}
