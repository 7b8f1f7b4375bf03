import { describe, test } from '@jest/globals';

/** `test` where a machine can show what the tests are about; elsewhere they are skipped, and one line says so. */
export function testOnlyWhere(can: boolean, what: string, lacking: string): typeof test {
  if (can) return test;
  tellNotRun(what, lacking);
  return test.skip as typeof test;
}

/** The same for a group of tests. */
export function describeOnlyWhere(can: boolean, what: string, lacking: string): typeof describe {
  if (can) return describe;
  tellNotRun(what, lacking);
  return describe.skip as typeof describe;
}

function tellNotRun(what: string, lacking: string): void {
  process.stderr.write(`NOT RUN: ${what}, because ${lacking}\n`);
}
