import { type Command, Option } from 'commander';
import { DROP_REASONS, type DropReason } from '../outcome.ts';
import { addMallOption } from './mall-option.ts';
import { withOperations } from './operations.ts';
import { positive } from './option-values.ts';
import { printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
One JSON object a line, newest first: when the record was received, the reason, what was wrong with it, and the record
itself with every address cut to its first three octets. They are kept for FOOTFALL_KEEP_DEAD_LETTER_DAYS (7).

Examples:
  footfall dead-letters --mall shanghai
  footfall dead-letters --mall shanghai --reason bad_time --limit 20 | jq -r .detail`;

export function addDeadLettersCommand(program: Command, terminal: Terminal): void {
  addMallOption(program.command('dead-letters'))
    .description('show the records of a mall that were dropped, and why')
    .addOption(new Option('--reason <reason>', 'of this reason alone').choices(DROP_REASONS))
    .option('--limit <n>', 'at most so many', positive, 100)
    .addHelpText('after', AFTER_HELP)
    .action(async ({ mall, ...filter }: { mall: string; reason?: DropReason; limit: number }) => {
      const letters = await withOperations(terminal, (operations) => operations.deadLetters(mall, filter));
      for (const { receivedAtS, reason, detail, body } of letters) {
        const receivedAt = new Date(receivedAtS * 1000).toISOString();
        await printLine(terminal.stdout, JSON.stringify({ receivedAt, reason, detail, body }));
      }
    });
}
