// Posts the lines of its standard input, as they come, to the address given, with the token of the file given:
//   footfall simulate --mall demo --speed 60 --out - | node post-lines.mjs http://ingest:4000/v1/probes/demo TOKEN_FILE
// A body that was not kept is sent again, so a server that restarts loses nothing, and the pace waits for it.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const [address, tokenFile] = process.argv.slice(2);
const LINES_MAX = 1_000;
const GATHER_MS = 500;
const ANSWER_MS = 30_000;
const REPEAT_MS = 1_000;
const headers = {
  authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
  'content-type': 'application/x-ndjson',
};

let lines = [];
let sentMs = performance.now();
for await (const line of createInterface({ input: process.stdin })) {
  lines.push(line);
  if (lines.length >= LINES_MAX || performance.now() - sentMs >= GATHER_MS) await send();
}
await send();

async function send() {
  const body = lines.join('\n');
  lines = [];
  while (body !== '' && !(await kept(body))) await pause(REPEAT_MS);
  sentMs = performance.now();
}

async function kept(body) {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const answer = await response.text();
    if (response.ok) return true;
    process.stderr.write(`${response.status} ${answer}\n`);
    // What is wrong with the request itself does not get better by repeating it.
    if (response.status < 500 && response.status !== 429) process.exit(1);
  } catch (error) {
    process.stderr.write(`${address} does not answer: ${error.message}\n`);
  }
  return false;
}
