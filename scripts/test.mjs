// Runs the tests, and ends with the plain line `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'footfall-tests-'));
const resultFile = join(folder, 'results.json');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const args = ['--experimental-vm-modules', '--no-warnings', jest, '--json', `--outputFile=${resultFile}`];

const { status } = spawnSync(process.execPath, [...args, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['inherit', 'ignore', 'inherit'],
});

let line = '0 passed, 1 failed';
try {
  const results = JSON.parse(readFileSync(resultFile, 'utf8'));
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  if (results.numPendingTests > 0)
    console.log(`${results.numPendingTests} skipped, for what this machine lacks`);
  line = `${results.numPassedTests} passed, ${failed} failed`;
} catch {
  console.error('footfall: the tests did not run to their end');
}
rmSync(folder, { recursive: true, force: true });
console.log(line);
process.exit(status ?? 1);
