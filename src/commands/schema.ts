import type { Command } from 'commander';
import { printFootfallSchema } from '../api/print-schema.ts';
import { printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
Example:
  footfall schema > schema.graphql`;

export function addSchemaCommand(program: Command, terminal: Terminal): void {
  program
    .command('schema')
    .description('print the GraphQL schema (SDL)')
    .addHelpText('after', AFTER_HELP)
    .action(async () => {
      await printLine(terminal.stdout, (await printFootfallSchema()).trimEnd());
    });
}
