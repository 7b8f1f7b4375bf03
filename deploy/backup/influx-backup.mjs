// Copies everything of an InfluxDB server (buckets, tasks, tokens, users) into a folder, while it runs:
//   node influx-backup.mjs http://influxdb:8086 TOKEN_FILE FOLDER
// The folder must not be there yet. It is complete when `complete.json` is in it. The token is the operator's.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const [url, tokenFile, folder] = process.argv.slice(2);
if (folder === undefined) fail('usage: node influx-backup.mjs URL TOKEN_FILE FOLDER', 2);
const headers = { authorization: `Token ${readFileSync(tokenFile, 'utf8').trim()}` };

mkdirSync(folder, { mode: 0o700 });
const metadata = await ask('/api/v2/backup/metadata');
const parts = partsOf(Buffer.from(await metadata.arrayBuffer()), metadata.headers.get('content-type'));
for (const name of ['kv', 'sql', 'buckets']) {
  const part = parts.find((part) => part.name === name);
  if (part === undefined) fail(`the server sent no ${name}; is it InfluxDB 2.9 or newer?`);
  writeFileSync(join(folder, name), part.bytes, { mode: 0o600, flush: true });
}
const buckets = JSON.parse(readFileSync(join(folder, 'buckets'), 'utf8'));
const shards = buckets.flatMap(({ retentionPolicies }) =>
  retentionPolicies.flatMap(({ shardGroups }) =>
    (shardGroups ?? [])
      .filter(({ deletedAt }) => deletedAt == null)
      .flatMap(({ shards }) => shards.map(({ id }) => id)),
  ),
);
const gone = [];
for (const id of shards) if (!(await copyShard(id))) gone.push(id);
writeFileSync(join(folder, 'complete.part'), JSON.stringify({ shards: shards.length - gone.length, gone }), {
  flush: true,
});
renameSync(join(folder, 'complete.part'), join(folder, 'complete.json'));
process.stdout.write(`${buckets.length} buckets, ${shards.length - gone.length} shards in ${folder}\n`);

/** False when the shard has expired since the list was made. */
async function copyShard(id) {
  const answer = await fetch(new URL(`/api/v2/backup/shards/${id}`, url), { headers });
  if (answer.status === 404) return false;
  if (!answer.ok) fail(`shard ${id}: ${answer.status} ${await answer.text()}`);
  const file = await open(join(folder, `shard-${id}.tar.gz`), 'wx', 0o600);
  await pipeline(
    Readable.fromWeb(answer.body),
    createGzip({ level: 1 }),
    file.createWriteStream({ flush: true }),
  );
  return true;
}

async function ask(path) {
  const answer = await fetch(new URL(path, url), { headers });
  if (answer.ok) return answer;
  const text = await answer.text();
  fail(
    `${path}: ${answer.status} ${text}${answer.status === 401 ? '; the token must be the one of the operator' : ''}`,
  );
}

/** The parts of a multipart body, by their names. */
function partsOf(bytes, type) {
  const boundary = Buffer.from(`--${/boundary="?([^";]+)/.exec(type)[1]}`);
  const parts = [];
  let from = bytes.indexOf(boundary) + boundary.length + 2;
  for (let next = bytes.indexOf(boundary, from); next >= 0; next = bytes.indexOf(boundary, from)) {
    const bodyFrom = bytes.indexOf('\r\n\r\n', from) + 4;
    const head = bytes.toString('latin1', from, bodyFrom);
    parts.push({ name: /name="?([^";\r]+)/.exec(head)[1], bytes: bytes.subarray(bodyFrom, next - 2) });
    from = next + boundary.length + 2;
  }
  return parts;
}

function fail(reason, code = 1) {
  process.stderr.write(`${reason}\n`);
  process.exit(code);
}
