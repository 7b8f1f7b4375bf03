// Puts what influx-backup.mjs copied into a server that holds nothing yet, in place of all it has:
//   node influx-restore.mjs http://influxdb:8086 TOKEN_FILE FOLDER [TOKEN_FILE_OF_BACKUP]
// TOKEN_FILE is the operator's token of the empty server. From the moment the backup's tokens are there, only those hold:
// where the secrets were restored first, it is the same token, and the last argument is not needed.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const [url, tokenFile, folder, tokenFileOfBackup = tokenFile] = process.argv.slice(2);
if (folder === undefined)
  fail('usage: node influx-restore.mjs URL TOKEN_FILE FOLDER [TOKEN_FILE_OF_BACKUP]', 2);
if (!existsSync(join(folder, 'complete.json')))
  fail(`${folder} is no complete backup: complete.json is missing`);
const { shards } = JSON.parse(readFileSync(join(folder, 'complete.json'), 'utf8'));
const files = readdirSync(folder).filter((name) => name.startsWith('shard-'));
if (files.length !== shards) fail(`${folder} should hold ${shards} shards and holds ${files.length}`);
let token = readFileSync(tokenFile, 'utf8').trim();

await refuseServerInUse();
await send('/api/v2/restore/sql', readFileSync(join(folder, 'sql')));
await send('/api/v2/restore/kv', readFileSync(join(folder, 'kv')));
token = readFileSync(tokenFileOfBackup, 'utf8').trim();
for (const name of files) {
  const id = /\d+/.exec(name)[0];
  await send(
    `/api/v2/restore/shards/${id}`,
    Readable.toWeb(createReadStream(join(folder, name)).pipe(createGunzip())),
  );
}
process.stdout.write(`${shards} shards restored; the tokens of the backup hold now\n`);

/** A restore takes the place of everything: that must not happen to a server with data. */
async function refuseServerInUse() {
  const response = await fetch(new URL('/api/v2/buckets?limit=100', url), {
    headers: { authorization: `Token ${token}` },
  });
  if (!response.ok) fail(`/api/v2/buckets: ${response.status} ${await response.text()}`);
  const { buckets } = await response.json();
  const own = buckets
    .filter(({ type, name }) => type !== 'system' && name !== 'first')
    .map(({ name }) => name);
  if (own.length > 0) fail(`the server has buckets (${own.join(', ')}); restore into an empty one`);
}

async function send(path, body) {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/octet-stream' },
    body,
    duplex: 'half',
  });
  if (!response.ok) fail(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

function fail(reason, code = 1) {
  process.stderr.write(`${reason}\n`);
  process.exit(code);
}
