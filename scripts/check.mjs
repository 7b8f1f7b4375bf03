// Format, lint, types, whether schema.graphql is what the code says, and whether clients of the last release go on working.
// Runs all, then says what failed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentSchemaProblems } from './schema-evolution.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

function passes(name, command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) console.error(`footfall: ${name} failed`);
  return status === 0;
}

function schemaIsCurrent() {
  const { status, stdout } = spawnSync(process.execPath, ['dist/main.js', 'schema'], {
    cwd: root,
    encoding: 'utf8',
  });
  const same = status === 0 && stdout === readFileSync(join(root, 'schema.graphql'), 'utf8');
  if (!same) {
    console.error(
      'footfall: schema.graphql is not what the code says; run: node dist/main.js schema > schema.graphql',
    );
  }
  return same;
}

function schemaKeepsClients() {
  const problems = currentSchemaProblems();
  for (const problem of problems) console.error(`footfall: schema.graphql ${problem}`);
  if (problems.length > 0) {
    console.error('footfall: mend it, or declare it with why in scripts/declared-changes.json');
  }
  return problems.length === 0;
}

const results = [
  passes('format and lint', bin('biome'), ['ci', '--error-on-warnings', '.']),
  passes('types of src', bin('tsc'), ['-p', '.', '--noEmit']),
  passes('types of test', bin('tsc'), ['-p', 'test']),
  schemaIsCurrent(),
  schemaKeepsClients(),
];
process.exit(results.every(Boolean) ? 0 : 1);
