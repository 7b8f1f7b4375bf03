import type { Command } from 'commander';
import { readInfluxSettings } from '../config/influx-settings.ts';
import { ConfigError } from '../config/settings.ts';
import { openInfluxConnection } from '../store/influx/influx-connection.ts';
import { RollupTasks } from '../store/influx/tasks/rollup-tasks.ts';
import { systemClock } from './embedded.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
The task in InfluxDB counts the rollups of the newest days every ten seconds; ingesters make it, keep it at their own
version, and mend it. Older days are counted when they settle.

Examples:
  footfall tasks list     the task, when it ran last, and how that ended
  footfall tasks run      counts the newest days now
  footfall tasks check    says what is wrong; exit code 1 when something is`;

/** What the three commands ask. */
export type TasksAsked = Pick<RollupTasks, 'list' | 'run' | 'check'>;

export function addTasksCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('tasks')
    .description('list, run and check the rollup task of InfluxDB (production)')
    .addHelpText('after', AFTER_HELP);
  const add = (name: string, description: string, act: (tasks: TasksAsked) => Promise<void>) =>
    command
      .command(name)
      .description(description)
      .action(() => withTasks(terminal, act));
  add('list', 'list the tasks that Footfall has made', (tasks) => list(tasks, terminal));
  add('run', 'count the newest days now', async (tasks) => {
    await tasks.run();
    await printLine(terminal.stdout, 'counted the newest days');
  });
  add('check', 'say what is wrong with them', (tasks) => check(tasks, terminal));
}

async function withTasks(terminal: Terminal, act: (tasks: TasksAsked) => Promise<void>): Promise<void> {
  const problems: string[] = [];
  const settings = readInfluxSettings(terminal.env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const connection = await openInfluxConnection(settings);
  try {
    await act(new RollupTasks(connection, () => systemClock.nowS()));
  } finally {
    connection.close();
  }
}

async function list(tasks: TasksAsked, terminal: Terminal): Promise<void> {
  const found = await tasks.list();
  if (found.length === 0)
    await printLine(terminal.stdout, 'there is none; an ingester makes it when it starts');
  for (const { id, name, status, latestCompletedS, lastRun, lastError } of found) {
    const at = latestCompletedS === null ? 'never' : new Date(latestCompletedS * 1_000).toISOString();
    const error = lastError === null ? '' : `: ${lastError}`;
    await printLine(
      terminal.stdout,
      `${id}  ${name}  ${status}  completed ${at}  last run ${lastRun ?? 'none'}${error}`,
    );
  }
}

async function check(tasks: TasksAsked, terminal: Terminal): Promise<void> {
  const findings = await tasks.check();
  for (const { problem, text } of findings) await printLine(terminal.stdout, `${problem.padEnd(9)} ${text}`);
  if (findings.length > 0) throw new CommandFailed(`${findings.length} of the task is wrong`);
  await printLine(terminal.stdout, 'the task is as it should be');
}
