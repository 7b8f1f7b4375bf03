import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { makeKey } from '../access/key-book.ts';
import { isScope, SCOPE_NAMES, SCOPES, type Scope } from '../access/scopes.ts';
import { isMallCode } from '../config/mall-directory.ts';
import type { ApiKey } from '../store/store.ts';
import { withApiKeys } from './api-keys.ts';
import { systemClock } from './embedded.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

const DAY_S = 86_400;
const HOUR_S = 3_600;
const NAME_MAX = 100;

const AFTER_HELP = `
Scopes, each for the malls of the key:
${SCOPE_NAMES.map((scope) => `  ${scope.padEnd(10)} ${SCOPES[scope]}`).join('\n')}

A key is shown once, when it is made: what is kept is a hash. Send it as "authorization: Bearer <key>". A key that is
revoked stops working within two seconds, and its subscriptions end.

Examples:
  footfall keys create --name wallboard --mall shanghai --scope analytics positions
  footfall keys create --name "night export" --all-malls --scope analytics --expires 90d
  footfall keys list
  footfall keys revoke 0k2j4h6g8f1d`;

interface CreateOptions {
  readonly name: string;
  readonly mall?: readonly string[];
  readonly allMalls?: true;
  readonly scope: readonly Scope[];
  readonly expires?: number;
}

export function addKeysCommand(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .description('make, list and revoke API keys')
    .addHelpText('after', AFTER_HELP);
  keys
    .command('create')
    .description('make a key, and show it this once')
    .requiredOption('--name <name>', 'who or what will have it', nameOf)
    .option('--mall <codes...>', 'the malls that it is for', mallsOf)
    .option('--all-malls', 'for every mall, those to come as well')
    .requiredOption('--scope <scopes...>', `what it may do: ${SCOPE_NAMES.join(', ')}`, scopesOf)
    .option(
      '--expires <time>',
      'how long it works, as 12h or 90d; without it, until it is revoked',
      secondsOf,
    )
    .action((options: CreateOptions) => create(options, terminal));
  keys
    .command('list')
    .description('show every key, without its secret')
    .action(() => list(terminal));
  keys
    .command('revoke')
    .description('end a key for good')
    .argument('<id>', 'its id, as list shows it, or the whole key', idOf)
    .action((id: string) => revoke(id, terminal));
}

async function create(options: CreateOptions, terminal: Terminal): Promise<void> {
  const { name, mall, allMalls, scope, expires } = options;
  if ((mall === undefined) === (allMalls === undefined)) {
    throw new CommandFailed('say which malls the key is for: --mall <codes...>, or --all-malls');
  }
  const nowS = systemClock.nowS();
  const expiresAtS = expires === undefined ? null : nowS + expires;
  const wish = { name, malls: mall ?? ('all' as const), scopes: scope, expiresAtS };
  const { key, text } = makeKey(wish, { random: randomBytes, nowS });
  await withApiKeys(terminal, (keys) => keys.put(key));
  await printLine(terminal.stderr, `Key ${key.id} (${name}); it is shown this once:`);
  await printLine(terminal.stdout, text);
}

async function list(terminal: Terminal): Promise<void> {
  for (const key of await withApiKeys(terminal, (keys) => keys.list())) {
    const { id, name, malls, scopes } = key;
    const row = { id, name, malls, scopes, state: stateOf(key) };
    await printLine(
      terminal.stdout,
      JSON.stringify({ ...row, createdAt: instant(key.createdAtS), expiresAt: instant(key.expiresAtS) }),
    );
  }
}

async function revoke(id: string, terminal: Terminal): Promise<void> {
  const revoked = await withApiKeys(terminal, async (keys) => {
    const key = (await keys.list()).find((kept) => kept.id === id);
    if (key === undefined)
      throw new CommandFailed(`there is no key ${id}; footfall keys list shows those there are`);
    if (key.revokedAtS === null) await keys.put({ ...key, revokedAtS: systemClock.nowS() });
    return key;
  });
  await printLine(terminal.stdout, `Key ${id} (${revoked.name}) is revoked.`);
}

function stateOf({ revokedAtS, expiresAtS }: ApiKey): 'revoked' | 'expired' | 'valid' {
  if (revokedAtS !== null) return 'revoked';
  return expiresAtS !== null && expiresAtS <= systemClock.nowS() ? 'expired' : 'valid';
}

function instant(atS: number | null): string | null {
  return atS === null ? null : new Date(atS * 1_000).toISOString();
}

function nameOf(text: string): string {
  if (text.trim() !== '' && text.length <= NAME_MAX) return text.trim();
  throw new InvalidArgumentError(`give a name of at most ${NAME_MAX} characters.`);
}

function mallsOf(code: string, before: readonly string[] = []): string[] {
  if (!isMallCode(code)) throw new InvalidArgumentError('a mall is named by its code.');
  return [...before, code];
}

function scopesOf(text: string, before: readonly Scope[] = []): Scope[] {
  if (!isScope(text)) throw new InvalidArgumentError(`a scope is one of ${SCOPE_NAMES.join(', ')}.`);
  return [...before, text];
}

function secondsOf(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('write a time as 12h or 90d.');
  return Number(number) * (unit === 'h' ? HOUR_S : DAY_S);
}

/** Whoever has the whole key at hand need not look up its id. */
function idOf(text: string): string {
  return /^ffk_([0-9a-z]{12})_/.exec(text)?.[1] ?? text;
}
