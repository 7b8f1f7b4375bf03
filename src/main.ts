#!/usr/bin/env node
// Libraries leave out their development checks when they are loaded in production: a fifth of the cost of a row.
process.env.NODE_ENV ??= 'production';
const { runCommand } = await import('./commands/run-command.ts');

// A reader that has seen enough, as `head` has, ends a command: that is no mistake. One that collects logs and goes
// away ends nothing.
process.stdout.on(
  'error',
  unlessReaderLeft(() => process.exit()),
);
process.stderr.on(
  'error',
  unlessReaderLeft(() => undefined),
);

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});

function unlessReaderLeft(then: () => void): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== 'EPIPE') throw error;
    then();
  };
}
