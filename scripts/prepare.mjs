// Makes a checkout ready to run: installs packages when they are missing or stale, and builds when a source is
// newer than the build. With arguments, it then becomes the program with those arguments: one process, so that a
// signal meant for the program reaches it. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `footfall: Node ${process.versions.node} is too old; install Node 20.19 or newer (nodejs.org)`,
  );
  process.exit(1);
}

function run(command, args, env = process.env) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

function install() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).update(process.version).digest('hex');
  const mark = join(root, 'node_modules', '.footfall-installed');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.error('footfall: installing packages ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(mark, wanted);
}

function newestMs(folder) {
  let newest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestMs(path) : statSync(path).mtimeMs);
  }
  return newest;
}

function build() {
  const mark = join(root, 'dist', '.footfall-built');
  const newest = Math.max(
    newestMs(join(root, 'src')),
    statSync(join(root, 'tsconfig.json')).mtimeMs,
    statSync(join(root, 'node_modules', '.footfall-installed')).mtimeMs,
  );
  if (existsSync(mark) && statSync(mark).mtimeMs >= newest) return;
  console.error('footfall: building ...');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, '');
}

install();
build();
if (process.argv.length > 2) await import('../dist/main.js');
