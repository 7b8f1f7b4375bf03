import type { Command } from 'commander';
import { addMallOption } from './mall-option.ts';
import { withOperations } from './operations.ts';
import { printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
A day settles by itself two hours after its end (settleDelaySeconds). This settles now, without waiting: the day is
computed again from its raw records and its answers are replaced. A day that is not over stays open.

Without --from and --to: every day that is over and has records not yet settled. The last line printed is one JSON
array of the days with their state.

Example:
  footfall settle --mall shanghai --from 2024-06-14 --to 2024-06-15`;

export function addSettleCommand(program: Command, terminal: Terminal): void {
  addMallOption(program.command('settle'))
    .description('settle days of a mall now')
    .option('--from <date>', 'first day, as 2024-06-14')
    .option('--to <date>', 'last day, inside')
    .addHelpText('after', AFTER_HELP)
    .action(async ({ mall, ...days }: { mall: string; from?: string; to?: string }) => {
      const settled = await withOperations(terminal, (operations) => operations.settle(mall, days));
      await printLine(terminal.stdout, JSON.stringify(settled));
    });
}
