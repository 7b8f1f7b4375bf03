import { type Command, InvalidArgumentError } from 'commander';
import { EMBED_VIEW_NAMES, type EmbedView, isEmbedView, isSite, signEmbedding } from '../access/embedding.ts';
import { readSettings } from '../config/settings.ts';
import { systemClock } from './embedded.ts';
import { addMallOption } from './mall-option.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

const MINUTE_S = 60;
const HOUR_S = 3_600;
const LONGEST_S = 24 * HOUR_S;

const AFTER_HELP = `
Prints the address of one view of one mall, for a frame of another site:

  <iframe src="<the address>" title="Footfall today"></iframe>

It shows itself in frames of the sites that are listed and nowhere else, and stops working when its time is over: have the
portal's own back end make one for each visit. It is signed with the first of FOOTFALL_JWT_SECRETS, which the server must
have too; to end all of them at once, change that secret.

Example:
  footfall embed --mall shanghai --view top-shops --site https://portal.example --for 2h --url https://footfall.example`;

interface EmbedOptions {
  readonly mall: string;
  readonly view: EmbedView;
  readonly site: readonly string[];
  readonly for: number;
  readonly url: string;
}

export function addEmbedCommand(program: Command, terminal: Terminal): void {
  addMallOption(program.command('embed'))
    .description('make the address of a view for a frame of another site')
    .requiredOption('--view <view>', `what it shows: ${EMBED_VIEW_NAMES.join(', ')}`, viewOf)
    .requiredOption(
      '--site <origins...>',
      'sites whose pages may frame it, as https://portal.example',
      sitesOf,
    )
    .option('--for <time>', 'how long it works, as 30m or 2h, at most 24h', secondsOf, HOUR_S)
    .option('--url <url>', 'where browsers reach the server', urlOf, 'http://127.0.0.1:4000')
    .addHelpText('after', AFTER_HELP)
    .action((options: EmbedOptions) => embed(options, terminal));
}

async function embed(
  { mall, view, site, url, for: lastsS }: EmbedOptions,
  terminal: Terminal,
): Promise<void> {
  const { tokenSecrets, issuer, audience } = readSettings(terminal.env).access;
  const [secret] = tokenSecrets;
  if (secret === undefined) {
    throw new CommandFailed(
      'set FOOTFALL_JWT_SECRETS, here and where the server runs: the address is signed with the first of them',
    );
  }
  const nowS = systemClock.nowS();
  const token = await signEmbedding(
    { view, mall, sites: site },
    { secret, issuer, audience, nowS, expiresAtS: nowS + lastsS },
  );
  await printLine(terminal.stdout, `${url}/embed/${view}?token=${token}`);
}

function viewOf(text: string): EmbedView {
  if (!isEmbedView(text)) throw new InvalidArgumentError(`a view is one of ${EMBED_VIEW_NAMES.join(', ')}.`);
  return text;
}

function sitesOf(text: string, before: readonly string[] = []): string[] {
  if (!isSite(text))
    throw new InvalidArgumentError('write a site as https://portal.example, without a path.');
  return [...before, text];
}

function secondsOf(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,3})([mh])$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === 'h' ? HOUR_S : MINUTE_S);
  if (number === undefined || seconds > LONGEST_S) {
    throw new InvalidArgumentError('write a time as 30m or 2h, at most 24h.');
  }
  return seconds;
}

function urlOf(text: string): string {
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('write it as https://footfall.example.');
  }
  return text.replace(/\/+$/, '');
}
