import type { Command } from 'commander';

/**
 * Adds `--mall`, without which a command does not run. Commander's own required options are asked for before
 * unknown ones are refused: who writes `--mal` would be told that --mall is missing, and not that it is misspelled.
 */
export function addMallOption(command: Command, meaning = 'the mall'): Command {
  return command.option('--mall <code>', meaning).hook('preAction', () => {
    if (command.opts().mall === undefined)
      command.error("error: required option '--mall <code>' not specified");
  });
}
