import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { findServer } from './server-file.ts';
import { CommandFailed, printLine, type Terminal } from './terminal.ts';

/** Posts bodies of NDJSON, in order, to the server that runs on the data folder; a busy one is asked again. */
export async function postRecords(
  bodies: AsyncIterable<Uint8Array>,
  mall: string,
  settings: Settings,
  terminal: Terminal,
): Promise<void> {
  const server = await findServer(settings.dataFolder);
  if (server === undefined) {
    throw new CommandFailed(
      `no server runs on ${settings.dataFolder}; start one (footfall start), or write to a file with --out`,
    );
  }
  let posted = 0;
  for await (const body of bodies) {
    posted += await postBody(`${server.url}/v1/probes/${mall}`, body, settings.token);
    if (terminal.stderr.isTTY === true)
      terminal.stderr.write(`\r${posted.toLocaleString('en')} records posted`);
  }
  await printLine(terminal.stderr, '');
}

async function postBody(url: string, body: Uint8Array, token: string | null): Promise<number> {
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) });
    const answer = await response.text();
    if (response.status === 503) {
      await sleep(1_000 * Number(response.headers.get('retry-after') ?? '1'));
      continue;
    }
    if (!response.ok) throw new CommandFailed(`the server refused the records: ${response.status} ${answer}`);
    return (JSON.parse(answer) as { kept: number }).kept;
  }
}
