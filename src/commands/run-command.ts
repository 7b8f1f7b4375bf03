import { Command, CommanderError } from 'commander';
import { OperationRefused } from '../ingest/operations.ts';
import { addApiCommand } from './api.ts';
import { addDeadLettersCommand } from './dead-letters.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEmbedCommand } from './embed.ts';
import { addImportCommand } from './import.ts';
import { addIngestCommand } from './ingest.ts';
import { addKeysCommand } from './keys.ts';
import { addSchemaCommand } from './schema.ts';
import { addSettleCommand } from './settle.ts';
import { addSimulateCommand } from './simulate.ts';
import { addStartCommand } from './start.ts';
import { addTasksCommand } from './tasks.ts';
import { CommandFailed, EXIT, type Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

const AFTER_HELP = `
Begin with:
  footfall start --demo                      an invented mall that lives, answers at http://127.0.0.1:4000/graphql
  footfall doctor                            checks settings, folders and malls, and says what to do
  footfall import probes.ndjson --mall CODE  takes records from a file into the mall of ./malls/CODE

Settings are environment variables, listed by \`footfall doctor\`.`;

/** Runs one command line. Resolves with the exit code: 0, 1 for bad input, 2 for wrong use. Never throws. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUse;
    terminal.stderr.write(`footfall: ${explain(error)}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('footfall')
    .description('Who is where in a shopping mall, live and exactly, from Wi-Fi probe requests.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help')
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => {
        const [problem, hint] = text
          .replace(/^error: /, '')
          .trim()
          .split('\n');
        write(`footfall: ${problem} ${hint ?? '(run it with --help to see how it is used)'}\n`);
      },
    });
  const adders = [
    addStartCommand,
    addImportCommand,
    addSettleCommand,
    addSimulateCommand,
    addKeysCommand,
    addEmbedCommand,
    addIngestCommand,
    addApiCommand,
    addTasksCommand,
    addDeadLettersCommand,
    addSchemaCommand,
    addDoctorCommand,
  ];
  for (const add of adders) {
    add(program, terminal);
  }
  for (const command of program.commands)
    command.copyInheritedSettings(program).helpOption('-h, --help', 'show help');
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  const misused = error instanceof OperationRefused && error.code === 'BAD_DATE';
  return misused ? EXIT.wrongUse : EXIT.badInput;
}

/** Errors that carry a code were written to be read; anything else is a bug, and shows where. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const written = error instanceof CommandFailed || ('code' in error && typeof error.code === 'string');
  if (!written) return error.stack ?? error.message;
  const cause = error.cause instanceof Error ? ` (${error.cause.message.split('\n')[0]})` : '';
  return `${error.message}${cause}`;
}
