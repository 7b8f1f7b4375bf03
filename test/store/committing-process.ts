/**
 * A process of its own: opens the file that it is given, says so, and commits without end, one line of output for
 * each commit that was acknowledged. Whoever started it kills it.
 */
import { openDuckDbStore } from '../../src/store/duckdb/duckdb-store.ts';
import { commitOf, recordsOfCommit } from './examples.ts';

const { store } = await openDuckDbStore({ file: process.argv[2]! });
const { codebook, commit } = await store.openMall('killed');
codebook.shop('S1');
process.stdout.write('open\n');
for (let number = commit + 1; ; number++) {
  await store.commit(commitOf('killed', number, codebook, recordsOfCommit(number)));
  process.stdout.write(`${number}\n`);
}
