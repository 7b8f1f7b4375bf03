import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { HELP, parseBenchOptions } from './bench-options.ts';
import { PARTS, type PartName } from './parts.ts';
import { type PartResult, runPart, thisMachine } from './report.ts';
import { formatTable } from './table.ts';

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const names = Object.keys(PARTS) as PartName[];
  const { json, quick, days, only, profileFolder } = parseBenchOptions(args, names);
  const folder = mkdtempSync(join(tmpdir(), 'footfall-bench-run-'));
  const nodeFlags = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const tell = (progress: string) => process.stderr.write(`bench: ${progress}\n`);
  try {
    const parts: PartResult[] = [];
    for (const name of only) {
      tell(name);
      parts.push(await runPart(name, () => PARTS[name]({ quick, days, folder, nodeFlags, tell })));
    }
    const report = { machine: thisMachine(), parts };
    if (parts.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : formatTable(report));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${inspect(error)}\n`);
  process.exitCode = 1;
});
