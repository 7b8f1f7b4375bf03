import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ImportFile } from '../ingest/operations.ts';
import { createImportProgress } from './import-progress.ts';
import { explainNothingKept } from './import-result.ts';
import { addMallOption } from './mall-option.ts';
import { withOperations } from './operations.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

const AFTER_HELP = `
Files are NDJSON (one record a line), a JSON array of records, or CSV with a header that names the fields; gzip is
recognised by its first bytes. A record: {"shop_code":"S0012","occur_time":"1718362800",
"user_device_mac":"a4:c3:61:0b:22:01","rssi":"-61","ap_mac":"3c:8c:f8:00:00:1d"}

The last line printed is one JSON object: lines, kept, dropped by reason, the days with their state, seconds and
records a second. Importing a file twice changes no answer. Dropped records: footfall dead-letters --mall CODE

Examples:
  footfall import june.ndjson.gz --mall shanghai
  zcat archive/*.gz | footfall import - --mall shanghai`;

export function addImportCommand(program: Command, terminal: Terminal): void {
  addMallOption(program.command('import'), 'the mall the records belong to')
    .description('take probe records from files into a mall, and settle the days they touch')
    .argument('<file...>', 'files to read, or - for standard input')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], options: { mall: string }) => {
      const totalBytes = await sizeOf(paths);
      const progress = createImportProgress(terminal, totalBytes);
      try {
        const result = await withOperations(terminal, (operations) =>
          operations.importFiles(options.mall, openFiles(paths, terminal), progress.update),
        );
        progress.stop();
        await printLine(terminal.stdout, JSON.stringify(result));
        await explainNothingKept(result, options.mall, terminal);
      } finally {
        progress.stop();
      }
    });
}

async function* openFiles(paths: readonly string[], terminal: Terminal): AsyncGenerator<ImportFile> {
  for (const path of paths) {
    if (path === '-') {
      yield { name: 'standard input', bytes: terminal.stdin as AsyncIterable<Uint8Array> };
    } else {
      yield { name: path, bytes: createReadStream(path, { highWaterMark: 1 << 20 }) };
    }
  }
}

/** Bytes of all files, or undefined when one is not a plain file. Refuses what cannot be read before anything is. */
async function sizeOf(paths: readonly string[]): Promise<number | undefined> {
  let total: number | undefined = 0;
  for (const path of paths) {
    if (path === '-') {
      total = undefined;
      continue;
    }
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new CommandFailed(`there is no file ${path}; nothing was imported`);
    if (found.isDirectory())
      throw new CommandFailed(`${path} is a folder; name its files, as in ${path}/*.ndjson.gz`);
    if (total !== undefined) total = found.isFile() ? total + found.size : undefined;
  }
  return total;
}
