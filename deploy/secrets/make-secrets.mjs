// Makes every secret that is missing, in a folder of files that others read, each its own: `ingest/`, `api/`, `nats/`,
// `influxdb/`, `prometheus/`, `grafana/`, `simulator/`, and `all/`, from which the others are copied. What is there stays
// as it is, so it may run as often as one likes: after a mall was added, or a folder was restored from `all/` alone.
//
//   node make-secrets.mjs FOLDER MALLS_FOLDER [--keep-owner]
//
// --keep-owner leaves every file with the user who runs this, for one who is not root.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const [folder, mallsFolder, keepOwner] = process.argv.slice(2);
if (mallsFolder === undefined) {
  process.stderr.write('usage: node make-secrets.mjs FOLDER MALLS_FOLDER [--keep-owner]\n');
  process.exit(2);
}

/** The users that the services of docker-compose.yml run as. */
const OWNERS = {
  all: 0,
  ingest: 10001,
  api: 10002,
  simulator: 10003,
  nats: 10004,
  influxdb: 1000,
  prometheus: 65534,
  grafana: 472,
};

/** Begins with a letter: NATS would take some strings that begin with a digit for numbers. */
const password = () => `p${randomBytes(24).toString('hex')}`;
const mallSecret = () => `${randomBytes(32).toString('hex')}\n`;

const malls = readdirSync(mallsFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^[A-Za-z0-9_-]{1,48}$/.test(entry.name))
  .map(({ name }) => name)
  .sort();

const secrets = [
  { name: 'footfall-token', make: password, readers: ['ingest', 'api', 'simulator', 'prometheus'] },
  { name: 'influx-password', make: password, readers: ['influxdb'] },
  { name: 'influx-token', make: password, readers: ['influxdb', 'ingest', 'api'] },
  { name: 'grafana-password', make: password, readers: ['grafana'] },
  { name: 'nats-ingest-password', make: password, readers: ['ingest'] },
  { name: 'nats-api-password', make: password, readers: ['api'] },
  { name: 'nats-edge-password', make: password, readers: [] },
  { name: 'nats-operator-password', make: password, readers: [] },
  { name: 'nats-system-password', make: password, readers: [] },
  ...malls.map((mall) => ({ name: join('malls', mall), make: mallSecret, readers: ['ingest', 'api'] })),
];

let made = 0;
for (const { name, make, readers } of secrets) {
  const text = keep('all', name, make);
  for (const reader of readers) keep(reader, name, () => text, text);
}
const natsPasswords = ['ingest', 'api', 'edge', 'operator', 'system']
  .map(
    (user) =>
      `${user.toUpperCase()}_PASSWORD=${readFileSync(join(folder, 'all', `nats-${user}-password`), 'utf8')}\n`,
  )
  .join('');
keep('nats', 'passwords.env', () => natsPasswords, natsPasswords);
process.stdout.write(`${made} of ${secrets.length} secrets made; malls: ${malls.join(' ')}\n`);

/** The file's text; made when it is missing. One that must be `wanted` and is not ends this before anything is changed. */
function keep(reader, name, make, wanted) {
  const file = join(folder, reader, name);
  if (!existsSync(file)) {
    ownFolder(dirname(file), reader);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, make(), { mode: 0o600, flush: true });
    own(draft, reader, 0o600);
    // A link never replaces a file that another run made meanwhile.
    linkSync(draft, file);
    rmSync(draft);
    if (reader === 'all') made++;
  }
  const text = readFileSync(file, 'utf8');
  if (wanted !== undefined && text !== wanted) {
    process.stderr.write(
      `${file} differs from that of ${join(folder, 'all')}: remove the wrong one, and run this again\n`,
    );
    process.exit(1);
  }
  return text;
}

function ownFolder(path, reader) {
  if (existsSync(path)) return;
  if (path !== folder) ownFolder(dirname(path), reader);
  mkdirSync(path, { mode: 0o700 });
  // Of the folder itself everybody may reach what is his own.
  own(path, reader, path === folder ? 0o711 : 0o700);
}

function own(path, reader, mode) {
  chmodSync(path, mode);
  if (keepOwner !== '--keep-owner') chownSync(path, OWNERS[reader], OWNERS[reader]);
}
